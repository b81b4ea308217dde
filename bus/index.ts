import type { Middleware } from "moleculer";
import { AmqpCarrier } from "./amqp/carrier";
import { redact } from "./amqp/address";
import type { Fanout, QueueDepth } from "./carrier";
import { DqueueError } from "../core/errors";
import { type DurableActionsOptions, durableActions } from "./durable-actions";
import { LocalCarrier } from "./local/carrier";
import { LocalHub } from "./local/hub";
import { LateLog } from "./log";
import { type Durable, QueueNames, type QueueType } from "./queues";
import { AmqpTransporter } from "./transporter";

export type { Fanout, QueueDepth, StepIntake } from "./carrier";
export type { DispatchOptions } from "./durable-actions";
export type { MailboxDoor } from "./mailboxes";
export type { ItemContext } from "./message";
export type { Durable, QueueType } from "./queues";
export type { Delivery } from "./receive";
export { LocalHub } from "./local/hub";

interface CommonOptions {
  namespace: string;
  /** Deliveries of steps in hand at a time; 1 by default. */
  slots?: number;
  /** Step queues that this node consumes, if it has a step action; absent: the action's own. */
  queues?: readonly string[];
  /** Durable actions that are known without having them; dqueue's own by default. */
  actions?: Record<string, Durable>;
  /** Milliseconds until a step's delivery is acked although it goes on; 5 minutes. */
  ackAfterMs?: number;
  /** Milliseconds that a delivery may wait for a slot; 100. */
  slotWaitMs?: number;
  /** Milliseconds that a stop waits for confirms and handlers in hand; 10,000. */
  drainMs?: number;
  /** Bounds of what is dispatched and unconfirmed. */
  limits?: DurableActionsOptions["limits"];
}

export type BusOptions = CommonOptions &
  (
    | {
        mode: "amqp";
        /** One or more URLs, separated by ";". */
        url: string;
        /** Shown in RabbitMQ's list of connections, e.g. "worker on host1". */
        name?: string;
        /** Of RabbitMQ's management API, with user and password; null: what only that tells is not known. */
        managementUrl?: string | null;
        queueType?: QueueType;
        /** Workers: neither hear nor be heard by other workers (120 idle nodes made 7,356 deliveries a second). */
        quiet?: boolean;
      }
    | {
        mode: "local";
        /** Shared by the buses of one process that are to reach each other. */
        hub?: LocalHub;
      }
  );

/** Both planes of the bus, as the composition root hands them to Moleculer and to the services. */
export interface Bus {
  /** For the broker's `middlewares`: brings `broker.dispatch`, `broker.mailbox` and `broker.steps`. */
  readonly middleware: Middleware;
  /** For the broker's `transporter`; null in local mode. */
  readonly transporter: AmqpTransporter | null;
  /** A broadcast by name, e.g. "beats" (WorkerBeat), "orders" (WorkerOrder). The same object for the same name. */
  fanout<T>(name: string): Fanout<T>;
  /** Of a step queue, by the name that dispatchers use. */
  queueDepth(queue: string): Promise<QueueDepth>;
  /**
   * Messages of these step queues that workers have in hand and have not acknowledged. A queue of which that is not known
   * is absent: AMQP alone does not tell. Never rejects.
   */
  unacked(queues: readonly string[]): Promise<Map<string, number>>;
  /** What is wrong now, a line each, for /api/ready. */
  problems(): string[];
  /** Connects, if the broker has not started it yet. */
  start(): void;
  /** Resolves when messages can be sent; pending while RabbitMQ cannot be reached (see `problems`). */
  ready(): Promise<void>;
  /** Only for a bus without a broker: a broker's own `stop` closes its bus. */
  stop(): Promise<void>;
}

/** The actions that every node may dispatch to without knowing who performs them. */
const DQUEUE_ACTIONS: Record<string, Durable> = {
  "executor.perform": { queue: "default" },
  "coordinator.receive": { key: "shard" },
};

/** Throws `DqueueError` INVALID_AMQP_URL. */
export const createBus = (options: BusOptions): Bus => {
  if (options.mode === "amqp") checkUrl(options.url);
  const log = new LateLog();
  const names = new QueueNames(options.namespace, options.mode === "amqp" ? options.queueType : "classic");
  const carrier =
    options.mode === "amqp"
      ? new AmqpCarrier(
          names,
          { ...options, name: options.name ?? `dqueue ${options.namespace} pid ${process.pid}` },
          log,
        )
      : new LocalCarrier(options.hub ?? new LocalHub(), names, log);
  const { slots = 1, ackAfterMs = 300_000, slotWaitMs = 100, drainMs = 10_000, queues, limits } = options;
  const actions = options.actions ?? DQUEUE_ACTIONS;
  const times = { ackAfterMs, slotWaitMs, drainMs };
  return {
    middleware: durableActions({ carrier, names, log, actions, queues, slots, limits, ...times }),
    transporter:
      options.mode === "amqp" ? new AmqpTransporter({ url: options.url, quiet: options.quiet ?? false }) : null,
    fanout: (name) => carrier.fanout(name),
    queueDepth: (queue) => carrier.queueDepth(names.steps(queue)),
    unacked: async (queues) => {
      const known = await carrier.unacked();
      const found = queues.map((queue) => [queue, known.get(names.steps(queue).name)] as const);
      return new Map(found.filter((one): one is readonly [string, number] => one[1] !== undefined));
    },
    problems: () => carrier.problems(),
    start: () => carrier.start(),
    ready: () => carrier.ready(),
    stop: () => carrier.close(),
  };
};

const checkUrl = (url: string): void => {
  const valid = url.split(";").every((part) => URL.canParse(part) && /^amqps?:$/.test(new URL(part).protocol));
  if (valid) return;
  const text = `"${redact(url)}" is not a URL of RabbitMQ. Write amqp://user:password@host:5672/vhost (several separated by ";").`;
  throw new DqueueError("INVALID_AMQP_URL", text);
};
