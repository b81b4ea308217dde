import type { GraphNode, GraphSnapshot } from "../core/graph";
import { compilePlan } from "../core/plan";
import { restoreRun } from "../core/restore";
import type { Run } from "../core/run";
import type { RunEvent } from "../core/run-events";
import { transition } from "../core/transition";

/**
 * What an event costs `transition`, in microseconds, by the number of children of one fan-out: it must stay flat.
 * Run it with `npx tsx bench/core.ts [most children, 100000]`.
 */
const main = (most: number): void => {
  time(1_000); // Warms the code up.
  console.log("children     events   µs/event   slowest event ms   heap MB");
  for (let children = 1_000; children <= most; children *= 10) {
    const { events, seconds, slowest, heap } = time(children);
    const columns = [
      String(children).padStart(8),
      String(events).padStart(10),
      ((seconds * 1e6) / events).toFixed(2).padStart(10),
    ];
    console.log([...columns, (slowest * 1e3).toFixed(1).padStart(18), (heap / 1e6).toFixed(0).padStart(9)].join(" "));
  }
};

const node = (name: string, more: Partial<GraphNode>): GraphNode => ({
  name,
  op: name,
  scope: [],
  dynamic: false,
  outputs: [{ name: "result", optional: false }],
  inputs: [],
  after: [],
  config: null,
  retry: { maxRetries: 0, delayMs: 0, backoff: null, jitter: null },
  timeoutMs: null,
  queue: "default",
  priority: 5,
  pool: null,
  tags: {},
  blocking: true,
  ...more,
});

const input = (of: string, collect: boolean): GraphNode["inputs"] => [
  { name: "", sources: [{ node: of, output: "result", collect }], list: collect, omitFailed: false, stream: false },
];

const GRAPH: GraphSnapshot = {
  version: 1,
  job: "bench",
  description: null,
  tags: {},
  nodes: [
    node("generate", { dynamic: true }),
    node("map", { scope: ["generate"], inputs: input("generate", false) }),
    node("collect", { inputs: input("map", true) }),
  ],
  configSchema: {},
  defaultConfig: null,
  hooks: { onSuccess: false, onFailure: false },
};

const newRun = (): Run =>
  restoreRun(
    {
      ...{ id: "bench", job: "bench", shard: 0, status: "QUEUED", priority: 0, tags: {}, config: {}, graph: GRAPH },
      ...{ selection: null, parentRunId: null, rootRunId: null, createdAt: 1, admittedAt: null, startedAt: null },
      ...{ endedAt: null, cancelRequestedAt: null, failureReason: null, seq: 1 },
    },
    compilePlan(GRAPH),
    { steps: [], items: [] },
  );

/** Performs 1 → children → 1, in the order in which reports come in: starts and ends of children between each other. */
const time = (children: number): { events: number; seconds: number; slowest: number; heap: number } => {
  const run = newRun();
  let [events, slowest, total, fence] = [0, 0, 0, 0];
  const send = (event: RunEvent): void => {
    const begin = performance.now();
    transition(run, event);
    const took = (performance.now() - begin) / 1e3;
    total += took;
    slowest = Math.max(slowest, took);
    events++;
  };
  const who = { worker: "w1", pid: 1 };
  const dispatch = (step: string): { step: string; fence: number; at: number } => {
    const of = { step, fence: ++fence, at: events };
    send({ type: "DISPATCHED", ...of });
    send({ type: "STARTED", ...of, ...who });
    return of;
  };
  send({ type: "ADMITTED", at: 0 });
  const generate = dispatch("generate");
  for (let i = 0; i < children; i++) send({ type: "ITEM", ...generate, key: String(i), value: { value: i } });
  send({ type: "SUCCEEDED", ...generate, ...who, startedAt: 0, outputs: {}, items: children });
  const outputs = { result: { value: 1 } };
  for (let i = 0; i < children; i++)
    send({ type: "SUCCEEDED", ...dispatch(`map[${i}]`), ...who, startedAt: 0, outputs });
  send({ type: "SUCCEEDED", ...dispatch("collect"), ...who, startedAt: 0, outputs });
  if (run.status !== "SUCCESS") throw new Error(`The run of ${children} children ended ${run.status}, not SUCCESS.`);
  return { events, seconds: total, slowest, heap: process.memoryUsage().heapUsed };
};

main(Number(process.argv[2] ?? 100_000));
