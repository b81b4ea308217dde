import type { ShardLease, TakeoverOutcome } from "../core/records";
import type { Queryable } from "./database";

/**
 * Why a shard was taken. `first`: nobody had ever had it; `given`: its owner gave it away, to balance or as it stopped;
 * `handed`: somebody asked its owner to; `ended`: its owner's process or connection was gone; `silent`: its owner stood
 * still; `itself`: its owner took it anew, after a commit of unknown outcome or a time without the database.
 */
export const TAKEOVER_REASONS = ["first", "given", "handed", "ended", "silent", "itself"] as const;

/** A shard taken. */
export interface Takeover {
  shard: number;
  epoch: number;
  at: Date;
  owner: string;
  former: string | null;
  how: (typeof TAKEOVER_REASONS)[number];
  /** From its former owner's last sign of life until its runs were served again; null: that is not known, or not yet. */
  stalled_ms: number | null;
  runs: number | null;
  sent_again: number | null;
  had_begun: number | null;
}

/**
 * A part of the statement that takes a shard: $1 the shard, $2 who takes it, $3 and $4 its owner and epoch as read, $6 to
 * $8 what was last seen of that owner.
 */
export const RECORD_TAKEOVER = `
  insert into takeovers (shard, epoch, at, owner, former, how, stalled_ms)
  select taken.id, taken.epoch, clock_timestamp(), $2, coalesce(before.owner, $3),
    case when $4 = 0 then 'first'
         when $3::text is null then 'given'
         when $6 then 'handed'
         when $3 = $2 then 'itself'
         when $7 then 'silent'
         else 'ended' end,
    case when before.released_at is null then $8::float8
         else greatest(0, extract(epoch from clock_timestamp() - before.released_at) * 1000) end
  from taken left join takeovers before on before.shard = $1 and before.epoch = $4
  on conflict do nothing`;

/** Puts on record what taking a shard has come to. */
export const noteTakeover = async (
  db: Queryable,
  { id, epoch }: ShardLease,
  { runs, servedMs, sentAgain, hadBegun }: TakeoverOutcome,
): Promise<void> => {
  await db.query(
    `update takeovers set runs = $3, stalled_ms = stalled_ms + $4::float8, sent_again = $5, had_begun = $6
     where shard = $1 and epoch = $2`,
    [id, epoch, runs, servedMs, sentAgain, hadBegun],
  );
};

const TOLD = `t.shard, t.epoch, t.at, t.owner, t.former, t.how,
  case when t.runs is not null then t.stalled_ms end as stalled_ms, t.runs, t.sent_again, t.had_begun`;

/** Newest first. By takeovers_at. */
export const listTakeovers = async (db: Queryable, limit: number): Promise<Takeover[]> => {
  const { rows } = await db.query<Takeover>(`select ${TOLD} from takeovers t order by at desc, shard limit $1`, [
    limit,
  ]);
  return rows;
};

/** Of a run's shard while the run went on, in order. By takeovers_pkey. */
export const takeoversOfRun = async (db: Queryable, run: string, limit: number): Promise<Takeover[]> => {
  const { rows } = await db.query<Takeover>(
    `select ${TOLD} from takeovers t join runs r on r.shard = t.shard
     where r.id = $1 and t.at >= r.created_at and t.at <= coalesce(r.ended_at, 'infinity') order by t.at limit $2`,
    [run, limit],
  );
  return rows;
};
