import { STEP_STATUSES } from "../../../core/status";
import type { Database } from "../../../store/database";
import { graphOfRun } from "../../../store/graphs";
import { runErrors, stepTries, takeovers } from "../../../store/queries/step-columns";
import { usualDurations } from "../../../store/queries/usual-durations";
import type { RunInHand } from "./runs-in-hand";

/** Attempts before the last ones that are told: of a run that had more, the first ones. */
const MOST_TRIES = 20_000;
const MOST_TAKEOVERS = 100;

/** Tells all steps of a run in one answer, as the text of a JSON object. */
export type TellColumns = (run: RunInHand) => Promise<Buffer>;

/** Of a run in hand the answer is made once: it is as large as the run, and of one that has ended always the same. */
export const columnsTold = (db: Database): TellColumns => {
  const answers = new WeakMap<RunInHand, Promise<Buffer>>();
  return (run) => {
    const known = answers.get(run);
    if (known) return known;
    const answer = readColumns(db, run);
    answers.set(run, answer);
    answer.catch(() => answers.delete(run));
    return answer;
  };
};

/**
 * A hundred thousand steps are 4.9 MB, where a list of them would be 38. Columns stand in it as the database has told them.
 */
const readColumns = async (db: Database, { run, columns, now }: RunInHand): Promise<Buffer> => {
  const { texts, rare, origin } = columns;
  const workers = columns.placesOf("workers");
  const slots = columns.placesOf("slots");
  const [taken, errors, usual] = await Promise.all([
    takeovers(db, run.id, MOST_TAKEOVERS),
    runErrors(db, run.id),
    run.ended_at === null ? usualDurations(db, run.job, await nodesOf(db, run.id)) : {},
  ]);
  const steps = {
    ...{ key: texts.keys, status: texts.statuses, attempt: texts.attempts },
    ...{ worker: workers.text, slot: slots.text },
    ...{ ready: texts.ready, queued: texts.queued, started: texts.started, ended: texts.ended },
  };
  const rest = {
    ...{ created_at: run.created_at, seq: run.seq, now_ms: now, statuses: STEP_STATUSES },
    ...{ workers: workers.names, slots: slots.names, lost: rare.lost, retry: rare.retry, items: rare.items },
    usual_ms: usual,
    takeovers: taken.map(({ at: time, owner }) => ({ at_ms: time - origin, owner })),
    errors,
  };
  const columnTexts = Object.entries(steps).map(([name, text]) => `"${name}":${text}`);
  return Buffer.from(`{"steps":{${columnTexts.join(",")}},${JSON.stringify(rest).slice(1)}`);
};

const nodesOf = async (db: Database, run: string): Promise<string[]> =>
  (await graphOfRun(db, run))?.nodes.map(({ name }) => name) ?? [];

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
