import { createHash } from "node:crypto";
import { DqueueError } from "../core/errors";
import type { LastSeen, ShardLease, ShardRecord } from "../core/records";
import type { Database, Queryable } from "./database";
import { COORDINATOR_LOCK } from "./locks";
import { RECORD_TAKEOVER } from "./takeovers";

/** A coordinator's sign of life: gone with its connection, however that ends. */
export interface Membership {
  /** Calls back once when the connection, and with it the lock, is lost: others may then take its shards. */
  onLost(callback: (error: Error) => void): void;
  close(): Promise<void>;
}

/** Epochs leap past everything that an earlier owner may have drawn and not written. */
const EPOCH = `greatest((extract(epoch from clock_timestamp()) * 1000000)::bigint, beat + 10000000)`;

/** Embedded there are no other processes, and advisory locks do nothing: who has joined lives. */
const embeddedMembers = new WeakMap<Database, Set<string>>();
const membersOf = (db: Database): Set<string> => {
  let members = embeddedMembers.get(db);
  if (!members) embeddedMembers.set(db, (members = new Set()));
  return members;
};

/** The advisory lock of a coordinator, by its id. */
const lockKey = (id: string): number => createHash("sha256").update(id).digest().readInt32BE(0);

/**
 * Joins the coordinators as `id`: a connection of its own holds an advisory lock by which the others know that it
 * lives. Fails with COORDINATOR_ID_TAKEN where one of that id lives already.
 */
export const joinCoordinators = async (db: Database, id: string): Promise<Membership> => {
  if (db.embedded) return joinEmbedded(db, id);
  const session = await db.session();
  try {
    const { rows } = await session.query<{ taken: boolean }>("select pg_try_advisory_lock($1, $2) as taken", [
      COORDINATOR_LOCK,
      lockKey(id),
    ]);
    if (!rows[0]!.taken) throw idTaken(id);
    await session.query(
      `insert into coordinators (id, lock_key) values ($1, $2) on conflict (id) do update set joined_at = now()`,
      [id, lockKey(id)],
    );
    await forgetDead(session);
    return { onLost: session.onLost, close: session.close };
  } catch (error) {
    await session.close();
    throw error;
  }
};

const joinEmbedded = (db: Database, id: string): Membership => {
  const members = membersOf(db);
  if (members.has(id)) throw idTaken(id);
  members.add(id);
  return { onLost: () => {}, close: async () => void members.delete(id) };
};

const idTaken = (id: string): DqueueError =>
  new DqueueError("COORDINATOR_ID_TAKEN", `A coordinator "${id}" lives already; each needs an id of its own.`);

const HELD_LOCKS = `
  select objid from pg_locks where locktype = 'advisory' and granted and classid = ${COORDINATOR_LOCK} and objsubid = 2
    and database = (select oid from pg_database where datname = current_database())`;

const forgetDead = async (db: Queryable): Promise<void> => {
  await db.query(
    `delete from coordinators where joined_at < now() - interval '1 day'
       and (lock_key::bigint & 4294967295)::oid not in (${HELD_LOCKS})`,
  );
};

/** Ids of the coordinators that live, sorted. */
export const liveCoordinators = async (db: Database): Promise<string[]> => {
  if (db.embedded) return [...membersOf(db)].sort();
  const { rows } = await db.query<{ id: string }>(
    `select id from coordinators where (lock_key::bigint & 4294967295)::oid in (${HELD_LOCKS}) order by id`,
  );
  return rows.map(({ id }) => id);
};

/** Every shard, by id. */
export const readShards = async (db: Queryable): Promise<ShardRecord[]> =>
  (await db.query<ShardRecord>("select id, owner, epoch, beat from shards order by id")).rows;

const UNSEEN: LastSeen = { handed: false, silent: false, quietMs: null };

/**
 * Takes a shard as read, at a new epoch, and puts that on record. Waits for what the old owner has under way; null where
 * that was a commit, or where anything else has moved the shard on since it was read. `for update`: an admission locks
 * `for key share`.
 */
export const takeShard = async (
  db: Queryable,
  { shard, owner, seen = UNSEEN }: { shard: ShardRecord; owner: string; seen?: LastSeen },
): Promise<ShardLease | null> => {
  const { rows } = await db.query<ShardLease>(
    `with unmoved as materialized (
       select id from shards where id = $1 and owner is not distinct from $3 and epoch = $4 and beat = $5 for update
     ), taken as (
       update shards set owner = $2, epoch = e.epoch, beat = e.epoch
       from unmoved, (select ${EPOCH} as epoch from (select $5::bigint as beat) as read) e
       where shards.id = unmoved.id
       returning shards.id, shards.epoch, beat
     ), recorded as (${RECORD_TAKEOVER})
     select id, epoch, beat from taken`,
    [shard.id, owner, shard.owner, shard.epoch, shard.beat, seen.handed, seen.silent, seen.quietMs],
  );
  return rows[0] ?? null;
};

/**
 * Gives a shard away: it has no owner then, or `to`, who finds it to be its own. Does nothing where it is no longer held
 * at that epoch. @returns whether it was.
 */
export const releaseShard = async (
  db: Queryable,
  lease: ShardLease,
  owner: string,
  to: string | null = null,
): Promise<boolean> => {
  const { rows } = await db.query(
    `with released as (
       update shards set owner = $5, beat = greatest(beat, $4) where id = $1 and owner = $2 and epoch = $3 returning id
     ), recorded as (
       update takeovers set released_at = clock_timestamp() from released where shard = $1 and epoch = $3
     )
     select id from released`,
    [lease.id, owner, lease.epoch, lease.beat, to],
  );
  return rows.length === 1;
};

/** Writes the owner's sign of life and the highest fences drawn; returns the shards that are no longer its own. */
export const beat = async (db: Queryable, owner: string, leases: readonly ShardLease[]): Promise<number[]> => {
  if (leases.length === 0) return [];
  const { rows } = await db.query<{ id: number }>(
    `with held as materialized (
       select s.id, l.beat from shards s
       join unnest($2::int[], $3::bigint[], $4::bigint[]) as l (id, epoch, beat) on s.id = l.id and s.epoch = l.epoch
       where s.owner = $1 order by s.id for no key update of s)
     update shards s set beat = greatest(s.beat + 1, held.beat) from held where s.id = held.id returning s.id`,
    [owner, leases.map((l) => l.id), leases.map((l) => l.epoch), leases.map((l) => l.beat)],
    "dqueue_beat",
  );
  const held = new Set(rows.map(({ id }) => id));
  return leases.filter(({ id }) => !held.has(id)).map(({ id }) => id);
};
