import type { StepError } from "../core/errors";
import type { JsonObject } from "../core/json";
import type { Said } from "../core/sensing";
import type { ClaimedSensor } from "../core/ticks";
import type { TickStore } from "./ports";
import { evaluateTick, type Evaluation } from "./tick";

/** What a tick of a sensor would do now, as people and programs read it. */
export interface Trial {
  status: "SUCCESS" | "SKIPPED" | "FAILURE";
  skip_reason: string | null;
  error: StepError | null;
  /** Where the cursor would stand. */
  cursor: string | null;
  run_requests: {
    job: string;
    run_key: string | null;
    config: JsonObject;
    tags: Record<string, string>;
    priority: number;
    /** False: its run key has launched a run before. */
    would_launch: boolean;
  }[];
  known_run_keys: string[];
  /** Lines that it wrote; of many the first ones. */
  logs: Said[];
}

const MOST_LINES = 500;

/** Evaluates a sensor and writes nothing. */
export const tryOut = async (
  needs: Evaluation & { store: Pick<TickStore, "knownRunKeys"> },
  claimed: ClaimedSensor,
): Promise<Trial> => {
  const logs: Said[] = [];
  const heard = ({ stream, text }: Said): void => {
    for (const line of text.replace(/\n$/, "").split("\n"))
      if (logs.length < MOST_LINES) logs.push({ stream, text: line });
  };
  const tick = await evaluateTick({ ...needs, heard }, claimed);
  const keys = tick.launches.flatMap(({ runKey }) => runKey ?? []);
  const taken = keys.length > 0 ? await needs.store.knownRunKeys(tick.sensor, keys) : new Set<string>();
  const known = new Set<string>();
  const requests = tick.launches.map(({ job, runKey, config, tags, priority }) => {
    const would_launch = runKey === null || !taken.has(runKey);
    if (!would_launch) known.add(runKey);
    else if (runKey !== null) taken.add(runKey);
    return { job, run_key: runKey, config, tags, priority, would_launch };
  });
  // An id of each run that would be: only their number matters here.
  const runIds = requests.filter(({ would_launch }) => would_launch).map(({ job }) => job);
  const { status, skipReason, error } = tick.end({ runIds, knownRunKeys: [...known] });
  return {
    status,
    skip_reason: skipReason,
    error,
    cursor: tick.cursor,
    run_requests: requests,
    known_run_keys: [...known],
    logs,
  };
};
