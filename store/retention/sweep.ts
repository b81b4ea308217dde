import type { Database } from "../database";
import { clearRemovals } from "./clear-removals";
import { daySizes, daysWithTables, dropDay, hasRuns } from "./days";
import { DAY_MS } from "../partitions";
import type { KeptDays } from "./expiry";
import { removeDay, removeEndedDay, removeSingly } from "./remove-runs";

/** What one short transaction of a sweep has done. */
export interface Swept {
  /** Runs that were removed. */
  runs: number;
  /** Days whose tables are all gone. */
  days: number;
}

const NOTHING: Swept = { runs: 0, days: 0 };

/** Who begins a run has its id drawn a moment before. */
const SETTLED_MS = 3_600_000;

/**
 * Removes the ended runs that are past their time at `now` with all that is theirs: whole days by their tables where no
 * run of them is to stay, the others' rows in pieces. It goes from one short transaction to the next as whoever iterates
 * asks for it, and may be broken off anywhere: another sweep goes on from there. Several at once do no harm.
 */
export async function* sweepRuns(db: Database, { kept, now }: { kept: KeptDays; now: number }): AsyncGenerator<Swept> {
  const least = Math.min(...[kept.days, ...kept.ofJobs.values()].map((days) => days ?? Infinity));
  for (const day of await daysWithTables(db)) {
    if (day + DAY_MS > now - least * DAY_MS) break;
    for await (const runs of removeDay(db, day, { kept, now })) yield { ...NOTHING, runs };
  }
  for await (const runs of removeSingly(db, { kept, now })) yield { ...NOTHING, runs };
  yield* sweepRemoved(db, now);
}

/**
 * Removes the oldest days whose runs have all ended, whatever their age, until what is left takes no more than `bytes`.
 * A day with a run that goes on is passed over, and this one is never taken.
 */
export async function* shrinkRuns(db: Database, { bytes, now }: { bytes: number; now: number }): AsyncGenerator<Swept> {
  const sizes = await daySizes(db);
  let held = sizes.reduce((sum, day) => sum + day.bytes, 0);
  for (const { day, bytes: freed } of sizes) {
    if (held <= bytes || !isOver(day, now)) break;
    for await (const runs of removeEndedDay(db, day)) yield { ...NOTHING, runs };
    if (!(await hasRuns(db, day))) held -= freed;
  }
  yield* sweepRemoved(db, now);
}

const isOver = (day: number, now: number): boolean => day + DAY_MS + SETTLED_MS <= now;

/** Drops the tables of days without runs, and deletes what other removed runs have left. */
async function* sweepRemoved(db: Database, now: number): AsyncGenerator<Swept> {
  const waiting: number[] = [];
  for (const day of await daysWithTables(db)) {
    if (!isOver(day, now) || (await hasRuns(db, day))) continue;
    const dropping = dropDay(db, day);
    let step = await dropping.next();
    for (; !step.done; step = await dropping.next()) yield NOTHING;
    if (step.value) yield { ...NOTHING, days: 1 };
    else waiting.push(day);
  }
  const days = await daysWithTables(db);
  for await (const _rows of clearRemovals(db, { days, except: waiting })) yield NOTHING;
}
