import { randomUUID } from "node:crypto";
import { connect } from "amqplib";
import { ServiceBroker } from "moleculer";
import { createBus } from "../../bus";
import { redact } from "../../bus/amqp/address";
import { eventually } from "../support/eventually";
import { BROKER_PASSWORD, type Rabbit, describeRabbit, startRabbit } from "../support/rabbitmq";
import { queueExists } from "./rabbit-tools";
import { range } from "./world";

test("a URL in a log has no password", () => {
  expect(redact("amqp://user:pa:ss@host:5672/v;amqps://u:p@other")).toBe(
    "amqp://user:***@host:5672/v;amqps://u:***@other",
  );
  expect(redact("amqp://host")).toBe("amqp://host");
});

describeRabbit("the control plane on RabbitMQ", () => {
  let rabbit: Rabbit;
  let namespace: string;
  const brokers: ServiceBroker[] = [];
  beforeAll(async () => void (rabbit = await startRabbit()));
  afterAll(() => rabbit?.stop());
  beforeEach(() => void (namespace = `t${randomUUID().slice(0, 8)}`));
  afterEach(async () => {
    await Promise.all(brokers.splice(0).map((broker) => broker.stop()));
  });

  const node = async (
    nodeID: string,
    { quiet = false, actions = {}, logs = [] as string[], heartbeatTimeout = 30 } = {},
  ): Promise<ServiceBroker> => {
    const bus = createBus({ mode: "amqp", url: rabbit.url, namespace, quiet });
    const keep = (...parts: unknown[]): void => void logs.push(parts.map(String).join(" "));
    const logger = { debug: keep, trace: () => {}, info: keep, warn: keep, error: keep, fatal: keep };
    const broker = new ServiceBroker({
      nodeID,
      namespace,
      logger: false,
      transporter: bus.transporter as never,
      middlewares: [{ created: (b: any) => void (b.getLogger = () => logger) }, bus.middleware] as never,
      requestTimeout: 60_000,
      heartbeatInterval: 1,
      heartbeatTimeout,
      skipProcessEventRegistration: true,
    } as never);
    broker.createService({ name: nodeID, actions });
    brokers.push(broker);
    await broker.start();
    return broker;
  };
  const echo = { echo: (ctx: any) => ctx.params };

  test("calls are answered in a fraction of Nagle's 40 ms", async () => {
    const web = await node("web");
    await node("daemon", { actions: echo });
    await web.waitForServices("daemon");
    const took: number[] = [];
    for (const n of range(50)) {
      const begin = performance.now();
      expect(await web.call("daemon.echo", { n })).toEqual({ n });
      took.push(performance.now() - begin);
    }
    // With it each would take 40 ms at least; others may take longer for what else the machine does.
    expect(Math.min(...took)).toBeLessThan(20);
  });

  test("calls from A to B to A do not wait for each other", async () => {
    const a = await node("a", { actions: { ...echo, there: (ctx: any) => ctx.call("b.back") } });
    await node("b", { actions: { back: (ctx: any) => ctx.call("a.echo", { ok: true }) } });
    await a.waitForServices("b");
    const answers = await Promise.all(range(20).map(() => a.call("b.back")));
    expect(answers).toEqual(range(20).map(() => ({ ok: true })));
  });

  test("after a restart of the broker and after forced closes every call is answered again", async () => {
    const web = await node("web");
    await node("daemon", { actions: echo });
    await web.waitForServices("daemon");
    const works = () =>
      eventually(
        () => web.call("daemon.echo", { n: 1 }, { timeout: 1_000 }).catch((error: Error) => error.name),
        (answer) => typeof answer === "object",
      );
    await rabbit.restart();
    await works();
    await rabbit.ctl("close_all_connections", "test");
    await works();
  });

  test("a call fails at once while there is no connection", async () => {
    const web = await node("web");
    await node("daemon", { actions: echo });
    await web.waitForServices("daemon");
    await rabbit.kill9();
    try {
      await eventually(
        () => (web as any).transit.tx.connected,
        (connected) => !connected,
      );
      await expect(web.call("daemon.echo")).rejects.toMatchObject({
        name: "BrokerDisconnectedError",
        retryable: true,
      });
    } finally {
      await rabbit.start();
    }
  });

  test("a node whose request queue was deleted is no zombie", async () => {
    const web = await node("web");
    await node("daemon", { actions: echo });
    await web.waitForServices("daemon");
    const connection = await connect(rabbit.url);
    const channel = await connection.createChannel();
    await channel.deleteQueue(`MOL-${namespace}.REQ.daemon`);
    await connection.close();
    await eventually(
      () => web.call("daemon.echo", { n: 1 }, { timeout: 500 }).catch((error: Error) => error.name),
      (answer) => typeof answer === "object",
    );
  });

  describe("when a node dies without a word", () => {
    /** As a kill -9 would: its connection ends, and nobody is told. RabbitMQ 4.3 takes up to 50 ms to drop its queue. */
    const die = async (broker: ServiceBroker): Promise<void> => {
      await (broker as any).transit.tx.disconnect();
      const queue = `MOL-${namespace}.REQ.${broker.nodeID}`;
      await eventually(async () => !(await queueExists(rabbit.url, queue)));
    };
    const shared = async (name: string): Promise<ServiceBroker> => {
      const broker = await node(name);
      broker.createService({ name: "shared", actions: { who: () => name } });
      return broker;
    };

    test("its requests are performed by another at once, each once", async () => {
      const web = await node("web");
      const [first] = [await shared("first"), await shared("second")];
      await web.waitForServices("shared");
      await eventually(
        () => web.registry.getServiceList({}).filter(({ name }: any) => name === "shared").length,
        (count) => count === 2,
      );
      await die(first!);
      const answers = await Promise.all(range(20).map(() => web.call("shared.who")));
      expect(answers).toEqual(range(20).map(() => "second"));
    });

    test("a request for it alone is answered once it is back, and refused when it stays away", async () => {
      const web = await node("web");
      const daemon = await node("daemon", { actions: echo });
      await web.waitForServices("daemon");
      await die(daemon);
      const asked = web.call("daemon.echo", { n: 1 });
      await (daemon as any).transit.tx.connect();
      expect(await asked).toEqual({ n: 1 });

      await die(daemon);
      await expect(web.call("daemon.echo", { n: 2 })).rejects.toMatchObject({ name: "ServiceNotAvailableError" });
    });
  });

  test("quiet nodes are heard by the others and not by each other", async () => {
    const logs: string[] = [];
    const web = await node("web", { actions: echo, heartbeatTimeout: 3 });
    const one = await node("worker-1", { quiet: true, logs, actions: echo, heartbeatTimeout: 3 });
    await node("worker-2", { quiet: true, actions: echo, heartbeatTimeout: 3 });
    await eventually(
      () =>
        web.registry.nodes
          .toArray()
          .filter((known: any) => known.available)
          .map((known: any) => known.id)
          .sort(),
      (ids) => ids.join() === "web,worker-1,worker-2",
    );
    await one.waitForServices("web");
    // Longer than the heartbeat timeout: who was not heard would be gone, and who is not known is not missed.
    const nodeOf = (broker: ServiceBroker, id: string): any => broker.registry.nodes.get(id);
    const since = nodeOf(web, "worker-1").lastHeartbeatTime;
    await eventually(
      () => nodeOf(web, "worker-1").lastHeartbeatTime - since,
      (seconds) => seconds >= 4,
    );
    expect(nodeOf(web, "worker-1").available).toBe(true);
    expect(nodeOf(web, "worker-2").available).toBe(true);
    expect(nodeOf(one, "web").available).toBe(true);
    expect(nodeOf(one, "worker-2")).toBeUndefined();
    expect(logs.filter((line) => line.includes("worker-2"))).toEqual([]);
  });

  test("the password stands neither in a log nor in what a node tells about itself", async () => {
    const logs: string[] = [];
    const web = await node("web", { logs });
    expect(JSON.stringify(await web.call("$node.options"))).not.toContain(BROKER_PASSWORD);
    expect(logs.join("\n")).not.toContain(BROKER_PASSWORD);
  });
});
