import type { DqueueClient, Queue, Run, StepSummary } from "../../client";
import { connect } from "../connect";
import { inOneLine, say } from "../print";

/** Prints, in sentences, what a run waits for, or why it ended as it did. */
export const why = async (id: string): Promise<void> => {
  const client = connect();
  const run = await client.runs.get(id);
  for (const sentence of await reasonsOf(client, run)) say(sentence);
};

const reasonsOf = async (client: DqueueClient, run: Run): Promise<string[]> => {
  switch (run.status) {
    case "SUCCESS":
    case "CANCELED":
      return [`The run ended: ${run.status}.`];
    case "FAILURE":
      return [
        `The run failed: ${inOneLine(run.error?.message ?? "it does not say why")}.`,
        ...(await failures(client, run)),
      ];
    case "QUEUED":
      return [await queuedReason(client)];
    default:
      return stepReasons(client, run);
  }
};

const failures = async (client: DqueueClient, { id }: Run): Promise<string[]> => {
  const failed = await take(client.runs.allSteps(id, { status: ["FAILURE"] }));
  return failed.map(({ key, error }) => `${key} failed: ${inOneLine(error?.message ?? "")}`);
};

const queuedReason = async (client: DqueueClient): Promise<string> => {
  const { items: live } = await client.runs.list({ status: ["STARTING", "STARTED", "CANCELING"], limit: 1_000 });
  const { settings, shards } = await client.deployment();
  if (shards.some(({ id, live: owned }) => id === 0 && !owned))
    return "The run is queued, and nobody lets runs start: shard 0 has no living owner. Start a daemon.";
  const limits = settings.find(({ name }) => name === "MAX_CONCURRENT_RUNS")?.values.map(({ value }) => value) ?? [];
  return `The run is queued: ${live.length} runs are under way, of ${limits.join(" or ")} that MAX_CONCURRENT_RUNS allows.`;
};

const stepReasons = async (client: DqueueClient, { id, status }: Run): Promise<string[]> => {
  const open = await take(client.runs.allSteps(id, { status: ["QUEUED", "STARTED", "UP_FOR_RETRY"] }));
  if (open.length === 0) return [`The run is ${status}, and none of its steps is open: its owner is about to go on.`];
  const { items: queues } = await client.queues.list();
  return [
    ...open.filter(({ status }) => status === "STARTED").map((step) => `${step.key} runs on ${step.worker}.`),
    ...open
      .filter(({ status }) => status === "UP_FOR_RETRY")
      .map((step) => `${step.key} failed and is tried again at ${step.retry_at}.`),
    ...waits(
      open.filter(({ status }) => status === "QUEUED"),
      queues,
    ),
  ];
};

const waits = (waiting: StepSummary[], queues: Queue[]): string[] =>
  [...new Set(waiting.map(({ queue }) => queue))].map((name) => {
    const steps = waiting.filter(({ queue }) => queue === name).map(({ key }) => key);
    const what = `${steps.length === 1 ? `${steps[0]} waits` : `${steps[0]} and ${steps.length - 1} more wait`} in queue ${name}`;
    const queue = queues.find((one) => one.name === name);
    if (!queue || queue.workers === 0) return `${what}, from which no worker takes.`;
    return `${what}: ${queue.busy} of its ${queue.slots} slots are busy, ${queue.queued} steps of all runs wait there.`;
  });

/** As many as a person reads. */
const SHOWN = 20;

const take = async <T>(all: AsyncIterable<T>): Promise<T[]> => {
  const taken: T[] = [];
  for await (const one of all) {
    taken.push(one);
    if (taken.length === SHOWN) break;
  }
  return taken;
};
