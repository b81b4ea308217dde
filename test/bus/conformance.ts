import { describeBroadcasts, describeMailboxes, describeStops } from "./conformance-mailboxes";
import { Collector, type World, range } from "./world";

/** What durable actions promise, on whatever they stand. */
export const describeDurableActions = (openWorld: () => World): void => {
  let world: World;
  beforeEach(() => void (world = openWorld()));
  afterEach(() => world.stop());

  describe("dispatch", () => {
    test("hands an item to the handler with how it was delivered", async () => {
      const seen = new Collector<unknown>();
      await world.node({ perform: (items, delivery) => seen.add({ items, delivery }) });
      const { broker } = await world.node();
      await broker.dispatch("executor.perform", { step: "a" }, { queue: "default" });
      expect(await seen.until(1)).toEqual([
        {
          items: [{ step: "a" }],
          delivery: { queue: "default", key: null, redelivered: false, size: 1, contexts: [{}] },
        },
      ]);
    });

    test("is confirmed although no node that performs it is up, and keeps the item until one is", async () => {
      const { broker } = await world.node();
      await broker.dispatch("executor.perform", "early", { queue: "default" });
      const seen = new Collector<unknown>();
      await world.node({ perform: (items) => items.forEach(seen.add) });
      expect(await seen.until(1)).toEqual(["early"]);
    });

    test("carries meta, request id and parent span of each item", async () => {
      const seen = new Collector<any>();
      await world.node({ perform: (_, delivery) => seen.add(delivery.contexts) });
      const { broker } = await world.node();
      const span = { id: "s", traceID: "t", sampled: true };
      const common = { queue: "default", bundle: "b" };
      await Promise.all([
        broker.dispatch("executor.perform", 1, { ...common, meta: { user: "ada" }, requestID: "r1" }),
        broker.dispatch("executor.perform", 2, { ...common, parentSpan: span }),
      ]);
      expect((await seen.until(1))[0]).toEqual([{ meta: { user: "ada" }, requestID: "r1" }, { parentSpan: span }]);
    });

    test("sends the item as it was when it was dispatched", async () => {
      const seen = new Collector<any>();
      await world.node({ perform: (items) => items.forEach(seen.add) });
      const { broker } = await world.node();
      const item = { n: 1 };
      const sent = broker.dispatch("executor.perform", item, { queue: "default" });
      item.n = 2;
      await sent;
      expect(await seen.until(1)).toEqual([{ n: 1 }]);
    });

    test("refuses unknown actions, wrong addresses and impossible queue names, each with a reason", async () => {
      const { broker } = await world.node();
      const codes = await Promise.all(
        [
          broker.dispatch("nobody.knows", 1, { queue: "default" }),
          broker.dispatch("executor.perform", 1, { key: 1 }),
          broker.dispatch("coordinator.receive", 1, { queue: "default" }),
          broker.dispatch("executor.perform", 1, { queue: "q".repeat(300) }),
        ].map((sent) =>
          sent.then(
            () => "sent",
            (error: { code: string }) => error.code,
          ),
        ),
      );
      expect(codes).toEqual(["UNKNOWN_DURABLE_ACTION", "WRONG_ADDRESS", "WRONG_ADDRESS", "QUEUE_NAME_INVALID"]);
    });

    test("is the only door: a call of a durable action is refused", async () => {
      const { broker } = await world.node({ perform: () => {} });
      await expect(broker.call("executor.perform", [1])).rejects.toMatchObject({ type: "DURABLE_ACTION", code: 400 });
    });
  });

  describe("coalescing", () => {
    test("what is dispatched to one mailbox in a turn shares a message and keeps its order", async () => {
      const seen = new Collector<number[]>();
      const node = await world.node({ receive: (items) => seen.add(items) });
      await Promise.all(range(100).map((n) => node.broker.dispatch("coordinator.receive", n, { key: 3 })));
      await node.broker.mailbox("coordinator.receive").open(3);
      expect(await seen.until(1)).toEqual([range(100)]);
    });

    test("steps share a message only if they name the same bundle at the same priority", async () => {
      const seen = new Collector<number[]>();
      const { broker } = await world.node();
      await Promise.all([
        broker.dispatch("executor.perform", 1, { queue: "default" }),
        broker.dispatch("executor.perform", 2, { queue: "default", bundle: "x" }),
        broker.dispatch("executor.perform", 3, { queue: "default", bundle: "x" }),
        broker.dispatch("executor.perform", 4, { queue: "default", bundle: "y" }),
        broker.dispatch("executor.perform", 5, { queue: "default", bundle: "x", priority: 5 }),
        broker.dispatch("executor.perform", 6, { queue: "default" }),
      ]);
      await world.node({ perform: (items) => seen.add(items), slots: 10 });
      const messages = await seen.until(5);
      expect(messages.map((items) => items.join()).sort()).toEqual(["1", "2,3", "4", "5", "6"]);
    });
  });

  describe("step queues", () => {
    test("give out the highest priority first, and equal ones in order", async () => {
      const { broker } = await world.node();
      for (const [n, priority] of [0, 9, 5, 9, 0, 1].entries()) {
        await broker.dispatch("executor.perform", `${priority}:${n}`, { queue: "default", priority });
      }
      const seen = new Collector<string>();
      await world.node({ perform: (items) => items.forEach(seen.add) });
      expect(await seen.until(6)).toEqual(["9:1", "9:3", "5:2", "1:5", "0:0", "0:4"]);
    });

    test("never give a worker more than it has slots, also from several queues", async () => {
      const { broker } = await world.node();
      const queues = ["a", "b", "c"];
      await Promise.all(range(60).map((n) => broker.dispatch("executor.perform", n, { queue: queues[n % 3]! })));
      let busy = 0;
      let most = 0;
      const seen = new Collector<number>();
      const perform = async (items: number[], { noSlot }: { noSlot?: true }): Promise<void> => {
        most = Math.max(most, noSlot ? 0 : ++busy);
        await new Promise((resolve) => setTimeout(resolve, 5));
        if (!noSlot) busy--;
        items.forEach(seen.add);
      };
      await world.node({ queues, slots: 4, perform });
      expect((await seen.until(60)).toSorted((a, b) => a - b)).toEqual(range(60));
      expect(most).toBeGreaterThan(1);
      expect(most).toBeLessThanOrEqual(4);
    });

    test("go on with one queue while another is paused, and resume it", async () => {
      const seen = new Collector<string>();
      const worker = await world.node({ queues: ["a", "b"], slots: 2, perform: (items) => items.forEach(seen.add) });
      await worker.broker.steps.pause("a");
      await worker.broker.dispatch("executor.perform", "paused", { queue: "a" });
      await worker.broker.dispatch("executor.perform", "through", { queue: "b" });
      expect(await seen.until(1)).toEqual(["through"]);
      expect(await worker.bus.queueDepth("a")).toMatchObject({ messages: 1 });
      await worker.broker.steps.resume("a");
      expect(await seen.until(2)).toEqual(["through", "paused"]);
    });

    test("offer a step whose handler failed again, as redelivered", async () => {
      const seen = new Collector<boolean>();
      const worker = await world.node({
        perform: (_, { redelivered }) => {
          seen.add(redelivered);
          if (!redelivered) throw new Error("a bug");
        },
      });
      await worker.broker.dispatch("executor.perform", 1, { queue: "default" });
      expect(await seen.until(2)).toEqual([false, true]);
      expect(worker.logs.filter((line) => line.includes("a bug"))).toHaveLength(1);
    });

    test("drop an unreadable message with one line and go on", async () => {
      const seen = new Collector<unknown>();
      const worker = await world.node({ perform: (items) => items.forEach(seen.add) });
      await worker.broker.dispatch("executor.perform", 1, { queue: "default" });
      const future = JSON.stringify({ v: 2, a: "executor.perform", i: [[1]] });
      const bodies = [
        "not json",
        "not json",
        future,
        "null",
        `{"v":1,"a":"executor.perform","i":[]}`,
        `{"v":1,"a":"x.y","i":[[1]]}`,
      ];
      await world.publishRaw("default", bodies);
      await worker.broker.dispatch("executor.perform", 2, { queue: "default" });
      expect(await seen.until(2)).toEqual([1, 2]);
      expect(worker.logs.filter((line) => line.includes("was dropped"))).toHaveLength(5);
      expect(worker.logs.join("\n")).toContain("its version is 2, this node reads 1");
    });

    test("write few lines of a flood of messages that they cannot use, however these differ", async () => {
      const seen = new Collector<unknown>();
      const worker = await world.node({ perform: (items) => items.forEach(seen.add) });
      await world.publishRaw(
        "default",
        range(500).map((i) => `{"v":1,"a":"x.y${i}","i":[[1]]}`),
      );
      await worker.broker.dispatch("executor.perform", 1, { queue: "default" });
      expect(await seen.until(1)).toEqual([1]);
      expect(worker.logs.filter((line) => line.includes("was dropped")).length).toBeLessThan(100);
    });
  });

  describeMailboxes(() => world);
  describeStops(() => world);
  describeBroadcasts(() => world);
};
