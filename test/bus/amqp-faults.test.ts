import type { ChildProcess } from "node:child_process";
import type { Channel } from "amqplib";
import { eventually } from "../support/eventually";
import { BROKER_PASSWORD, type Rabbit, describeRabbit, startRabbit } from "../support/rabbitmq";
import { closeConnections, onChannel, startConsumer, unacked } from "./rabbit-tools";
import { Collector, type Gate, type World, gate, openWorld, orderStep, range } from "./world";

const sorted = (values: number[]): number[] => [...new Set(values)].sort((a, b) => a - b);

describeRabbit("durable actions when RabbitMQ or a consumer fails", () => {
  let rabbit: Rabbit;
  let world: World;
  const children: ChildProcess[] = [];
  beforeAll(async () => void (rabbit = await startRabbit()));
  afterAll(() => rabbit?.stop());
  beforeEach(() => void (world = openWorld(rabbit.url, async () => {})));
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
    await world.stop();
  });

  const consumer = async (mailbox?: string): ReturnType<typeof startConsumer> => {
    const started = await startConsumer(rabbit.url, world.namespace, mailbox);
    children.push(started.child);
    return started;
  };
  const admin = (act: (channel: Channel) => Promise<unknown>): Promise<void> => onChannel(rabbit.url, act);
  const stepQueue = (queue: string): string => `dqueue.${world.namespace}.steps.${queue}`;

  const unackedOf = (queue: string) => (): Promise<number> => unacked(rabbit, stepQueue(queue));

  test("a step of a consumer that was killed comes to another, as redelivered", async () => {
    const { broker } = await world.node();
    const { child, said } = await consumer();
    await broker.dispatch("executor.perform", "step", { queue: "default" });
    await said.until((lines) => lines.includes("holds"));
    const seen = new Collector<unknown>();
    await world.node({ perform: ([item], { redelivered }) => seen.add([item, redelivered]) });
    child.kill("SIGKILL");
    expect(await seen.until(1)).toEqual([["step", true]]);
  });

  test("the mailbox of an owner that is paused comes to the next within seconds, with what it had in hand", async () => {
    const { said, child } = await consumer("7");
    const seen = new Collector<unknown>();
    const next = await world.node({ receive: ([item], { redelivered }) => seen.add([item, redelivered]) });
    await next.broker.dispatch("coordinator.receive", "report", { key: 7 });
    await said.until((lines) => lines.includes("holds"));
    await next.broker.mailbox("coordinator.receive").open(7);
    const paused = Date.now();
    child.kill("SIGSTOP");
    expect(await seen.until(1)).toEqual([["report", true]]);
    // By RabbitMQ's own heartbeat it would take two minutes.
    expect(Date.now() - paused).toBeLessThan(60_000);
  });

  test("a restart of the broker loses nothing of what is in flight, in queues or unacked", async () => {
    const steps = new Collector<number>();
    const reports = new Collector<number>();
    const worker = await world.node({
      slots: 10,
      perform: async ([n]) => {
        await worker.broker.dispatch("coordinator.receive", n, { key: 0 });
        steps.add(n);
      },
    });
    const owner = await world.node({ receive: (items) => items.forEach(reports.add) });
    await owner.broker.mailbox("coordinator.receive").open(0);
    const total = 3_000;
    const sent = range(total).map((n) => orderStep(owner, n));
    await steps.until(200);
    await rabbit.restart();
    await Promise.all(sent);
    const all = (values: number[]): boolean => values.length >= total && new Set(values).size === total;
    expect(sorted(await reports.until(all))).toEqual(range(total));
    await eventually(
      () => owner.bus.queueDepth("default"),
      ({ messages, consumers }) => messages === 0 && consumers === 1,
    );
    // The last deliveries are in hand until their acks are out.
    await eventually(
      async () => worker.broker.steps.used,
      (used) => used === 0,
    );
    expect(owner.bus.problems()).toEqual([]);
  });

  test("a broker that is killed amid traffic loses nothing either, and no dispatch arrives as two messages", async () => {
    const seen = new Collector<number>();
    const arrivals = new Map<number, number>();
    const node = await world.node({
      slots: 10,
      perform: ([n], { redelivered }) => {
        if (!redelivered) arrivals.set(n, (arrivals.get(n) ?? 0) + 1);
        seen.add(n);
      },
    });
    // A queue that RabbitMQ learned of within the last two seconds it may forget, with all in it.
    const orders = new Map<number, number>();
    await orderStep(node, 0, orders);
    await rabbit.storeQueues();
    const sent = range(2_000).map((n) => orderStep(node, n, orders));
    await seen.until(100);
    await rabbit.kill9();
    await rabbit.start();
    await Promise.all(sent);
    expect(sorted(await seen.until((values) => new Set(values).size === 2_000))).toEqual(range(2_000));
    for (const [n, count] of arrivals) expect(count).toBeLessThanOrEqual(orders.get(n)!);
  });

  test("each connection may be closed by force amid traffic: nothing is lost and no consumer stays away", async () => {
    const steps = new Collector<number>();
    const reports = new Collector<number>();
    const name = `victim-${world.namespace}`;
    const node = await world.node({
      name,
      slots: 4,
      perform: async ([n]) => {
        await node.broker.dispatch("coordinator.receive", n, { key: 0 });
        steps.add(n);
      },
      receive: (items) => items.forEach(reports.add),
    });
    await node.broker.mailbox("coordinator.receive").open(0);
    const sent: Promise<void>[] = [];
    for (const [round, what] of ["publish", "steps", "mailboxes", "publish"].entries()) {
      for (const n of range(300)) sent.push(orderStep(node, round * 300 + n));
      await steps.until(round * 300 + 20);
      expect(await closeConnections(rabbit, `${name} ${what}`)).toBe(1);
    }
    await Promise.all(sent);
    expect(sorted(await reports.until((values) => new Set(values).size === 1_200))).toEqual(range(1_200));
    await eventually(
      () => node.bus.queueDepth("default"),
      ({ messages, consumers }) => messages === 0 && consumers === 1,
    );
    await eventually(
      () => node.broker.steps.used,
      (used) => used === 0,
    );
    expect(node.bus.problems()).toEqual([]);
  });

  test("a queue with other arguments is named in one line, others are served, and all goes on once it is deleted", async () => {
    await admin((channel) => channel.assertQueue(stepQueue("default"), { durable: true }));
    const seen = new Collector<string>();
    const node = await world.node({ queues: ["default", "slow"], slots: 2, perform: ([item]) => seen.add(item) });
    await node.broker.dispatch("executor.perform", "slow", { queue: "slow" });
    expect(await seen.until(1)).toEqual(["slow"]);
    const refused = await node.broker
      .dispatch("executor.perform", "step", { queue: "default" })
      .catch((error) => error);
    expect(refused).toMatchObject({ code: "QUEUE_UNUSABLE" });
    const line =
      `Queue "${stepQueue("default")}" exists with another x-max-priority: found none, wanted 10. ` +
      `Delete it (rabbitmqctl delete_queue ${stepQueue("default")}) or use another NAMESPACE; until then nothing goes through it, other queues go on.`;
    expect(refused.message).toBe(line);
    expect(node.bus.problems()).toEqual([line]);
    expect(node.logs.filter((text) => text.includes("x-max-priority"))).toHaveLength(1);

    await admin((channel) => channel.deleteQueue(stepQueue("default")));
    await eventually(
      () => node.bus.problems(),
      (problems) => problems.length === 0,
    );
    await node.broker.dispatch("executor.perform", "again", { queue: "default" });
    expect(await seen.until(2)).toEqual(["slow", "again"]);
  });

  test("a queue deleted under its consumers and dispatchers is made again", async () => {
    const seen = new Collector<number>();
    const node = await world.node({
      perform: ([n]) => seen.add(n),
      receive: ([n]) => seen.add(n),
    });
    await node.broker.mailbox("coordinator.receive").open(0);
    await node.broker.dispatch("executor.perform", 1, { queue: "default" });
    await node.broker.dispatch("coordinator.receive", 2, { key: 0 });
    await seen.until(2);
    await admin(async (channel) => {
      await channel.deleteQueue(stepQueue("default"));
      await channel.deleteQueue(`dqueue.${world.namespace}.shard.0`);
    });
    await node.broker.dispatch("executor.perform", 3, { queue: "default" });
    await node.broker.dispatch("coordinator.receive", 4, { key: 0 });
    expect(sorted(await seen.until(4))).toEqual([1, 2, 3, 4]);
  });

  test("under a memory alarm dispatches wait, bounded, while acks go through; afterwards all arrives", async () => {
    const held = gate();
    const begun = new Collector<number>();
    const node = await world.node({
      slots: 1,
      limits: { maxInFlight: 10 },
      perform: async ([n]) => {
        begun.add(n);
        if (n === 0) await held.opened;
      },
    });
    for (const n of [0, 1]) await node.broker.dispatch("executor.perform", n, { queue: "default" });
    await begun.until(1);
    await rabbit.ctl("set_vm_memory_high_watermark", "0.000001");
    const confirmed = new Collector<number>();
    for (const n of range(100)) {
      void node.broker.dispatch("executor.perform", n + 2, { queue: "default" }).then(() => confirmed.add(n));
    }
    await eventually(
      () => node.bus.problems().join(),
      (problems) => problems.includes("RabbitMQ takes no messages for now"),
    );
    held.open();
    expect(await begun.until(2)).toEqual([0, 1]); // the ack of 0 let 1 come
    expect(confirmed.values).toEqual([]);
    await rabbit.ctl("set_vm_memory_high_watermark", "0.4");
    await confirmed.until(100);
    expect(sorted(await begun.until(102))).toEqual(range(102));
  });

  test("a step acked early keeps its slot and is never delivered twice", async () => {
    const gates = new Collector<Gate>();
    const name = `early-${world.namespace}`;
    const perform = (): Promise<void> => {
      const held = gate();
      gates.add(held);
      return held.opened;
    };
    const worker = await world.node({ name, slots: 1, ackAfterMs: 50, perform });
    for (const n of [1, 2]) await worker.broker.dispatch("executor.perform", n, { queue: "default" });
    const [first] = await gates.until(1);
    await eventually(
      () => worker.bus.queueDepth("default"),
      ({ messages, consumers }) => messages === 1 && consumers === 0,
    );
    await closeConnections(rabbit, `${name} steps`);
    expect(worker.broker.steps.used).toBe(1);
    expect(gates.values).toHaveLength(1);
    first!.open();
    (await gates.until(2))[1]!.open();
    await eventually(
      () => worker.broker.steps.used,
      (used) => used === 0,
    );
    expect(await worker.bus.queueDepth("default")).toMatchObject({ messages: 0 });
    expect(gates.values).toHaveLength(2);
  });

  test("a delivery that finds no slot in time is handed over to be given back", async () => {
    const begun = new Collector<[number, boolean]>();
    const held = gate();
    const perform = async ([n]: number[], { noSlot }: { noSlot?: true }): Promise<void> => {
      begun.add([n!, noSlot ?? false]);
      if (!noSlot) await held.opened;
    };
    // RabbitMQ counts two slots free when one of them is still held by a step that was acked early.
    const name = `slots-${world.namespace}`;
    const worker = await world.node({ name, slots: 2, ackAfterMs: 30, perform });
    await worker.broker.dispatch("executor.perform", 1, { queue: "default" });
    await eventually(unackedOf("default"), (unacked) => unacked === 0);
    await Promise.all([2, 3].map((n) => worker.broker.dispatch("executor.perform", n, { queue: "default" })));
    expect(await begun.until(3)).toEqual([
      [1, false],
      [2, false],
      [3, true],
    ]);
    held.open();
    await eventually(
      () => worker.broker.steps.used,
      (used) => used === 0,
    );
    expect(await unackedOf("default")()).toBe(0);
  });

  // From 4.3 on RabbitMQ knows late acks of quorum queues alone, and ends the consumer instead of the channel.
  test("a consumer that RabbitMQ ends for a late ack, alone or with its channel, is there again", async () => {
    await rabbit.ctl(
      "eval",
      "application:set_env(rabbit, consumer_timeout, 200), application:set_env(rabbit, channel_tick_interval, 200).",
    );
    const held = gate();
    const seen = new Collector<[number, boolean]>();
    const node = await world.node({
      queueType: "quorum",
      slots: 2,
      perform: async ([n], { redelivered }) => {
        seen.add([n, redelivered]);
        if (!redelivered && n === 1) await held.opened;
      },
    });
    await node.broker.dispatch("executor.perform", 1, { queue: "default" });
    await eventually(
      () => node.logs.join("\n"),
      (text) => /closed by RabbitMQ|ended by RabbitMQ/.test(text),
    );
    await seen.until((values) => values.some(([n, redelivered]) => n === 1 && redelivered));
    held.open();
    await node.broker.dispatch("executor.perform", 2, { queue: "default" });
    await seen.until((values) => values.some(([n]) => n === 2));
    await rabbit.ctl(
      "eval",
      "application:set_env(rabbit, consumer_timeout, 1800000), application:set_env(rabbit, channel_tick_interval, 60000).",
    );
  });

  test("an outage is one problem, however many connections meet it; a stop ends in time and says what was not confirmed", async () => {
    const node = await world.node({ drainMs: 200, perform: async () => {} });
    await node.bus.ready();
    await rabbit.down();
    const outcome = node.broker.dispatch("executor.perform", 1, { queue: "default" }).then(
      () => "confirmed",
      (error: { code: string }) => error.code,
    );
    const refused = /cannot be reached: .*\b(publish|steps)\)/;
    await eventually(() => new Set(node.logs.flatMap((line) => refused.exec(line)?.[1] ?? [])).size === 2);
    await eventually(() => node.bus.problems().length === 1);
    expect(node.bus.problems()[0]).not.toContain(BROKER_PASSWORD);
    await node.stop();
    expect(await outcome).toBe("UNCONFIRMED");
    expect(node.logs.join("\n")).toContain("Stopped with 1 dispatches");
    await rabbit.start();
  });
});
