import type { WorkerBeat } from "../core/messages";

/**
 * Lets only what is a worker's beat through to a listener. Whoever is on the bus can say anything there, and a worker of
 * another version may say it otherwise: that must not end the process that hears it.
 */
export const heardBeats =
  (listen: (beat: WorkerBeat) => void) =>
  (beat: unknown): void => {
    if (isBeat(beat)) listen(beat);
  };

const isBeat = (beat: unknown): beat is WorkerBeat => {
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
};

const isHold = (hold: unknown): boolean =>
  isObject(hold) && [hold.shard, hold.fence].every(Number.isSafeInteger) && [hold.run, hold.step].every(isText);
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
const isText = (value: unknown): boolean => typeof value === "string";
const isListOf = (list: unknown, is: (value: unknown) => boolean): boolean => Array.isArray(list) && list.every(is);
