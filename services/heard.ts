import type { OwnerBacklog } from "../coordinator/ports";
import type { WorkerBeat } from "../core/messages";

/**
 * Lets only what is of its kind through to a listener that remembers what it hears. Whoever is on the bus can say
 * anything there, and a node of another version may say it otherwise: that must not end the process that hears it.
 */
const only =
  <Said>(is: (said: unknown) => said is Said) =>
  (listen: (said: Said) => void) =>
  (said: unknown): void => {
    if (is(said)) listen(said);
  };

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
const isText = (value: unknown): boolean => typeof value === "string";
const isListOf = (list: unknown, is: (value: unknown) => boolean): boolean => Array.isArray(list) && list.every(is);

const isHold = (hold: unknown): boolean =>
  isObject(hold) && [hold.shard, hold.fence].every(Number.isSafeInteger) && [hold.run, hold.step].every(isText);

/** What workers say each second. */
export const heardBeats = only((beat): beat is WorkerBeat => {
  if (!isObject(beat)) return false;
  const { worker, seq, slots, queues, holds, draining, problems = [] } = beat;
  return (
    typeof worker === "string" &&
    [seq, slots].every(Number.isFinite) &&
    typeof draining === "boolean" &&
    isListOf(queues, isText) &&
    isListOf(problems, isText) &&
    isListOf(holds, isHold)
  );
});

/** What owners say each second. */
export const heardBacklogs = only((backlog): backlog is OwnerBacklog => {
  if (!isObject(backlog)) return false;
  const { owner, takesShards, queues } = backlog;
  return (
    typeof owner === "string" &&
    typeof takesShards === "boolean" &&
    isObject(queues) &&
    Object.values(queues).every(Number.isFinite)
  );
});
