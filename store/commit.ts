import type { CommitBatch, CommitResult } from "../core/records";
import { ENDING, PARTS, withoutRepeats } from "./commit-parts";
import type { Queryable } from "./database";
import { refusesData, unstorable } from "./errors";

/**
 * Writes what an owner has decided: one statement, one round trip, all or nothing. Where a shard is no longer held at
 * the epoch given, or a run is to end by itself although its cancel was accepted, nothing is written and the result
 * names it. Terminal states never change, whatever the batch says.
 *
 * Fails with UNSTORABLE where the database refuses a value: nothing is written, and the caller finds the culprit by
 * halving the batch. After any other error the outcome is unknown: take the shards again (`takeShard`).
 */
export const commit = async (db: Queryable, batch: CommitBatch): Promise<CommitResult> => {
  const { text, name, values } = statement(withoutRepeats(batch));
  let rows;
  try {
    ({ rows } = await db.query<{ held: number[]; canceled: string[] }>(text, values, name));
  } catch (error) {
    throw refusesData(error) ? unstorable(error) : error;
  }
  const { canceled } = rows[0]!;
  const held = new Set(rows[0]!.held);
  const lost = batch.shards.filter(({ id }) => !held.has(id)).map(({ id }) => id);
  return lost.length === 0 && canceled.length === 0 ? { ok: true } : { ok: false, lost, canceled };
};

/**
 * Locks the shards in the order of their ids (`beat` of another connection does so too) and tells which are held.
 * `for no key update`, not `for key share`: only the former makes a takeover's update wait for this statement.
 */
const HELD = `
held as materialized (
  select s.id from shards s join unnest($2::int[], $3::bigint[]) as l (id, epoch) on s.id = l.id and s.epoch = l.epoch
  where s.owner = $1 order by s.id for no key update of s
)`;
const NOTHING_ENDS = "ending as (select null::uuid as id, null::timestamptz as cancel_requested_at where false)";
const OK = `
overtaken as materialized (select id from ending where cancel_requested_at is not null),
ok as materialized (
  select count(*) = cardinality($2::int[]) and not exists (select from overtaken) as ok from held
),
beaten as (
  update shards s set beat = greatest(s.beat + 1, l.beat) from unnest($2::int[], $4::bigint[]) as l (id, beat)
  where s.id = l.id and (select ok from ok)
)`;

/** Text by the parts that are there: an empty part costs a tenth of a millisecond, and most batches lack some. */
const texts = new Map<number, string>();
const ALL_PARTS = [ENDING, ...PARTS];

const statement = (batch: CommitBatch): { text: string; name: string; values: unknown[] } => {
  const { owner, shards } = batch;
  const values: unknown[] = [owner, shards.map((s) => s.id), shards.map((s) => s.epoch), shards.map((s) => s.beat)];
  let combination = 0;
  ALL_PARTS.forEach((part, index) => {
    const columns = part.columns(batch);
    if (columns === null) return;
    combination |= 1 << index;
    values.push(...columns);
  });
  let text = texts.get(combination);
  if (text === undefined) texts.set(combination, (text = compose(combination)));
  return { text, name: `dqueue_commit_${combination}`, values };
};

const compose = (combination: number): string => {
  let next = 5;
  const [ending, ...writes] = ALL_PARTS.map(({ name, types, sql }, index) => {
    if ((combination & (1 << index)) === 0) return null;
    const cte = `${name} as (${sql(unnest(types, next))})`;
    next += types.length;
    return cte;
  });
  const ctes = [HELD, ending ?? NOTHING_ENDS, OK, ...writes.filter((cte) => cte !== null)];
  return `with ${ctes.join(",")}
select array(select id from held) as held, array(select id from overtaken) as canceled`;
};

const unnest = (types: readonly string[], first: number): string =>
  `unnest(${types.map((type, i) => `$${first + i}::${type}[]`).join(", ")})`;
