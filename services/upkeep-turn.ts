import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "../store/database";
import { renewTask, type UpkeepTask } from "../store/upkeep-tasks";

const RENEW_MS = 10_000;
/** Between two transactions: as long as the first one took, within these. */
const SHORTEST_REST_MS = 5;
const LONGEST_REST_MS = 1_000;

/** Who does a task, and until when. */
interface Turn {
  readonly db: Database;
  readonly task: UpkeepTask;
  readonly owner: string;
  readonly signal: AbortSignal;
}

/**
 * Goes through work that is short transactions, with rests in which all others go on.
 * @returns false where it was broken off: by the signal, or since the task is another's by now.
 */
export const goThrough = async <Step>(
  { db, task, owner, signal }: Turn,
  work: AsyncGenerator<Step>,
  each?: (step: Step) => void,
): Promise<boolean> => {
  let renewedAt = performance.now();
  let began = renewedAt;
  for await (const step of work) {
    each?.(step);
    const ms = Math.min(LONGEST_REST_MS, Math.max(SHORTEST_REST_MS, performance.now() - began));
    await sleep(ms, undefined, { signal, ref: false }).catch(() => undefined);
    if (signal.aborted) return false;
    began = performance.now();
    if (began - renewedAt < RENEW_MS) continue;
    if (!(await renewTask(db, task, owner))) return false;
    renewedAt = began;
  }
  return true;
};
