import type { OwnerBacklog } from "../coordinator/ports";
import type { WorkerBeat, WorkerOrder } from "../core/messages";
import { type Fields, isCount, isListOf, isObject, isOr, isSlot, isText, isTime } from "./shapes";

/** Lets only what is of its kind through to a listener. */
const only =
  <Said>(is: (said: unknown) => said is Said) =>
  (listen: (said: Said) => void) =>
  (said: unknown): void => {
    if (is(said)) listen(said);
  };

const isHold = (hold: unknown): boolean =>
  isObject(hold) &&
  isCount(hold.shard) &&
  isCount(hold.fence) &&
  isText(hold.run) &&
  isText(hold.step) &&
  isOr(undefined, isSlot, hold.slot);

/** What workers say each second. */
export const heardBeats = only((beat): beat is WorkerBeat => {
  if (!isObject(beat)) return false;
  const { worker, seq, slots, queues, holds, draining, problems = [] } = beat;
  return (
    isText(worker) &&
    isTime(seq) &&
    isTime(slots) &&
    typeof draining === "boolean" &&
    isListOf(queues, isText) &&
    isListOf(problems, isText) &&
    isListOf(holds, isHold)
  );
});

const isShardEpoch = (shard: unknown): boolean => isObject(shard) && isCount(shard.shard) && isCount(shard.epoch);

/** What owners say each second. */
export const heardBacklogs = only((backlog): backlog is OwnerBacklog => {
  if (!isObject(backlog)) return false;
  const { owner, takesShards, shards, queues } = backlog;
  return (
    isText(owner) &&
    typeof takesShards === "boolean" &&
    isListOf(shards, isShardEpoch) &&
    isObject(queues) &&
    Object.values(queues).every(isTime)
  );
});

/** What each kind of order has. */
const ORDERS: Readonly<Record<WorkerOrder["type"], (order: Fields) => boolean>> = {
  revoke: ({ run, step, fence }) => isText(run) && isText(step) && isCount(fence),
  cancel: ({ run, graceMs }) => isText(run) && isTime(graceMs),
  roll_call: ({ id, shards }) => isText(id) && isListOf(shards, isShardEpoch),
  pause_queue: ({ queue }) => isText(queue),
  resume_queue: ({ queue }) => isText(queue),
};

/** What owners tell all workers. */
export const heardOrders = only((order): order is WorkerOrder => {
  if (!isObject(order) || !isText(order.type) || !Object.hasOwn(ORDERS, order.type)) return false;
  return ORDERS[order.type as WorkerOrder["type"]](order);
});
