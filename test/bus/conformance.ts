import { Collector, type World, gate, range } from "./world";

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
      expect(most).toBe(4);
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
      for (const body of bodies) await world.publishRaw("default", body);
      await worker.broker.dispatch("executor.perform", 2, { queue: "default" });
      expect(await seen.until(2)).toEqual([1, 2]);
      expect(worker.logs.filter((line) => line.includes("was dropped"))).toHaveLength(5);
      expect(worker.logs.join("\n")).toContain("its version is 2, this node reads 1");
    });
  });

  describe("mailboxes", () => {
    test("are consumed by one node at a time; a second takes over when the first closes", async () => {
      const seen = new Collector<string>();
      const one = await world.node({ receive: (items) => items.forEach((item) => seen.add(`one:${item}`)) });
      const two = await world.node({ receive: (items) => items.forEach((item) => seen.add(`two:${item}`)) });
      await one.broker.mailbox("coordinator.receive").open(1);
      await two.broker.mailbox("coordinator.receive").open(1);
      for (const n of range(3)) await two.broker.dispatch("coordinator.receive", n, { key: 1 });
      expect(await seen.until(3)).toEqual(["one:0", "one:1", "one:2"]);
      await one.broker.mailbox("coordinator.receive").close(1);
      await one.broker.dispatch("coordinator.receive", 3, { key: 1 });
      expect((await seen.until(4))[3]).toBe("two:3");
    });

    test("give back what is in hand, in order and as redelivered, when closed with requeue", async () => {
      const first = new Collector<number>();
      const one = await world.node({
        receive: (items) => {
          items.forEach(first.add);
          return new Promise(() => {});
        },
      });
      await one.broker.mailbox("coordinator.receive").open(1);
      for (const n of range(5)) await one.broker.dispatch("coordinator.receive", n, { key: 1 });
      await first.until(5);
      await one.broker.mailbox("coordinator.receive").close(1, { requeue: true });

      const second = new Collector<[number, boolean]>();
      const two = await world.node({ receive: (items, { redelivered }) => second.add([items[0], redelivered]) });
      await two.broker.mailbox("coordinator.receive").open(1);
      expect(await second.until(5)).toEqual(range(5).map((n) => [n, true]));
    });

    test("wait for what is in hand when closed without requeue", async () => {
      const held = gate();
      const seen = new Collector<number>();
      const receive = (items: number[]): Promise<void> => {
        items.forEach(seen.add);
        return held.opened;
      };
      const node = await world.node({ receive });
      await node.broker.mailbox("coordinator.receive").open(1);
      await node.broker.dispatch("coordinator.receive", 1, { key: 1 });
      await seen.until(1);
      let closed = false;
      const closing = node.broker
        .mailbox("coordinator.receive")
        .close(1)
        .then(() => (closed = true));
      await node.bus.queueDepth("default"); // a round trip
      expect(closed).toBe(false);
      held.open();
      await closing;

      await node.broker.dispatch("coordinator.receive", 2, { key: 1 });
      await node.broker.mailbox("coordinator.receive").open(1);
      expect(await seen.until(2)).toEqual([1, 2]);
    });

    test("bring all that was in hand again, in order, after a handler failed", async () => {
      const seen = new Collector<number>();
      let failed = false;
      const receive = async (items: number[]): Promise<void> => {
        items.forEach(seen.add);
        if (failed) return;
        await seen.until(3);
        failed = true;
        throw new Error("the commit failed");
      };
      const node = await world.node({ receive });
      await node.broker.mailbox("coordinator.receive").open(1);
      for (const n of range(3)) await node.broker.dispatch("coordinator.receive", n, { key: 1 });
      expect(await seen.until((values) => values.length >= 6 || values.slice(3).at(-1) === 2)).toEqual([
        0, 1, 2, 0, 1, 2,
      ]);
    });
  });

  describe("a stop", () => {
    test("confirms everything that was dispatched before it", async () => {
      const node = await world.node({ limits: { maxInFlight: 50 } });
      const sent = range(500).map((n) => node.broker.dispatch("executor.perform", n, { queue: "default" }));
      await node.stop();
      await Promise.all(sent);
      await expect(node.broker.dispatch("executor.perform", 1, { queue: "default" })).rejects.toMatchObject({
        code: "BUS_STOPPED",
      });
      const seen = new Collector<number>();
      await world.node({ slots: 20, perform: (items) => items.forEach(seen.add) });
      expect((await seen.until(500)).toSorted((a, b) => a - b)).toEqual(range(500));
    });

    test("lets the steps in hand end, takes no more, and leaves the rest to others", async () => {
      const held = gate();
      const ended = new Collector<number>();
      const begun = new Collector<number>();
      const perform = async (items: number[], { noSlot }: { noSlot?: true }): Promise<void> => {
        if (noSlot) return;
        items.forEach(begun.add);
        await held.opened;
        items.forEach(ended.add);
      };
      const worker = await world.node({ slots: 2, perform });
      const { broker } = await world.node();
      for (const n of range(6)) await broker.dispatch("executor.perform", n, { queue: "default" });
      await begun.until(2);
      await worker.broker.steps.stop();
      held.open();
      await worker.stop();
      expect(ended.values).toEqual([0, 1]);
      const rest = new Collector<number>();
      await world.node({ perform: (items) => items.forEach(rest.add) });
      expect(await rest.until(4)).toEqual([2, 3, 4, 5]);
    });
  });

  describe("fanouts and depths", () => {
    test("a fanout reaches everyone who listens, the sender too, and each message is a copy", async () => {
      const [one, two] = [await world.node(), await world.node()];
      const heard = new Collector<string>();
      await one.bus.fanout<{ n: number }>("beats").subscribe(({ n }) => heard.add(`one:${n}`));
      const end = await two.bus.fanout<{ n: number }>("beats").subscribe(({ n }) => heard.add(`two:${n}`));
      await two.bus.ready();
      await two.bus.fanout<{ n: number }>("orders").publish({ n: 0 });
      await two.bus.fanout<{ n: number }>("beats").publish({ n: 1 });
      expect((await heard.until(2)).toSorted()).toEqual(["one:1", "two:1"]);
      end();
      await one.bus.fanout<{ n: number }>("beats").publish({ n: 2 });
      expect((await heard.until(3))[2]).toBe("one:2");
    });

    test("a listener that throws harms neither others nor the bus", async () => {
      const node = await world.node();
      const heard = new Collector<number>();
      const beats = node.bus.fanout<number>("beats");
      await beats.subscribe(() => {
        throw new Error("a bug");
      });
      await beats.subscribe(heard.add);
      await beats.publish(1);
      await beats.publish(2);
      expect(await heard.until(2)).toEqual([1, 2]);
    });

    test("the depth of a queue counts what waits, and a queue that nobody used is empty", async () => {
      const { broker, bus } = await world.node();
      expect(await bus.queueDepth("never")).toEqual({ messages: 0, consumers: 0 });
      for (const n of range(3)) await broker.dispatch("executor.perform", n, { queue: "deep" });
      expect(await bus.queueDepth("deep")).toEqual({ messages: 3, consumers: 0 });
      expect(bus.problems()).toEqual([]);
    });
  });
};
