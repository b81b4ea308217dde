/**
 * A code location for tests that count executions: each one appends `<run> <step key> <attempt> <worker's pid>` to the
 * file `executions` before it does anything else.
 */
export const COUNTED_JOBS = `
import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { dynamic, job, op, z } from "dqueue";

const note = ({ runId, stepKey, attempt }: { runId: string; stepKey: string; attempt: number }) =>
  appendFileSync(process.env.MARKS + "/executions", [runId, stepKey, attempt, process.ppid].join(" ") + "\\n");

const keys = op({
  name: "keys",
  config: z.object({ n: z.number().int().nonnegative().default(5) }),
  out: dynamic(z.number()),
  async *run(context) {
    note(context);
    for (let i = 0; i < context.config.n; i++) yield { key: String(i), value: i };
  },
});
const work = op({
  name: "work",
  config: z.object({ ms: z.number().default(0) }),
  in: z.number(),
  out: z.number(),
  run: async (context) => {
    note(context);
    await sleep(context.config.ms);
    return context.input;
  },
});
const total = op({
  name: "total",
  in: z.array(z.number()),
  out: z.array(z.number()),
  run: async (context) => {
    note(context);
    return context.input;
  },
});
export const fan = job("fan", (g) => {
  g.call(total, g.collect(g.map(g.call(keys), work)));
});

const zero = op({
  name: "zero",
  out: z.number(),
  run: async (context) => {
    note(context);
    return 0;
  },
});
const link = op({
  name: "link",
  config: z.object({ ms: z.number().default(0) }),
  in: z.number(),
  out: z.number(),
  run: async (context) => {
    note(context);
    await sleep(context.config.ms);
    return context.input + 1;
  },
});
/** Fifty steps in a row. */
export const chain = job("chain", (g) => {
  let last = g.call(zero);
  for (let i = 0; i < 49; i++) last = g.call(link, last);
});

const boom = op({
  name: "boom",
  run: async (context) => {
    note(context);
    throw new TypeError("it broke");
  },
});
export const failing = job("failing", (g) => void g.call(boom));
`;
