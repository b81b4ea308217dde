import { readFileSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { startCluster } from "./cluster";
import { listSchedule } from "./list-schedule";
import type { Servers } from "./servers";
import { median } from "./median";

/** Recorded times are divided by this. */
const FASTER = 1_000;
/** As many as leave a scheduler without costs within 1.3 of the bound for each workflow; with 16 bwa needs 1.43. */
export const SLOTS = 32;

/** A recorded run of a real workflow. */
interface Workflow {
  /** `name`: of its program; `parents` are positions in the list, and tasks may stand before them. */
  tasks: { id: string; name: string; parents: number[]; seconds: number }[];
}

export interface WorkflowResult {
  name: string;
  tasks: number;
  /** Mean time of a step, in ms, as it was asked to take. */
  stepMs: number;
  criticalPathMs: number;
  /** All steps' times ÷ slots: no faster than this, even without dependencies. */
  workMs: number;
  makespanMs: number;
  /** makespan ÷ max(critical path, work ÷ slots), which no schedule goes below. */
  ratio: number;
  /** The same of a scheduler without costs that takes what became ready first: what could be hoped for. */
  idealRatio: number;
}

/** Runs each workflow (*.json, *.json.gz) of a folder, its times divided by 1,000; medians of the rounds. */
export const runWorkflows = async (
  servers: Servers,
  folder: string,
  rounds: number,
  done: (result: WorkflowResult) => void,
): Promise<WorkflowResult[]> => {
  const files = readdirSync(folder).filter((file) => /\.json(\.gz)?$/.test(file));
  if (files.length === 0) throw new Error(`There is no workflow (*.json, *.json.gz) in ${folder}.`);
  const workflows = files
    .sort()
    .map((file) => ({ name: basename(file).replace(/\.json(\.gz)?$/, ""), ...read(join(folder, file)) }));
  const cluster = await startCluster(servers, codeOf(workflows), SLOTS);
  const results: WorkflowResult[] = [];
  try {
    // What runs for days has been compiled: up to a third of the CPU of the first ten thousand steps is the compiler's.
    for (let i = 0; i < 20; i++) await cluster.perform("warm_up", {}, 1);
    for (const [index, workflow] of workflows.entries()) {
      const job = `workflow_${index}`;
      await cluster.perform(job, {}, 1); // The first run compiles the plan.
      const seconds: number[] = [];
      for (let round = 0; round < rounds; round++) seconds.push((await cluster.perform(job, {}, 1)).sinceStart);
      results.push(resultOf(workflow, median(seconds) * 1_000));
      done(results.at(-1)!);
    }
  } finally {
    await cluster.stop();
  }
  return results;
};

const read = (file: string): Workflow => {
  const bytes = readFileSync(file);
  const { tasks } = JSON.parse((file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString()) as Workflow;
  if (!Array.isArray(tasks)) throw new Error(`${file} is no workflow: it has no list "tasks".`);
  return { tasks };
};

const milliseconds = (seconds: number): number => Math.round((seconds * 1_000) / FASTER);

const codeOf = (workflows: readonly Workflow[]): Record<string, string> => ({
  "workflows.json": JSON.stringify(
    workflows.map(({ tasks }) => tasks.map(({ name, parents, seconds }) => [name, milliseconds(seconds), parents])),
  ),
  "index.ts": `import { setTimeout } from "node:timers/promises";
import { dynamic, job, op, z } from "dqueue";
import workflows from "./workflows.json";

const program = (name: string) =>
  op({
    name,
    config: z.object({ ms: z.number().int() }),
    in: z.array(z.number()),
    out: z.number(),
    run: async ({ config, input }) => {
      if (config.ms > 0) await setTimeout(config.ms);
      return 1 + Math.max(0, ...input);
    },
  });
const programs = new Map<string, ReturnType<typeof program>>();
const programOf = (name: string) => {
  const id = name.replace(/\\W/g, "_");
  if (!programs.has(id)) programs.set(id, program(id));
  return programs.get(id)!;
};

const generate = op({
  name: "generate",
  out: dynamic(z.number()),
  async *run() {
    for (let i = 0; i < 1_000; i++) yield { key: String(i), value: i };
  },
});
const wait = op({ name: "wait", in: z.number(), run: () => setTimeout(20) });
export const warmUp = job("warm_up", (g) => {
  g.map(g.call(generate), wait);
});

export const jobs = (workflows as [name: string, ms: number, parents: number[]][][]).map((tasks, index) =>
  job(\`workflow_\${index}\`, (g) => {
    const calls: unknown[] = [];
    const call = (position: number): any => {
      const [name, ms, parents] = tasks[position]!;
      return (calls[position] ??= g.call(programOf(name), parents.map(call), {
        as: \`task_\${position}\`,
        config: { ms },
      }));
    };
    tasks.forEach((_, position) => call(position));
  }),
);
`,
});

const resultOf = ({ name, tasks }: Workflow & { name: string }, makespanMs: number): WorkflowResult => {
  const times = tasks.map(({ seconds }) => milliseconds(seconds));
  const total = times.reduce((sum, time) => sum + time, 0);
  const ends: number[] = [];
  const endOf = (task: number): number =>
    (ends[task] ??= times[task]! + tasks[task]!.parents.reduce((latest, parent) => Math.max(latest, endOf(parent)), 0));
  const criticalPathMs = tasks.reduce((latest, _, task) => Math.max(latest, endOf(task)), 0);
  const workMs = total / SLOTS;
  const bound = Math.max(criticalPathMs, workMs);
  const ideal = listSchedule(
    tasks.map(({ parents }, task) => ({ ms: times[task]!, parents })),
    SLOTS,
  );
  return {
    ...{ name, tasks: tasks.length, stepMs: total / tasks.length, criticalPathMs, workMs, makespanMs },
    ...{ ratio: makespanMs / bound, idealRatio: ideal / bound },
  };
};
