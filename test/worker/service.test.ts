import { type Context, ServiceBroker, type ServiceSchema } from "moleculer";
import { type Bus, createBus } from "../../bus";
import type { Report, StepAction, WorkerBeat, WorkerOrder } from "../../core/messages";
import { buildBundle } from "../../runtime/bundle";
import { executorService } from "../../services/executor.service";
import { StepPool } from "../../worker/step-pool";
import { systemClock } from "../../worker/system-clock";
import { codeLocation, jobOf } from "./workbench";

const OPS = [
  `op({ name: "double", in: z.number(), run: ({ input, log }) => { log("doubling"); return 2 * input; } })`,
  `op({ name: "deaf", run: () => new Promise(() => setInterval(() => {}, 1000)) })`,
];

let broker: ServiceBroker;
let bus: Bus;
let location: ReturnType<typeof codeLocation>;
const attempts: { action: StepAction; requestID: string | null }[] = [];
const reports: Report[] = [];
const waiting = new Set<() => void>();

const when = <T extends Report["type"]>(type: T, fence: number): Promise<Extract<Report, { type: T }>> =>
  new Promise((resolve) => {
    const look = (): void => {
      const found = reports.find((r) => r.type === type && r.fence === fence);
      if (!found) return;
      waiting.delete(look);
      resolve(found as Extract<Report, { type: T }>);
    };
    waiting.add(look);
    look();
  });

/** Takes the mailboxes' lines down, in the owner's place. */
const mailbox: ServiceSchema = {
  name: "coordinator",
  actions: {
    receive: {
      durable: { key: "shard" },
      handler: (ctx: Context<Report[]>) => {
        reports.push(...ctx.params);
        for (const look of waiting) look();
        return Promise.resolve();
      },
    },
  },
};

beforeAll(async () => {
  location = codeLocation({ "index.ts": jobOf(...OPS) });
  const { bundle } = await buildBundle(location.folder, location.cache);
  bus = createBus({ mode: "local", namespace: "executor-test", slots: 4 });
  const sees = {
    name: "Sees",
    localAction: (next: (ctx: Context) => Promise<unknown>, action: { name: string }) => (ctx: Context) => {
      if (action.name === "executor.attempt") {
        const { action: step } = ctx.params as { action: StepAction };
        attempts.push({ action: step, requestID: ctx.requestID });
      }
      return next(ctx);
    },
  };
  broker = new ServiceBroker({ logger: false, middlewares: [bus.middleware, sees] as never });
  broker.createService(mailbox);
  const pool = new StepPool(
    bundle,
    { processes: 1, concurrency: 4 },
    { output: () => undefined, warn: () => undefined },
  );
  broker.createService(
    executorService(broker, {
      ...{ bus, clock: systemClock, queues: ["default"], processes: 1, concurrency: 4, drainMs: 500, graceMs: 100 },
      ...{ pool, runner: pool },
      code: () => ({ version: bundle.version, ops: OPS.length }),
      hurry: new AbortController().signal,
    }),
  );
  await broker.start();
  await broker.mailbox("coordinator.receive").open(3);
});
afterAll(async () => {
  await broker.stop();
  location.remove();
});

const action = (op: string, fence: number, more: Partial<StepAction> = {}): StepAction => ({
  ...{ shard: 3, run: "r", job: "tests", step: op, node: op, op, path: [], fence, attempt: 1, timeoutMs: null },
  ...{ inputs: {}, config: {}, tags: {} },
  ...more,
});
const dispatch = (step: StepAction, requestID?: string) =>
  broker.dispatch("executor.perform", step, { queue: "default", requestID });

test("a dispatched step is performed, logged and reported to the mailbox of its shard", async () => {
  await dispatch(action("double", 1, { inputs: { "": { value: 21 } } }));
  expect(await when("succeeded", 1)).toMatchObject({
    shard: 3,
    outputs: { result: { value: 42 } },
    worker: broker.nodeID,
  });
  expect(await when("logs", 1)).toMatchObject({ attempt: 1, chunk: { seq: 0, lines: [{ text: "doubling" }] } });
});

test("each step is a call of executor.attempt with its own request id", async () => {
  await Promise.all([dispatch(action("double", 2), "request-2"), dispatch(action("double", 3), "request-3")]);
  await when("failed", 2);
  await when("failed", 3);
  const seen = attempts.filter(({ action: { fence } }) => fence === 2 || fence === 3);
  expect(seen.map(({ requestID }) => requestID).sort()).toEqual(["request-2", "request-3"]);
});

test("an order that is broadcast is obeyed, and beats list what is held", async () => {
  const beat = new Promise<WorkerBeat>((resolve) => {
    void bus.fanout<WorkerBeat>("beats").subscribe((one) => void (one.rollCall === "who" && resolve(one)));
  });
  await dispatch(action("deaf", 4, { run: "to-cancel" }));
  await when("started", 4);
  const orders = bus.fanout<WorkerOrder>("orders");
  await orders.publish({ type: "roll_call", id: "who", shards: [] });
  expect((await beat).holds).toEqual([
    { shard: 3, fence: 4, run: "to-cancel", step: "deaf", begun: true, slot: "1.1" },
  ]);
  expect(await broker.call("executor.describe")).toMatchObject({ busy: 1, slots: 4 });
  expect(await broker.call("executor.loads")).toContainEqual(expect.objectContaining({ state: "ready", running: 1 }));
  await orders.publish({ type: "cancel", run: "to-cancel", graceMs: 50 });
  await when("canceled", 4);
});

test("a stop gives back what does not end in time, and the report still arrives", async () => {
  await dispatch(action("deaf", 5));
  await when("started", 5);
  const released = when("released", 5);
  await broker.stop();
  expect(await released).toMatchObject({ reason: "drain" });
});
