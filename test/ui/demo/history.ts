import type { DqueueClient, LaunchOptions } from "../../../client";
import type { Database } from "../../../store/database";

/** A job that has run again and again. */
export interface Past {
  launch: LaunchOptions;
  /** Minutes between its runs; each takes some two thirds of that. */
  everyMinutes: number;
  /** How its latest runs were launched, where they failed. */
  failed?: { launch: LaunchOptions; runs: number };
}

const LAST_HOUR_MINUTES = 60;
/** Before the last hour runs stand further apart: enough of them for a day's histogram. */
const EARLIER_RUNS = 12;
const EARLIER_MINUTES = 110;
const MINUTE_MS = 60_000;
/** Of the time between two runs. */
const BUSY = 0.65;

/**
 * Runs that were launched just now, moved into the last day: what is shown of them is what they did, on a longer clock.
 * Their events keep their times.
 */
export const makeHistory = async (client: DqueueClient, db: Database, jobs: readonly Past[]): Promise<void> => {
  await Promise.all(jobs.map((past) => runAgain(client, db, past)));
};

const runAgain = async (client: DqueueClient, db: Database, past: Past): Promise<void> => {
  const ages = agesOf(past.everyMinutes);
  const { failed = { launch: past.launch, runs: 0 } } = past;
  const launches = ages.map((_, i) => (i < failed.runs ? failed.launch : past.launch));
  const ids: string[] = [];
  // One after another, as they would be: each has the slots that it needs.
  for (const launch of launches) {
    const { id } = await client.runs.launch(launch);
    await client.runs.wait(id);
    ids.push(id);
  }
  await move(
    db,
    ids.map((id, i) => ({ id, agoMs: ages[i]! * MINUTE_MS, takesMs: takesMs(past.everyMinutes, i) })),
  );
};

/** Minutes ago, latest first. */
const agesOf = (everyMinutes: number): number[] => {
  const recent = Array.from({ length: Math.floor(LAST_HOUR_MINUTES / everyMinutes) }, (_, i) => (i + 1) * everyMinutes);
  const earlier = Array.from({ length: EARLIER_RUNS }, (_, i) => LAST_HOUR_MINUTES + (i + 1) * EARLIER_MINUTES);
  return [...recent, ...earlier];
};

/** From four to six fifths of the usual time, the same ones each time that pictures are taken. */
const takesMs = (everyMinutes: number, run: number): number =>
  everyMinutes * MINUTE_MS * BUSY * (0.8 + ((run * 7_919) % 40) / 100);

const move = (db: Database, runs: { id: string; agoMs: number; takesMs: number }[]): Promise<void> =>
  db.transaction(async (tx) => {
    const values = [runs.map(({ id }) => id), runs.map(({ agoMs }) => agoMs), runs.map(({ takesMs: ms }) => ms)];
    const moved = (table: string, column: string): string =>
      `${column} = m.at + (${table}.${column} - m.created_at) * m.stretch`;
    const moves = `
      from (
        select r.id, r.created_at, now() - make_interval(secs => n.ago / 1000) as at,
               n.takes / greatest(1, extract(epoch from r.ended_at - r.created_at) * 1000)::float8 as stretch
        from unnest($1::uuid[], $2::float8[], $3::float8[]) as n (id, ago, takes) join runs r on r.id = n.id
      ) m`;
    const steps = ["ready_at", "queued_at", "started_at", "ended_at"].map((column) => moved("steps", column));
    await tx.query(`update steps set ${steps.join(", ")} ${moves} where steps.run_id = m.id`, values);
    const own = ["admitted_at", "started_at", "ended_at", "created_at"].map((column) => moved("runs", column));
    await tx.query(
      `update runs set ${own.join(", ")}, changed = pg_current_xact_id() ${moves} where runs.id = m.id`,
      values,
    );
  });
