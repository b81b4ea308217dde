/** A code location that shows every way in which a run can end; `waiting` goes on until the workspace has a file `go`. */
export const JOBS = `
import { dynamic, job, op, runRequest, sensor, skip, z } from "dqueue";
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const numbers = op({
  name: "numbers",
  config: z.object({ n: z.number().int().nonnegative().default(5) }),
  out: dynamic(z.number()),
  async *run({ config }) {
    for (let i = 0; i < config.n; i++) yield { key: String(i), value: i };
  },
});
const double = op({
  name: "double",
  in: z.number(),
  out: z.number(),
  run: async ({ input, log }) => {
    log.info("doubling " + input);
    return input * 2;
  },
});
const sum = op({
  name: "sum",
  in: z.array(z.number()),
  out: z.object({ sum: z.number() }),
  run: async ({ input }) => ({ sum: input.reduce((a, b) => a + b, 0) }),
});
export const doubles = job("doubles", (g) => {
  g.call(sum, g.collect(g.map(g.call(numbers), double)));
});

const boom = op({
  name: "boom",
  out: z.string(),
  run: async (): Promise<string> => {
    throw new TypeError("it broke");
  },
});
export const failing = job("failing", (g) => void g.call(boom));

const wait = op({
  name: "wait",
  out: z.string(),
  run: async ({ signal, log }) => {
    log.info("waiting");
    while (!existsSync(process.env.HOME + "/go")) await sleep(50, undefined, { signal });
    return "waited";
  },
});
export const waiting = job("waiting", (g) => void g.call(wait));

export const once = sensor({
  name: "once",
  job: doubles,
  minimumIntervalSeconds: 1,
  defaultStatus: "RUNNING",
  evaluate: ({ cursor, setCursor }) => {
    if (cursor !== null) return skip("it was done before");
    setCursor("done");
    return runRequest({ config: { n: 2 } });
  },
});

export const asleep = sensor({ name: "asleep", job: doubles, evaluate: () => skip("it is told nothing") });
`;
