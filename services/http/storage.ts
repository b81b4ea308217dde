import type { Database } from "../../store/database";
import { DAY_MS, startOfDay } from "../../store/partitions";
import { keptDays, keptDaysOf } from "../../store/retention/expiry";
import { type DayStorage, readStorage } from "../../store/storage/read";
import type { Retention } from "../upkeep-work";
import { fresh } from "./fresh";

/** Sizes of tables are asked for no more often. */
const FRESH_MS = 10_000;
/** Growth is the mean of so many days that are over. */
const GROWTH_DAYS = 7;

/** What runs take by job and day, and how long they are kept. */
export const storageReader = (db: Database, { days, bytes }: Retention): (() => Promise<object>) =>
  fresh(FRESH_MS, async () => {
    const storage = await readStorage(db);
    const kept = await keptDays(db, days);
    return {
      ...storage,
      retention: { days, bytes },
      growth_per_day: growthOf(storage.days, Date.now()),
      jobs: storage.jobs.map((one) => ({ ...one, retention_days: keptDaysOf(kept, one.job) })),
      days: storage.days.map((one) => ({ ...one, goes_at: days === null ? null : goesAt(one.day, days) })),
    };
  });

/** Once a day's last run, had it ended with its day, is past its time. */
const goesAt = (day: string, days: number): string => new Date(Date.parse(day) + (days + 1) * DAY_MS).toISOString();

/** null: no day is over yet. */
const growthOf = (days: readonly DayStorage[], now: number): number | null => {
  const today = startOfDay(now);
  const over = days.filter(({ day }) => Date.parse(day) < today && Date.parse(day) >= today - GROWTH_DAYS * DAY_MS);
  if (over.length === 0) return null;
  const since = Math.round((today - Date.parse(over[0]!.day)) / DAY_MS);
  return Math.round(over.reduce((sum, { bytes }) => sum + bytes, 0) / since);
};
