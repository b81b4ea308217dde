import { Collector, type World, gate, range } from "./world";

export const describeMailboxes = (world: () => World): void =>
  describe("mailboxes", () => {
    test("are consumed by one node at a time; a second takes over when the first closes", async () => {
      const seen = new Collector<string>();
      const one = await world().node({ receive: (items) => items.forEach((item) => seen.add(`one:${item}`)) });
      const two = await world().node({ receive: (items) => items.forEach((item) => seen.add(`two:${item}`)) });
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
      const one = await world().node({
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
      const two = await world().node({ receive: (items, { redelivered }) => second.add([items[0], redelivered]) });
      await two.broker.mailbox("coordinator.receive").open(1);
      expect(await second.until(5)).toEqual(range(5).map((n) => [n, true]));
    });

    test("give back what is in hand also where a close without requeue waits for it", async () => {
      const first = new Collector<number>();
      const one = await world().node({
        receive: (items) => {
          items.forEach(first.add);
          return new Promise(() => {});
        },
      });
      const door = one.broker.mailbox("coordinator.receive");
      await door.open(1);
      await one.broker.dispatch("coordinator.receive", 1, { key: 1 });
      await first.until(1);
      void door.close(1);
      await one.bus.queueDepth("default"); // a round trip
      await door.close(1, { requeue: true });

      const second = new Collector<[number, boolean]>();
      const two = await world().node({ receive: (items, { redelivered }) => second.add([items[0], redelivered]) });
      await two.broker.mailbox("coordinator.receive").open(1);
      expect(await second.until(1)).toEqual([[1, true]]);
    });

    test("wait for what is in hand when closed without requeue", async () => {
      const held = gate();
      const seen = new Collector<number>();
      const receive = (items: number[]): Promise<void> => {
        items.forEach(seen.add);
        return held.opened;
      };
      const node = await world().node({ receive });
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
      const node = await world().node({ receive });
      await node.broker.mailbox("coordinator.receive").open(1);
      for (const n of range(3)) await node.broker.dispatch("coordinator.receive", n, { key: 1 });
      expect(await seen.until((values) => values.length >= 6 || values.slice(3).at(-1) === 2)).toEqual([
        0, 1, 2, 0, 1, 2,
      ]);
    });
  });

export const describeStops = (world: () => World): void =>
  describe("a stop", () => {
    test("confirms everything that was dispatched before it", async () => {
      const node = await world().node({ limits: { maxInFlight: 50 } });
      const sent = range(500).map((n) => node.broker.dispatch("executor.perform", n, { queue: "default" }));
      await node.stop();
      await Promise.all(sent);
      await expect(node.broker.dispatch("executor.perform", 1, { queue: "default" })).rejects.toMatchObject({
        code: "BUS_STOPPED",
      });
      const seen = new Collector<number>();
      await world().node({ slots: 20, perform: (items) => items.forEach(seen.add) });
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
      const worker = await world().node({ slots: 2, perform });
      const { broker } = await world().node();
      for (const n of range(6)) await broker.dispatch("executor.perform", n, { queue: "default" });
      await begun.until(2);
      await worker.broker.steps.stop();
      held.open();
      await worker.stop();
      expect(ended.values).toEqual([0, 1]);
      const rest = new Collector<number>();
      await world().node({ perform: (items) => items.forEach(rest.add) });
      expect(await rest.until(4)).toEqual([2, 3, 4, 5]);
    });
  });

export const describeBroadcasts = (world: () => World): void =>
  describe("fanouts and depths", () => {
    test("a fanout reaches everyone who listens, the sender too, and each message is a copy", async () => {
      const [one, two] = [await world().node(), await world().node()];
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
      const node = await world().node();
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
      const { broker, bus } = await world().node();
      expect(await bus.queueDepth("never")).toEqual({ messages: 0, consumers: 0 });
      for (const n of range(3)) await broker.dispatch("executor.perform", n, { queue: "deep" });
      expect(await bus.queueDepth("deep")).toEqual({ messages: 3, consumers: 0 });
      expect(bus.problems()).toEqual([]);
    });
  });
