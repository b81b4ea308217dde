import { v7 as uuidv7 } from "uuid";
import type { SensorDefinition } from "../core/graph";
import type { Launch, Launched, ClaimedSensor, CommittedTick, Tick } from "../core/ticks";
import { createRuns } from "./create-runs";
import type { Database, Queryable } from "./database";
import { hashText } from "./hash-text";

interface ClaimedRow {
  definition: SensorDefinition;
  version: number;
  cursor: string | null;
  now: Date;
  last_tick_at: Date | null;
}

/**
 * Takes up to `limit` due sensors of those named, longest due first, and says in how many milliseconds the next of
 * them is due (null: none of them runs). By instigators_due.
 */
export const claimSensors = async (
  db: Queryable,
  { owner, names, limit, leaseMs }: { owner: string; names: readonly string[]; limit: number; leaseMs: number },
): Promise<{ claimed: ClaimedSensor[]; nextDueMs: number | null }> => {
  const { rows } = await db.query<ClaimedRow>(
    `with due as (
       select name from instigators
       where status = 'RUNNING' and kind <> 'schedule' and name = any($2) and next_tick_at <= now()
         and (lease_until is null or lease_until <= now())
       order by next_tick_at limit $3 for update skip locked
     )
     update instigators i set lease_owner = $1, lease_until = now() + $4 * interval '1 millisecond'
     from due where i.name = due.name
     returning i.definition, i.version, i.cursor, now() as now, i.last_tick_at`,
    [owner, names, limit, leaseMs],
    "dqueue_sensors_claim",
  );
  const claimed = rows.map(({ definition, version, cursor, now, last_tick_at }) => ({
    definition,
    version,
    cursor,
    now: now.getTime(),
    lastTickAt: last_tick_at?.getTime() ?? null,
  }));
  return { claimed, nextDueMs: await nextDue(db, names) };
};

const nextDue = async (db: Queryable, names: readonly string[]): Promise<number | null> => {
  const { rows } = await db.query<{ ms: number | null }>(
    `select (extract(epoch from min(greatest(next_tick_at, lease_until)) - now()) * 1000)::float8 as ms
     from instigators where status = 'RUNNING' and kind <> 'schedule' and name = any($1)`,
    [names],
    "dqueue_sensors_next_due",
  );
  return rows[0]!.ms;
};

/** Keeps the leases of evaluations that go on. */
export const renewLeases = async (
  db: Queryable,
  owner: string,
  names: readonly string[],
  leaseMs: number,
): Promise<void> => {
  await db.query(
    `update instigators set lease_until = now() + $3 * interval '1 millisecond'
     where lease_owner = $1 and name = any($2)`,
    [owner, names, leaseMs],
  );
};

/** Gives leases back, so that others need not wait for their end. */
export const releaseLeases = async (db: Queryable, owner: string, names: readonly string[]): Promise<void> => {
  await db.query(
    `update instigators set lease_owner = null, lease_until = null where lease_owner = $1 and name = any($2)`,
    [owner, names],
  );
};

/** For a process that alone uses the database: leases of an earlier one are those of a dead one. */
export const releaseAllLeases = async (db: Queryable): Promise<void> => {
  await db.query(`update instigators set lease_owner = null, lease_until = null where lease_owner is not null`);
};

/**
 * Writes all that an evaluation has brought (runs, run keys, cursor, tick, the next due time) in one transaction.
 * null: nothing was written, since the sensor was started, stopped or given a cursor, or its lease is another's.
 */
