import type { CallingOptions, Context, LoggerInstance, ServiceBroker, ServiceSchema } from "moleculer";
import { hostname } from "node:os";
import type { Bus } from "../bus";
import type { StepAction, WorkerOrder } from "../core/messages";
import { Executor } from "../worker/executor";
import { processVitals } from "../worker/process-vitals";
import type { Clock, Pool } from "../worker/ports";
import type { StepPool } from "../worker/step-pool";
import { heardOrders } from "./heard";
import { isStepAction, sieve } from "./well-formed";
import { workerBus } from "./worker-bus";

export interface ExecutorNeeds {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly pool: StepPool;
  /** Runs steps in the pool. */
  readonly runner: Pool;
  readonly queues: readonly string[];
  readonly processes: number;
  readonly concurrency: number;
  /** Of the code that the pool runs now. */
  readonly code: () => { version: string; ops: number };
  /** ms that running steps get to finish when the node stops. */
  readonly drainMs: number;
  /** ms between a step's signal and the kill of its process. */
  readonly graceMs: number;
  /** Raised by a second signal to stop: whatever runs ends now. */
  readonly hurry: AbortSignal;
}

const shown = ({ version, ops }: { version: string; ops: number }) => ({ codeVersion: version, ops });

/** Of an error of which nobody need hear. */
const debug =
  (log: LoggerInstance, { run, step }: StepAction) =>
  (error: Error): void =>
    log.debug(error.message, { run, step });

/** Orders about queues are the consumer's affair. */
const turnQueue = ({ steps }: ServiceBroker, order: WorkerOrder): Promise<void> | undefined => {
  if (order.type === "pause_queue") return steps.pause(order.queue);
  return order.type === "resume_queue" ? steps.resume(order.queue) : undefined;
};

type Received = Context<StepAction[]> & { options: CallingOptions };
type Attempted = Context<{ action: StepAction; ended: Promise<void> }>;

/** Hosts the executor actors of this node: performs steps in child processes and reports what became of them. */
export const executorService = (broker: ServiceBroker, needs: ExecutorNeeds): ServiceSchema => {
  const { bus, clock, pool, processes, concurrency } = needs;
  const log = broker.getLogger("executor");
  const identity = { worker: broker.nodeID, host: hostname(), pid: process.pid, queues: [...needs.queues] };
  const executor = new Executor(
    {
      ...workerBus(broker, bus),
      ...{ clock, pool: needs.runner, pid: process.pid, random: Math.random, vitals: processVitals() },
      warn: (message, of = undefined) => (of ? log.warn(message, of) : log.warn(message)),
    },
    () => ({ ...identity, processes, concurrency, ...shown(needs.code()), problems: bus.problems() }),
    { graceMs: needs.graceMs },
  );
  const obey = (order: WorkerOrder): void => {
    executor.order(order);
    turnQueue(broker, order)?.catch((error: Error) => log.warn(error.message));
  };
  const stepsOf = sieve(isStepAction, "steps", log);
  let unsubscribe: () => void = () => undefined;

  return {
    name: "executor",

    actions: {
      /** Steps from a queue. Resolved, and so acknowledged, once the ends of all are confirmed to be with their owners. */
      perform: {
        durable: { queue: "default" },
        handler: async (ctx: Received): Promise<void> => {
          const { contexts: all, redelivered, noSlot } = ctx.options.delivery!;
          const actions = stepsOf(ctx.params);
          const contexts = actions === ctx.params ? all : all.filter((_, i) => isStepAction(ctx.params[i]));
          const accepted = executor.accept(actions, { redelivered, noSlot });
          // The pool sends at the end of this turn: first the steps are on their way, then all else is told of them.
          await null;
          accepted.forEach((step, index) => {
            const options = { ...contexts[index], nodeID: broker.nodeID, timeout: 0, retries: 0, tracking: false };
            // Whatever a middleware says of the call: the step goes its way, and its end is awaited below.
            void broker.call("executor.attempt", step, options).catch(debug(log, step.action));
          });
          await Promise.all(accepted.map((step) => step.ended));
        },
      },

      /** One step, from its delivery to its end, as middlewares, metrics and traces see it. */
      attempt: {
        visibility: "protected",
        handler: (ctx: Attempted) => ctx.params.ended,
      },

      /** What this worker holds and how it is. */
      describe: () => executor.describe(),

      /** What each of its step processes does. */
      loads: () => pool.describe(),
    },

    async started() {
      unsubscribe = await bus.fanout<WorkerOrder>("orders").subscribe(heardOrders(obey));
      pool.start();
      executor.start();
    },

    async stopped() {
      const hurry = (): void => void executor.drain(0);
      needs.hurry.addEventListener("abort", hurry);
      await executor.drain(needs.hurry.aborted ? 0 : needs.drainMs);
      needs.hurry.removeEventListener("abort", hurry);
      unsubscribe();
      await pool.stop();
    },
  };
};
