import type { ActionHandler, ActionSchema, CallingOptions, Context, Middleware, ServiceBroker } from "moleculer";
import { Errors } from "moleculer";
import type { Carrier, StepIntake } from "./carrier";
import { DqueueError } from "../core/errors";
import { DISPATCH_LIMITS, Dispatcher, type DispatchLimits } from "./dispatcher";
import type { ItemContext } from "./message";
import { Mailboxes, type MailboxDoor } from "./mailboxes";
import { type Delivery, Receiving } from "./receive";
import type { LateLog } from "./log";
import type { Durable, QueueNames } from "./queues";

/** To a step queue (`bundle`: steps of one flush that name it share a message), or to the mailbox of a key. */
export type DispatchOptions = ({ queue: string; priority?: number; bundle?: string } | { key: string | number }) &
  Pick<CallingOptions, "meta" | "parentCtx" | "requestID" | "parentSpan">;

declare module "moleculer" {
  interface ServiceBroker {
    /**
     * Hands one item to a durable action, whether or not a node that performs it is up. Resolves when the broker has
     * confirmed it; waits while too much is unconfirmed. Rejects with `DqueueError`: DISPATCH_UNCERTAIN (steps only: the
     * link broke, and it may or may not arrive: dispatch it anew under another fence), QUEUE_UNUSABLE (the queue exists
     * with other arguments; see `bus.problems()`), UNKNOWN_DURABLE_ACTION, BUS_STOPPED.
     */
    dispatch<P = unknown>(action: string, params: P, options: DispatchOptions): Promise<void>;
    /** As `dispatch`, for several items at once and in this order: resolves when all are confirmed. */
    dispatchAll<P = unknown>(action: string, params: readonly P[], options: DispatchOptions): Promise<void>;
    /** Opens and closes the mailboxes of a durable action of this node. */
    mailbox(action: string): MailboxDoor;
    /** The steps that this node takes: pause and resume a queue, stop taking. */
    steps: StepIntake;
  }
  interface ActionSchema {
    durable?: Durable;
  }
  interface CallingOptions {
    delivery?: Delivery;
  }
}

export interface DurableActionsOptions {
  carrier: Carrier;
  names: QueueNames;
  log: LateLog;
  /** Durable actions that this node dispatches to without having them; its own are known anyway. */
  actions: Record<string, Durable>;
  /** Step queues that this node consumes, if it has a step action; absent: the action's own. */
  queues?: readonly string[];
  /** Deliveries of steps in hand at a time. */
  slots: number;
  ackAfterMs: number;
  slotWaitMs: number;
  /** How long a stop waits for confirms and for handlers in hand. */
  drainMs: number;
  limits?: Partial<DispatchLimits>;
}