export const commitTick = (db: Database, owner: string, tick: Tick): Promise<CommittedTick | null> =>
  db.transaction(async (tx) => {
    const { rowCount } = await tx.query(
      `select 1 from instigators
       where name = $1 and version = $2 and status = 'RUNNING' and lease_owner = $3 for update`,
      [tick.sensor, tick.version, owner],
    );
    if (rowCount === 0) return null;
    const id = uuidv7();
    const launched = await launch(tx, id, tick);
    const endedAt = await insertTick(tx, id, tick, launched);
    await tx.query(
      `update instigators set version = version + 1, cursor = $2, lease_owner = null, lease_until = null,
         last_tick_at = clock_timestamp(),
         -- Who made it due while it was evaluated must not be forgotten. (+ 1: a Date has lost the microseconds.)
         next_tick_at = case when next_tick_at > to_timestamp(($3::float8 + 1) / 1000) then now()
           else greatest(to_timestamp($3::float8 / 1000) + $4 * interval '1 millisecond', now()) end
       where name = $1`,
      [tick.sensor, tick.cursor, tick.startedAt, tick.nextTickAfterMs],
    );
    return { ...launched, id, endedAt };
  });

/** Resolves to when it ended, by the database's clock as all its times. */
const insertTick = async (tx: Queryable, id: string, tick: Tick, launched: Launched): Promise<number> => {
  const { status, skipReason, error } = tick.end(launched);
  const { rows } = await tx.query<{ ended_at: Date }>(
    `insert into ticks (id, instigator, status, started_at, ended_at, skip_reason, error, cursor, run_ids, known_run_keys)
     values ($1, $2, $3, to_timestamp($4::float8 / 1000), clock_timestamp(), $5, $6, $7, $8, $9)
     returning ended_at`,
    [
      id,
      tick.sensor,
      status,
      tick.startedAt,
      skipReason,
      error && JSON.stringify(error),
      tick.cursor,
      JSON.stringify(launched.runIds),
      JSON.stringify(launched.knownRunKeys),
    ],
  );
  return rows[0]!.ended_at.getTime();
};

/** Creates the runs whose keys are new (or that have none). A key stays taken when its run is deleted. */
const launch = async (tx: Queryable, tickId: string, { sensor, launches }: Tick): Promise<Launched> => {
  if (launches.length === 0) return { runIds: [], knownRunKeys: [] };
  const ids = launches.map(() => uuidv7());
  const fresh = await takeKeys(tx, sensor, launches, ids);
  const isNew = (_launch: Launch, index: number): boolean => fresh.has(ids[index]!);
  const news = launches.filter(isNew);
  const runIds = ids.filter((id) => fresh.has(id));
  await createRuns(
    tx,
    news.map((run, index) => ({ ...run, id: runIds[index]!, tags: { ...run.tags, "dagster/tick": tickId } })),
  );
  const known = launches.filter((_launch, index) => !fresh.has(ids[index]!)).map(({ runKey }) => runKey!);
  return { runIds, knownRunKeys: [...new Set(known)] };
};

/** The ids of those launches that may go on. */
const takeKeys = async (
  tx: Queryable,
  sensor: string,
  launches: readonly Launch[],
  ids: readonly string[],
): Promise<Set<string>> => {
  const keyless = ids.filter((_id, index) => launches[index]!.runKey === null);
  const byKey = new Map<string, string>();
  launches.forEach(({ runKey }, index) => {
    if (runKey !== null && !byKey.has(runKey)) byKey.set(runKey, ids[index]!);
  });
  if (byKey.size === 0) return new Set(keyless);
  const keys = [...byKey.keys()];
  const { rows } = await tx.query<{ run_id: string }>(
    `insert into run_keys (instigator, run_key_hash, run_key, run_id)
     select $1, decode(hash, 'hex'), key, id from unnest($2::text[], $3::text[], $4::uuid[]) as asked (hash, key, id)
     on conflict do nothing returning run_id`,
    [sensor, keys.map(hashText), keys, [...byKey.values()]],
  );
  return new Set([...keyless, ...rows.map((row) => row.run_id)]);
};

/** Which of a sensor's keys have launched a run. By run_keys_pkey. */
export const knownRunKeys = async (db: Queryable, sensor: string, keys: readonly string[]): Promise<Set<string>> => {
  const { rows } = await db.query<{ run_key: string }>(
    `select run_key from run_keys
     where instigator = $1 and run_key_hash in (select decode(hash, 'hex') from unnest($2::text[]) as hash)`,
    [sensor, keys.map(hashText)],
  );
  return new Set(rows.map((row) => row.run_key));
};
