import { DqueueError } from "../core/errors";
import type { Said, SensorAnswer, SensorContext } from "../core/sensing";
import type { ClaimedSensor, Launch, Tick } from "../core/ticks";
import { checkedAnswer, endOf, failedTick, nextCursor } from "./outcome";
import type { Evaluate, LaunchableJob, TickStore } from "./ports";
import { planLaunches, requestedJobs } from "./requests";
import { readableText, storableError } from "./storable";

/** Runs that a run-status sensor is given in one tick. */
export const RUNS_PER_TICK = 25;
const SOON_MS = 1_000;

export interface Evaluation {
  readonly store: Pick<TickStore, "latestRuns" | "launchableJobs" | "endedRuns">;
  readonly evaluate: Evaluate;
  readonly timeoutMs: number;
  /** Aborted: the evaluation in hand is given up, and what it would have changed is not. */
  readonly signal: AbortSignal;
  readonly heard?: (said: Said) => void;
}

/**
 * Evaluates a due sensor and tells what that is to change; writes nothing. What user code does wrong is a FAILURE
 * tick; what the database does wrong is thrown.
 */
export const evaluateTick = (needs: Evaluation, claimed: ClaimedSensor): Promise<Tick> =>
  claimed.definition.kind === "run_status_sensor" ? watchTick(needs, claimed) : sensorTick(needs, claimed);

/** The launches and the answer of a sensor's function. Throws what user code threw, or what it got wrong. */
export const ask = async (
  needs: Evaluation,
  claimed: ClaimedSensor,
  context: SensorContext,
): Promise<{ answer: SensorAnswer; launches: Launch[] }> => {
  const { definition } = claimed;
  let jobs: ReadonlyMap<string, LaunchableJob> = new Map();
  let answer: SensorAnswer;
  try {
    answer = checkedAnswer(definition.name, await bounded(needs, context));
  } catch (error) {
    throw new OfUserCode(error);
  }
  if (answer.runRequests.length > 0) {
    jobs = await needs.store.launchableJobs(requestedJobs(definition, answer.runRequests));
  }
  try {
    return { answer, launches: planLaunches(definition, answer.runRequests, jobs) };
  } catch (error) {
    throw new OfUserCode(error);
  }
};

/** Of a child that ignores its end: it must not hold the sensor for ever. */
const BACKSTOP_MS = 10_000;

const bounded = ({ evaluate, timeoutMs, signal, heard }: Evaluation, context: SensorContext): Promise<SensorAnswer> =>
  new Promise((resolve, reject) => {
    const giveUp = (code: string, message: string) => reject(new DqueueError(code, message));
    const stopped = (): void =>
      giveUp("EVALUATION_ABORTED", `The evaluation of sensor "${context.sensor}" was given up: its daemon stops.`);
    const timer = setTimeout(
      () => giveUp("TIMEOUT", `The evaluation of sensor "${context.sensor}" did not end within ${timeoutMs / 1000} s.`),
      timeoutMs + BACKSTOP_MS,
    );
    if (signal.aborted) stopped();
    else signal.addEventListener("abort", stopped, { once: true });
    evaluate(context.sensor, context, { timeoutMs, signal, ...(heard && { heard }) })
      .then(resolve, reject)
      .finally(() => {
        clearTimeout(timer);
        signal.removeEventListener("abort", stopped);
      });
  });

/** Marks what a sensor did wrong, as against what went wrong around it. */
export class OfUserCode extends Error {
  constructor(readonly thrown: unknown) {
    super("The sensor failed.", { cause: thrown });
  }
}

export const contextOf = async (needs: Evaluation, claimed: ClaimedSensor): Promise<SensorContext> => ({
  sensor: claimed.definition.name,
  cursor: claimed.cursor,
  now: claimed.now,
  lastTickAt: claimed.lastTickAt,
  latestRuns: await needs.store.latestRuns(claimed.definition.jobs),
});

const sensorTick = async (needs: Evaluation, claimed: ClaimedSensor): Promise<Tick> => {
  const { definition, version, cursor, now } = claimed;
  const context = await contextOf(needs, claimed);
  try {
    const { answer, launches } = await ask(needs, claimed, context);
    return {
      sensor: definition.name,
      version,
      startedAt: now,
      launches,
      cursor: cursorAfter(claimed, cursor, answer),
      end: endOf(answer.skipReason),
      nextTickAfterMs: definition.minimumIntervalSeconds * 1000,
    };
  } catch (error) {
    // Given up is not failed: then nobody learns of it, and another daemon begins anew.
    if (!(error instanceof OfUserCode) || needs.signal.aborted) throw error;
    return failedTick(claimed, error.thrown);
  }
};

const cursorAfter = (claimed: ClaimedSensor, before: string | null, answer: SensorAnswer): string | null => {
  try {
    return nextCursor(claimed.definition.name, before, answer);
  } catch (error) {
    throw new OfUserCode(error);
  }
};

/**
 * Gives a run-status sensor the runs that ended since its cursor, one by one and in order. Where it fails, the runs
 * before count and the cursor stays in front of the run that it failed on.
 */
const watchTick = async (needs: Evaluation, claimed: ClaimedSensor): Promise<Tick> => {
  const { definition, version, now } = claimed;
  const page = await needs.store.endedRuns(definition, claimed.cursor, RUNS_PER_TICK);
  const context = page.runs.length > 0 ? await contextOf(needs, claimed) : null;
  const launches: Launch[] = [];
  const reasons: string[] = [];
  const tick = { sensor: definition.name, version, startedAt: now, launches };
  let cursor = claimed.cursor;

  for (const seen of page.runs) {
    try {
      const asked = await ask(needs, claimed, { ...context!, cursor: null, run: seen.run });
      launches.push(...asked.launches);
      if (asked.answer.skipReason !== null) reasons.push(`${seen.run.id}: ${asked.answer.skipReason}`);
      cursor = seen.cursor;
    } catch (error) {
      if (!(error instanceof OfUserCode) || (needs.signal.aborted && cursor === claimed.cursor)) throw error;
      // Given up: what was seen so far counts, and the next daemon goes on behind it.
      if (needs.signal.aborted) return { ...tick, cursor, end: watched(reasons), nextTickAfterMs: 0 };
      return { ...failedTick(claimed, failedOn(seen.run.id, error.thrown)), launches, cursor };
    }
  }
  const nextTickAfterMs =
    page.more === "now" ? 0 : page.more === "soon" ? SOON_MS : definition.minimumIntervalSeconds * 1000;
  const end = page.runs.length > 0 ? watched(reasons) : endOf(null);
  return { ...tick, cursor: page.cursor, end, nextTickAfterMs };
};

const watched = (reasons: readonly string[]): Tick["end"] => {
  const skipReason = reasons.length > 0 ? reasons.join("\n") : null;
  return () => ({ status: "SUCCESS", skipReason: skipReason && readableText(skipReason), error: null });
};

const failedOn = (run: string, thrown: unknown) => {
  const error = storableError(thrown);
  return { ...error, metadata: { ...error.metadata, run_id: run } };
};