/** The middleware that gives a broker `dispatch`, `mailbox` and `steps`, and its durable actions their deliveries. */
export const durableActions = (options: DurableActionsOptions): Middleware => {
  const { carrier, log } = options;
  const own = new Map<string, Durable>();
  const dispatcher = new Dispatcher(carrier, { ...DISPATCH_LIMITS, ...options.limits });
  let receiving: Receiving;
  let mailboxes: Mailboxes;

  const guard = (next: ActionHandler, action: ActionSchema & { name?: string }): ActionHandler => {
    if (!action.durable || !action.name) return next;
    own.set(action.name, action.durable);
    return refuseDirectCalls(next, action.name);
  };

  return {
    name: "DurableActions",
    localAction: guard,
    // Only the guard: an action of another node is not one whose deliveries this node could take.
    remoteAction: (next: ActionHandler, action: ActionSchema) =>
      action.durable && action.name ? refuseDirectCalls(next, action.name) : next,

    created: (broker: ServiceBroker) => {
      log.writeTo(broker.getLogger("bus"));
      receiving = new Receiving(broker, (action) => own.has(action), log);
      mailboxes = new Mailboxes(carrier, receiving);
      broker.dispatchAll = async (action, params, to) => {
        const durable = own.get(action) ?? options.actions[action];
        if (!durable) throw unknownAction(action, [...own.keys(), ...Object.keys(options.actions)]);
        return dispatcher.dispatch(addressOf(action, durable, to, options.names), params, contextOf(to));
      };
      broker.dispatch = (action, params, to) => broker.dispatchAll(action, [params], to);
      broker.mailbox = (action) => mailboxes.of(action, keyOf(action, own.get(action)), options.names);
      broker.steps = NO_STEPS;
    },

    starting: async () => carrier.start(),
    started: async (broker: ServiceBroker) => {
      const stepActions = [...own.values()].filter((durable) => "queue" in durable);
      if (stepActions.length === 0) return;
      const queues = [...new Set(options.queues ?? stepActions.map((durable) => durable.queue))];
      const { slots, ackAfterMs, slotWaitMs } = options;
      const refs = queues.map((queue) => options.names.steps(queue));
      broker.steps = carrier.takeSteps({ queues: refs, slots, ackAfterMs, slotWaitMs, receive: receiving.receive });
    },
    // Runs before the services' `stopped`, which still report: here only the intake ends.
    stopping: (broker: ServiceBroker) => broker.steps.stop(),
    stopped: async () => {
      await mailboxes.close();
      await carrier.endIntakes(options.drainMs); // first, since what is in hand still reports
      if (!(await dispatcher.drain(options.drainMs))) {
        log.error(`Stopped with ${dispatcher.unconfirmed} dispatches that the broker has not confirmed.`);
      }
      dispatcher.close();
      await carrier.close();
    },
  } as unknown as Middleware; // its typings forbid what its documentation shows
};

const NO_STEPS: StepIntake = { used: 0, pause: async () => {}, resume: async () => {}, stop: async () => {} };

const refuseDirectCalls =
  (next: ActionHandler, name: string): ActionHandler =>
  (ctx: Context) => {
    const { delivery } = (ctx as Context & { options: CallingOptions }).options;
    if (delivery) return next(ctx);
    const text = `${name} is a durable action and cannot be called. Use broker.dispatch("${name}", params, { queue } or { key }).`;
    return Promise.reject(new Errors.MoleculerClientError(text, 400, "DURABLE_ACTION"));
  };

const addressOf = (action: string, durable: Durable, to: DispatchOptions, names: QueueNames) => {
  if ("key" in durable) {
    if (!("key" in to)) throw wrongAddress(action, `{ key: <value of "${durable.key}"> }`);
    return { action, queue: names.mailbox(durable.key, to.key), priority: 0, bundle: null };
  }
  if (!("queue" in to)) throw wrongAddress(action, `{ queue, priority?, bundle? }`);
  const priority = Math.min(9, Math.max(0, Math.trunc(to.priority ?? 0)));
  return { action, queue: names.steps(to.queue), priority, bundle: to.bundle ?? null };
};

/** What of the dispatcher's context travels with the item, as `ctx.call` would pass it on. */
const contextOf = ({ meta, parentCtx, requestID, parentSpan }: DispatchOptions): ItemContext => {
  const context: ItemContext = {};
  const merged = parentCtx ? { ...parentCtx.meta, ...meta } : meta;
  if (merged && Object.keys(merged).length > 0) context.meta = merged;
  context.requestID = requestID ?? parentCtx?.requestID ?? undefined;
  context.parentSpan = parentSpan ?? (parentCtx as { span?: CallingOptions["parentSpan"] } | undefined)?.span;
  context.caller = (parentCtx?.service as { fullName?: string } | undefined)?.fullName;
  return context;
};

const keyOf = (action: string, durable: Durable | undefined): string => {
  if (durable && "key" in durable) return durable.key;
  throw new DqueueError(
    "NOT_A_MAILBOX",
    `${action} has no mailboxes on this node: it is not declared here as durable: { key }.`,
  );
};

const wrongAddress = (action: string, wanted: string): DqueueError =>
  new DqueueError("WRONG_ADDRESS", `A dispatch to ${action} needs ${wanted} as its options.`);

const unknownAction = (action: string, known: string[]): DqueueError =>
  new DqueueError(
    "UNKNOWN_DURABLE_ACTION",
    `${action} is not a durable action that this node knows (it knows ${known.join(", ") || "none"}). Name it in the bus's \`actions\`.`,
  );
