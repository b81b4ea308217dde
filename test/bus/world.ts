import { type CallingOptions, type Context, ServiceBroker } from "moleculer";
import { randomUUID } from "node:crypto";
import { type Bus, type BusOptions, type Delivery, LocalHub, createBus } from "../../bus";

export type Handler = (items: any[], delivery: Delivery) => unknown;
type AmqpOptions = Extract<BusOptions, { mode: "amqp" }>;
/** What only RabbitMQ has (name, queueType) is passed over in memory. */
export type NodeOptions = Partial<Omit<AmqpOptions, "mode" | "namespace" | "url">> & {
  perform?: Handler;
  receive?: Handler;
  logs?: string[];
};

export interface TestNode {
  broker: ServiceBroker;
  bus: Bus;
  logs: string[];
  stop(): Promise<void>;
}

/** Where the suite runs: nodes of one world reach each other, worlds do not. */
export interface World {
  readonly namespace: string;
  node(options?: NodeOptions): Promise<TestNode>;
  /** Puts messages of these bytes into a step queue as no dispatcher would. */
  publishRaw(queue: string, bodies: readonly string[]): Promise<void>;
  stop(): Promise<void>;
}

/** A world in memory, or on the RabbitMQ of `url`. */
export const openWorld = (url: string | null, publishRaw: World["publishRaw"]): World => {
  const namespace = `t${randomUUID().slice(0, 8)}`;
  const hub = new LocalHub();
  const nodes: TestNode[] = [];
  return {
    namespace,
    node: async ({ perform, receive, logs = [], ...options } = {}) => {
      const mode = url === null ? { mode: "local" as const, hub } : { mode: "amqp" as const, url };
      const bus = createBus({ ...mode, namespace, drainMs: 5_000, ...options } as BusOptions);
      const node = await startNode(bus, logs, perform, receive);
      nodes.push(node);
      return node;
    },
    publishRaw: async (stepQueue, bodies) => {
      const name = `dqueue.${namespace}.steps.${stepQueue}`;
      if (url !== null) return publishRaw(name, bodies);
      const queue = hub.queue(name);
      for (const body of bodies) queue.push({ body: Buffer.from(body), priority: 0, redelivered: false });
    },
    stop: async () => {
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
};

const startNode = async (bus: Bus, logs: string[], perform?: Handler, receive?: Handler): Promise<TestNode> => {
  const keep = (...parts: unknown[]): void => void logs.push(parts.map(String).join(" "));
  const logger = { debug: () => {}, trace: () => {}, info: keep, warn: keep, error: keep, fatal: keep };
  const broker = new ServiceBroker({
    nodeID: `node-${randomUUID().slice(0, 8)}`,
    logger: false,
    middlewares: [{ created: (b: any) => void (b.getLogger = () => logger) }, bus.middleware] as any,
    skipProcessEventRegistration: true,
  } as any);
  const handle = (handler: Handler) => (ctx: Context<any[]>) =>
    handler(ctx.params, (ctx as Context<any[]> & { options: CallingOptions }).options.delivery!);
  if (perform) {
    broker.createService({
      name: "executor",
      actions: { perform: { durable: { queue: "default" }, handler: handle(perform) } },
    });
  }
  if (receive) {
    broker.createService({
      name: "coordinator",
      actions: { receive: { durable: { key: "shard" }, handler: handle(receive) } },
    });
  }
  await broker.start();
  let stopping: Promise<void> | null = null;
  return { broker, bus, logs, stop: () => (stopping ??= broker.stop()) };
};

/** A promise that is settled from outside. */
export interface Gate<T = void> {
  readonly opened: Promise<T>;
  open(value: T): void;
}
export const gate = <T = void>(): Gate<T> => {
  let open!: (value: T) => void;
  const opened = new Promise<T>((resolve) => (open = resolve));
  return { opened, open };
};

/** Collects values; `until` resolves as soon as it holds so many, or the condition is true. */
export class Collector<T> {
  readonly values: T[] = [];
  #waiting: { when: (values: T[]) => boolean; resolve: (values: T[]) => void }[] = [];

  add = (value: T): void => {
    this.values.push(value);
    this.#waiting = this.#waiting.filter(({ when, resolve }) => {
      if (!when(this.values)) return true;
      resolve(this.values);
      return false;
    });
  };

  until(when: number | ((values: T[]) => boolean)): Promise<T[]> {
    const condition = typeof when === "number" ? (values: T[]) => values.length >= when : when;
    if (condition(this.values)) return Promise.resolve(this.values);
    return new Promise((resolve) => this.#waiting.push({ when: condition, resolve }));
  }
}

export const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** As an owner does: where it is uncertain whether a step arrived, it is ordered anew. */
export const orderStep = async (node: TestNode, n: number, orders = new Map<number, number>()): Promise<void> => {
  orders.set(n, (orders.get(n) ?? 0) + 1);
  try {
    await node.broker.dispatch("executor.perform", n, { queue: "default" });
  } catch (error) {
    expect(error).toMatchObject({ code: "DISPATCH_UNCERTAIN" });
    await orderStep(node, n, orders);
  }
};
