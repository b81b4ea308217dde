import { appendFileSync, existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { dynamic, job, op, z } from "dqueue";

const note = (name: string, line: string): void => appendFileSync(`${process.env.MARKS}/${name}`, `${line}\n`);

const hog = op({
  name: "hog",
  run: () => {
    note("hog", String(process.pid));
    for (const held: number[][] = []; ;) held.push(Array.from({ length: 10_000 }, (_, i) => i * 1.5));
  },
});

/** Not a crash to the system: its process says that all is well. */
const quitter = op({
  name: "quitter",
  run: () => {
    note("quitter", String(process.pid));
    process.exit(0);
  },
});

const numbers = op({
  name: "numbers",
  config: z.object({ n: z.number().int() }),
  out: dynamic(z.number()),
  async *run({ config: { n } }) {
    for (let i = 0; i < n; i++) yield { key: String(i), value: i };
  },
});
const sleeper = op({
  name: "sleeper",
  in: z.number(),
  config: z.object({ ms: z.number() }),
  run: ({ config, signal }) => sleep(config.ms, undefined, { signal }),
});

/** Kills the worker that performs it: the parent of its step process. */
const assassin = op({
  name: "assassin",
  run: async () => {
    note("assassin", String(process.ppid));
    process.kill(process.ppid, "SIGKILL");
    await sleep(60_000);
  },
});

/** Its first try fails; the second, its last, goes on until it may end. */
const last = op({
  name: "last",
  retry: { maxRetries: 1, delayMs: 10 },
  run: async ({ attempt, signal }) => {
    if (attempt === 1) throw new Error("not yet");
    note("last", String(attempt));
    while (!existsSync(`${process.env.MARKS}/go`)) await sleep(100, undefined, { signal });
    return attempt;
  },
});

export const jobs = [
  job("hogging", (g) => void g.call(hog)),
  job("quitting", (g) => void g.call(quitter)),
  job("sleeping", (g) => void g.map(g.call(numbers), sleeper)),
  job("killing", (g) => void g.call(assassin)),
  job("lasting", (g) => void g.call(last)),
];
