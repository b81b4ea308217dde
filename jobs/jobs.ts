import { setTimeout as sleep } from "node:timers/promises";
import { dynamic, job, op, z } from "dqueue";
import { JOB_CONFIGS } from "./job-configs";

const task = z.object({ taskId: z.string(), workMs: z.number() });
const result = z.object({ taskId: z.string(), status: z.enum(["done"]) });

export const generateTasks = op({
  name: "generate_tasks",
  description: "Fans out to the tasks of a run",
  config: z.object({
    jobId: z.string(),
    numTasks: z.number().int().nonnegative().default(10).describe("Tasks of a run"),
    workMs: z.number().nonnegative().default(200).describe("Simulated work of one task, in milliseconds"),
  }),
  out: dynamic(task),
  async *run({ config }) {
    for (let i = 0; i < config.numTasks; i++)
      yield { key: String(i), value: { taskId: `${config.jobId}_task_${i}`, workMs: config.workMs } };
  },
});

export const processTask = op({
  name: "process_task",
  description: "Performs one task: replace the sleep by real work",
  in: task,
  out: result,
  retry: { maxRetries: 3, delayMs: 500, backoff: "exponential", jitter: "full" },
  timeoutMs: 60_000,
  run: async ({ input, log, signal }) => {
    log(`working on ${input.taskId}`);
    await sleep(input.workMs, undefined, { signal });
    return { taskId: input.taskId, status: "done" };
  },
});

export const summarize = op({
  name: "summarize",
  description: "Collects the results of all tasks",
  in: z.array(result),
  out: z.object({ tasks: z.number(), done: z.number() }),
  run: ({ input, log }) => {
    const done = input.filter(({ status }) => status === "done").length;
    log(`${done} of ${input.length} tasks done`);
    return { tasks: input.length, done };
  },
});

/** One job for each entry of JOB_CONFIGS: generate → map → collect. */
export const jobs = JOB_CONFIGS.map(({ name, numTasks, workMs }) =>
  job(
    name,
    { description: `Simulated: ${numTasks} tasks of ${workMs} ms`, defaultConfig: { jobId: name, numTasks, workMs } },
    (g) => {
      const tasks = g.call(generateTasks);
      const results = g.map(tasks, processTask);
      g.call(summarize, g.collect(results));
    },
  ),
);
