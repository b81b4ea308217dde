import type { Database, Queryable } from "../database";

const ROWS_AT_ONCE = 1_000;
const SKIPPED_DAYS = 7;

/** Deletes ticks that were skipped a week ago, and others after `days` (null: never), a piece at a time. */
export async function* sweepTicks(db: Database, days: number | null): AsyncGenerator<number> {
  yield* inPieces(() => pruneTicks(db, "status = 'SKIPPED'", Math.min(SKIPPED_DAYS, days ?? Infinity)));
  if (days !== null) yield* inPieces(() => pruneTicks(db, "status <> 'STARTED'", days));
}

/** By ticks_newest, sensor by sensor. */
const pruneTicks = async (db: Queryable, which: string, days: number): Promise<number> => {
  const { rowCount } = await db.query(
    `delete from ticks where id in (
       select old.id from instigators i cross join lateral (
         select id from ticks
         where instigator = i.name and ${which} and started_at < now() - $1 * interval '1 day'
         limit ${ROWS_AT_ONCE}
       ) old limit ${ROWS_AT_ONCE}
     )`,
    [days],
  );
  return rowCount;
};

/** Deletes what the audit log has of more than `days` ago, a piece at a time. By audit_at. */
export const sweepAudit = (db: Database, days: number): AsyncGenerator<number> =>
  inPieces(async () => {
    const { rowCount } = await db.query(
      `delete from audit where id in (
         select id from audit where at < now() - $1 * interval '1 day' limit ${ROWS_AT_ONCE})`,
      [days],
    );
    return rowCount;
  });

/** Deletes takeovers of more than `days` ago. That of a present owner stays: it is told when that gives the shard away. */
export const sweepTakeovers = (db: Database, days: number): AsyncGenerator<number> =>
  inPieces(async () => {
    const { rowCount } = await db.query(
      `delete from takeovers t where t.at < now() - $1 * interval '1 day'
       and not exists (select from shards where id = t.shard and epoch = t.epoch)`,
      [days],
    );
    return rowCount;
  });

async function* inPieces(piece: () => Promise<number>): AsyncGenerator<number> {
  for (let rows = await piece(); rows > 0; rows = await piece()) yield rows;
}
