import { createHash } from "node:crypto";
import { appendFileSync, existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { commandOp, dynamic, folderIoManager, job, op, optional, resource, stream, z } from "dqueue";

const note = (name: string, line: string): void => appendFileSync(`${process.env.MARKS}/${name}`, `${line}\n`);

/** Tells of its life by process. */
const ledger = resource({
  name: "ledger",
  setUp: () => {
    note("ledger", `up ${process.pid}`);
    let entries = 0;
    return { enter: () => ++entries };
  },
  tearDown: () => note("ledger", `down ${process.pid}`),
});

const files = op({
  name: "files",
  config: z.object({ n: z.number().int().default(5) }),
  out: dynamic(z.number()),
  async *run({ config: { n }, progress }) {
    for (let i = 0; i < n; i++) {
      yield { key: `f${i}`, value: i };
      if (i === 1) progress(0.4, "two of five");
    }
  },
});

const measure = op({
  name: "measure",
  in: z.number(),
  out: z.number(),
  resources: { ledger },
  hooks: {
    onSuccess: ({ stepKey, outputs }) => note("op_hooks", `${stepKey} ${JSON.stringify(outputs)}`),
    onFailure: ({ stepKey, error }) => note("op_hooks", `${stepKey} ${error?.message}`),
  },
  run: ({ input, resources }) => {
    resources.ledger.enter();
    if (input === 3) throw new Error("f3 cannot be read");
    return input * 10;
  },
});

const sum = op({
  name: "sum",
  in: stream(z.number()),
  out: z.number(),
  run: async ({ input }) => {
    let total = 0;
    for await (const one of input) total += one;
    return total;
  },
});

const choose = op({
  name: "choose",
  in: z.number(),
  out: { small: optional(z.number()), large: optional(z.number()) },
  run: ({ input }) => (input < 50 ? { small: input } : { large: input }),
});
const whenSmall = op({ name: "when_small", in: z.number(), run: ({ input }) => input });
const behindSmall = op({ name: "behind_small", in: z.unknown(), run: () => null });
const whenLarge = op({ name: "when_large", in: z.number(), run: ({ input }) => `large: ${input}` });

/** Beyond what the database takes. */
const bulk = op({
  name: "bulk",
  queue: "heavy",
  ioManager: folderIoManager({ path: `${process.env.MARKS}/values` }),
  out: z.string(),
  run: () => "é".repeat(3_000_000),
});
const weigh = op({
  name: "weigh",
  queue: "heavy",
  in: z.string(),
  run: ({ input }) => ({
    bytes: Buffer.byteLength(input),
    sha256: createHash("sha256").update(input).digest("hex"),
  }),
});

const PYTHON = `
import json, os, sys
total = json.load(sys.stdin)
print("summing up", total)
print("careful", file=sys.stderr)
with os.fdopen(int(os.environ["DQUEUE_MESSAGES_FD"]), "w") as out:
    out.write(json.dumps({"progress": 0.5, "message": "half"}) + "\\n")
    out.write(json.dumps({"output": {"twice": total * 2}}) + "\\n")
`;
const python = commandOp({
  name: "python",
  command: ["python3", "-c", PYTHON],
  in: z.number(),
  out: z.object({ twice: z.number() }),
});
const report = op({ name: "report", in: z.object({ twice: z.number() }), run: ({ input }) => input.twice });

const firstHour = job(
  "first_hour",
  {
    hooks: {
      onSuccess: ({ runId, failedSteps, error }) => note("job_hooks", `success ${runId} ${failedSteps} ${error}`),
      onFailure: ({ runId }) => note("job_hooks", `failure ${runId}`),
    },
  },
  (g) => {
    const measured = g.map(g.call(files), measure, { blocking: false });
    const total = g.call(sum, g.collect(measured, { failed: "omit" }));
    const { small, large } = g.call(choose, total);
    g.call(behindSmall, g.call(whenSmall, small));
    g.call(whenLarge, large);
    const weighed = g.call(weigh, g.call(bulk));
    g.after(weighed).call(report, g.call(python, total));
  },
);

const broken = op({
  name: "broken",
  hooks: { onFailure: ({ error }) => note("op_hooks", `broken ${error?.message}`) },
  run: () => {
    throw new Error("out of paper");
  },
});
const doomed = job(
  "doomed",
  {
    hooks: {
      onFailure: ({ failedSteps, error }) => note("job_hooks", `failure ${failedSteps} ${error?.message}`),
    },
  },
  (g) => void g.call(broken),
);

const LASTING = `
import os, subprocess, time
child = subprocess.Popen(["sleep", "600"])
with open(os.environ["MARKS"] + "/pids", "a") as pids:
    pids.write(f"{os.getpid()}\\n{child.pid}\\n")
print("waiting", flush=True)
time.sleep(600)
`;
const lasting = commandOp({ name: "lasting", command: ["python3", "-c", LASTING] });

const gate = op({
  name: "gate",
  queue: "heavy",
  run: async ({ signal }) => {
    while (!existsSync(`${process.env.MARKS}/open`)) await sleep(20, undefined, { signal });
  },
});
const ranked = op({ name: "ranked", queue: "heavy", run: ({ stepKey }) => note("ranked", stepKey) });

export const jobs = [
  firstHour,
  doomed,
  job("lasting", (g) => void g.call(lasting)),
  job("gate", (g) => void g.call(gate)),
  job("ranked", (g) => {
    for (const priority of [1, 5, 9])
      for (const copy of ["a", "b"]) g.call(ranked, undefined, { as: `p${priority}${copy}`, priority });
  }),
];
