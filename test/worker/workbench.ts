import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Json } from "../../core/json";
import type { LogLine, Report, StepAction, WorkerBeat } from "../../core/messages";
import { type CodeBundle, buildBundle } from "../../runtime/bundle";
import { Executor } from "../../worker/executor";
import type { ExecutorPorts, ExecutorSettings } from "../../worker/ports";
import { type PoolSettings, StepPool } from "../../worker/step-pool";
import { systemClock } from "../../worker/system-clock";

export type EndReport = Extract<Report, { type: "succeeded" | "failed" | "lost" | "released" | "canceled" }>;
const ENDS = new Set(["succeeded", "failed", "lost", "released", "canceled"]);

/** Writes a code location into a folder of its own; `remove` takes it away. */
export const codeLocation = (files: Record<string, string>): { folder: string; cache: string; remove(): void } => {
  const home = mkdtempSync(join(tmpdir(), "dqueue-code-"));
  const folder = home;
  const cache = mkdtempSync(join(tmpdir(), "dqueue-cache-"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return {
    folder,
    cache,
    remove: () => {
      rmSync(home, { recursive: true, force: true });
      rmSync(cache, { recursive: true, force: true });
    },
  };
};

export interface Worker {
  executor: Executor;
  pool: StepPool;
  bundle: CodeBundle;
  location: ReturnType<typeof codeLocation>;
  reports: Report[];
  beats: WorkerBeat[];
  warnings: string[];
  /** Output of step processes that belongs to no step. */
  output: string[];
  stored: Map<string, Json>;
  /** An action for the op, with a fence of its own. */
  action(op: string, more?: Partial<StepAction>): StepAction;
  /** Delivers it alone and resolves with the report of its end. */
  perform(op: string, more?: Partial<StepAction>): Promise<EndReport>;
  /** Resolves when a report matches, past ones included. */
  when(matches: (report: Report) => boolean): Promise<Report>;
  /** The lines of a step so far. */
  lines(step: string): LogLine[];
  stop(): Promise<void>;
}

/** The real executor on real step processes; only the bus and the store are kept in memory. */
export const startWorker = async (
  files: Record<string, string>,
  pool: Partial<PoolSettings> = {},
  settings: Partial<ExecutorSettings> = {},
  ports: Partial<ExecutorPorts> = {},
): Promise<Worker> => {
  const location = codeLocation(files);
  const { bundle } = await buildBundle(location.folder, location.cache);
  const reports: Report[] = [];
  const beats: WorkerBeat[] = [];
  const warnings: string[] = [];
  const output: string[] = [];
  const stored = new Map<string, Json>();
  const waiting = new Set<() => void>();
  const steps = new StepPool(
    bundle,
    { processes: 1, concurrency: 1, reserve: 0, ...pool },
    { output: (text) => void output.push(text), warn: (message) => void warnings.push(message) },
  );
  const executor = new Executor(
    {
      clock: systemClock,
      random: Math.random,
      pool: steps,
      pid: process.pid,
      values: {
        store: async (value) => {
          stored.set(`v${stored.size}`, value);
          return `v${stored.size - 1}`;
        },
        load: async (ref) => stored.get(ref)!,
        loadListPage: async () => ({ values: [], next: null }),
      },
      report: async (_shard, batch) => {
        reports.push(...batch);
        for (const look of waiting) look();
      },
      publishBeat: async (beat) => void beats.push(beat),
      vitals: () => ({ cpu: 0, rss: 0 }),
      warn: (message) => void warnings.push(message),
      ...ports,
    },
    () => ({
      ...{
        worker: "worker-1",
        host: "here",
        pid: process.pid,
        queues: ["default"],
        codeVersion: bundle.version,
        ops: 1,
      },
      processes: pool.processes ?? 1,
      concurrency: pool.concurrency ?? 1,
    }),
    { graceMs: 300, ...settings },
  );
  let fence = 1_000;
  const action: Worker["action"] = (op, more = {}) => ({
    ...{ shard: 0, run: "run-1", job: "tests", step: `${op}#${fence}`, node: op, op, path: [], fence: fence++ },
    ...{ attempt: 1, timeoutMs: null, inputs: {}, config: {}, tags: {} },
    ...more,
  });
  const when: Worker["when"] = (matches) =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = reports.find(matches);
        if (!found) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  return {
    ...{ executor, pool: steps, bundle, location, reports, beats, warnings, output, stored, action, when },
    perform: async (op, more) => {
      const one = action(op, more);
      await executor.deliver([one], { redelivered: false });
      return endOf(reports, one);
    },
    lines: (step) => reports.flatMap((r) => (r.type === "logs" && r.step === step ? r.chunk.lines : [])),
    stop: async () => {
      await steps.stop();
      location.remove();
    },
  };
};

/** The one report of a dispatch's end. */
export const endOf = (reports: Report[], { step, fence }: Pick<StepAction, "step" | "fence">): EndReport => {
  const ends = reports.filter((r) => ENDS.has(r.type) && r.step === step && r.fence === fence);
  if (ends.length !== 1) throw new Error(`${ends.length} ends of ${step}: ${JSON.stringify(ends)}`);
  return ends[0] as EndReport;
};

/** Ops as the text of a code location: a job "tests" that calls each of them, wired with whatever fits. */
export const jobOf = (...ops: string[]): string =>
  `import { op, job, dynamic, optional, stream, resource, z, Failure, RetryRequested } from "dqueue";
const value = op({ name: "a_value", run: () => null });
const items = op({ name: "some_items", out: dynamic(z.any()), async *run() {} });
const same = op({ name: "same", in: z.any(), run: ({ input }) => input });
const ops = [${ops.join(",\n")}];
export const tests = job("tests", (g) => {
  const one = g.call(value);
  const list = g.collect(g.map(g.call(items), same));
  for (const each of ops as any[]) {
    const wiring = each.inputs.map((field) => [field.name, field.stream ? list : one]);
    g.call(each, wiring.length === 0 ? undefined : wiring[0][0] === "" ? wiring[0][1] : Object.fromEntries(wiring));
  }
});
`;
