import { appendFileSync, existsSync } from "node:fs";
import { job, op, runRequest, runStatusSensor, sensor, z } from "dqueue";

const marks = (name: string): string => `${process.env.MARKS}/${name}`;
const note = (name: string, line: string): void => appendFileSync(marks(name), `${line}\n`);

const broken = op({
  name: "broken",
  run: ({ runId }) => {
    note("broken", runId);
    throw new Error("the file cannot be read");
  },
});
const counted = op({
  name: "counted",
  config: z.object({ n: z.number().int() }),
  run: ({ config, runId }) => note("counted", `${config.n} ${runId}`),
});
const flooded = op({ name: "flooded", run: () => null });
const watched = op({
  name: "watched",
  config: z.object({ fail: z.boolean() }),
  run: ({ config }) => {
    if (config.fail) throw new Error("as told");
  },
});

export const jobs = {
  ingest: job("ingest", (g) => void g.call(broken)),
  count: job("count", (g) => void g.call(counted)),
  other: job("other", (g) => void g.call(counted)),
  flood: job("flood", (g) => void g.call(flooded)),
  watch: job("watch", (g) => void g.call(watched)),
};

/** Always asks for the one file that there is. */
const files = sensor({
  name: "files",
  job: jobs.ingest,
  minimumIntervalSeconds: 0.2,
  evaluate: () => runRequest({ runKey: "file-1" }),
});

/** Five requests; the third cannot be launched until the file of that name is there. */
const batch = (name: string, third: { job?: string; config: { n: number } }) =>
  sensor({
    name,
    jobs: [jobs.count, jobs.other],
    minimumIntervalSeconds: 0.5,
    evaluate: ({ cursor, setCursor }) => {
      if (cursor === "c1") return;
      setCursor("c1");
      return [1, 2, 3, 4, 5].map((n) => {
        const wrong = n === 3 && !existsSync(marks(`${name}-repaired`));
        return runRequest({ runKey: `${name}-r${n}`, config: { n }, ...(wrong && third) });
      });
    },
  });

/** 200 runs at once; says so before the daemon launches them. */
const flood = sensor({
  name: "flood",
  job: jobs.flood,
  minimumIntervalSeconds: 0.2,
  evaluate: ({ cursor, setCursor }) => {
    if (cursor === "done") return;
    setCursor("done");
    note("flood", "asked");
    return Array.from({ length: 200 }, (_, n) => runRequest({ runKey: `f${n}` }));
  },
});

const told = (name: string, status: "SUCCESS" | "FAILURE") =>
  runStatusSensor({
    name,
    statuses: [status],
    jobs: [jobs.watch],
    minimumIntervalSeconds: 1,
    defaultStatus: "RUNNING",
    run: ({ run }) => note(name, `${run.id} ${run.status} ${run.error ?? ""}`),
  });

export const sensors = [
  files,
  batch("misfit", { config: { n: "three" as unknown as number } }),
  batch("stray", { job: "nowhere", config: { n: 3 } }),
  flood,
  told("failures", "FAILURE"),
  told("successes", "SUCCESS"),
];
