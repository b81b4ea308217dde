import type { Database } from "../../../store/database";
import { graphOfRun } from "../../../store/graphs";
import { stepErrors, stepTries, takeovers } from "../../../store/queries/step-columns";
import { usualDurations } from "../../../store/queries/usual-durations";
import type { RunInHand } from "./runs-in-hand";

/** Attempts before the last ones that are told: of a run that had more, the first ones. */
const MOST_TRIES = 20_000;
const MOST_TAKEOVERS = 100;

/** All steps of a run in one answer: a hundred thousand of them are 5 MB, where a list of them would be 38. */
export const readColumns = async (db: Database, { run, columns, now }: RunInHand) => {
  const { keys, statuses } = columns;
  const failed = keys.filter((_, place) => statuses[place] === "FAILURE" || statuses[place] === "UP_FOR_RETRY");
  const errors = await stepErrors(db, run.id, failed);
  const taken = await takeovers(db, run.id, MOST_TAKEOVERS);
  const usual = run.ended_at === null ? await usualDurations(db, run.job, await nodesOf(db, run.id)) : {};
  const workers = [...new Set(columns.workers)].filter((worker) => worker !== null);
  const at = new Map(workers.map((worker, place) => [worker, place]));
  return {
    ...{ created_at: run.created_at, seq: run.seq, now_ms: now },
    steps: {
      ...{ key: keys, status: statuses, attempt: columns.attempts },
      worker: columns.workers.map((worker) => (worker === null ? -1 : at.get(worker)!)),
      ...{ ready: timesOf(columns.ready), queued: timesOf(columns.queued) },
      ...{ started: timesOf(columns.started), ended: timesOf(columns.ended) },
    },
    workers,
    lost: byKey(keys, columns.lost, (lost) => lost > 0),
    retry: byKey(keys, columns.retry, (retry) => !Number.isNaN(retry)),
    items: columns.items,
    usual_ms: usual,
    takeovers: taken.map(({ at: time, owner }) => ({ at_ms: time - columns.origin, owner })),
    errors: Object.fromEntries([...errors].map(([key, { type, message }]) => [key, { name: type, message }])),
  };
};

const nodesOf = async (db: Database, run: string): Promise<string[]> =>
  (await graphOfRun(db, run))?.nodes.map(({ name }) => name) ?? [];

const timesOf = (times: Float64Array): (number | null)[] =>
  Array.from(times, (time) => (Number.isNaN(time) ? null : time));

/** Of the few steps that have such a value. */
const byKey = (
  keys: readonly string[],
  values: ArrayLike<number>,
  has: (value: number) => boolean,
): Record<string, number> =>
  Object.fromEntries(keys.flatMap((key, place) => (has(values[place]!) ? [[key, values[place]!]] : [])));

/** The attempts that steps had before their last ones, by key and in order. */
export const readTries = async (db: Database, { run, columns: { origin } }: RunInHand) => {
  const found = await stepTries(db, run.id, MOST_TRIES);
  const ms = (at: number | null): number | null => (at === null ? null : at - origin);
  const tries: Record<string, object[]> = {};
  for (const { step, queued, started, ended, error, ...rest } of found)
    (tries[step] ??= []).push({
      ...{ queued: ms(queued), started: ms(started), ended: ended - origin },
      ...{ ...rest, error: error && { name: error.name, message: error.message } },
    });
  return { tries, complete: found.length < MOST_TRIES };
};
