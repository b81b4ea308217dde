import type { Database, Queryable } from "../database";
import { PARTITIONED, sqlTimeOfId } from "../partitions";

type Table = (typeof PARTITIONED)[number];

/** Bytes of a row `t`, about; without reading what stands outside of it. */
const ROW: Readonly<Record<Table, string>> = {
  steps: "250 + coalesce(pg_column_size(t.outputs), 0) + coalesce(pg_column_size(t.error), 0)",
  items: "100 + pg_column_size(t.value)",
  event_batches: "60 + pg_column_size(t.events)",
  logs: "80 + pg_column_size(t.lines)",
};
/** Some thousand rows tell the shares of jobs to a few percent, however many there are. */
const PAGES_SAMPLED = 100;
const PAGE_BYTES = 8_192;

/** A table of a day ("default": of none), with its indexes. */
interface DayTable {
  table: Table;
  name: string;
  day: string;
  bytes: number;
  pages: number;
  /** As it was measured last, in whole pages. */
  measured: number;
}

/**
 * Measures what runs take by day and job: what each table takes is exact, and shared among jobs by a sample of its rows;
 * of values their JSON is counted. Tables that have not changed are left alone. Yields after each.
 */
export async function* measureStorage(db: Database): AsyncGenerator<void> {
  for (const table of await dayTables(db)) {
    if (Math.abs(table.bytes - table.measured) < PAGE_BYTES) continue;
    await measure(db, table);
    yield;
  }
  await db.transaction(measureValues);
  yield;
}

const dayTables = async (db: Queryable): Promise<DayTable[]> => {
  const { rows } = await db.query<DayTable>(
    `select parent.relname::text as table, c.relname::text as name,
            substring(c.relname from length(parent.relname) + 2) as day, pg_total_relation_size(c.oid) as bytes,
            pg_relation_size(c.oid) / ${PAGE_BYTES} as pages,
            coalesce((select sum(s.bytes) from storage s where s.part = parent.relname
              and s.day = substring(c.relname from length(parent.relname) + 2)), 0)::bigint as measured
     from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_class parent on parent.oid = i.inhparent
     where i.inhparent = any($1::regclass[]) order by c.relname`,
    [PARTITIONED],
  );
  return rows;
};

/** By runs_pkey. Of runs that are gone nothing is counted: it goes too. */
const measure = (db: Database, { table, name, day, bytes, pages }: DayTable): Promise<void> =>
  db.transaction(async (tx) => {
    const percent = Math.min(100, (100 * PAGES_SAMPLED) / Math.max(1, pages));
    await tx.query("delete from storage where day = $1 and part = $2", [day, table]);
    await tx.query(
      `with sampled as (
         select r.job, sum(${ROW[table]})::float8 as bytes
         from ${name} t tablesample system (${percent}) join runs r on r.id = t.run_id group by r.job
       )
       insert into storage (day, part, job, bytes)
       select $1, $2, job, ($3::bigint * bytes / sum(bytes) over ())::bigint from sampled`,
      [day, table, bytes],
    );
  });

/** And forgets days that are gone. */
const measureValues = async (tx: Queryable): Promise<void> => {
  await tx.query(
    `delete from storage s where part = 'values' or not exists (
       select from pg_class where relname = s.part || '_' || s.day and relnamespace = 'public'::regnamespace)`,
  );
  await tx.query(
    `insert into storage (day, part, job, bytes)
     select to_char(to_timestamp(${sqlTimeOfId("v.run_id")} / 1000.0) at time zone 'UTC', 'YYYYMMDD'),
            'values', r.job, sum(v.size)
     from "values" v join runs r on r.id = v.run_id group by 1, r.job`,
  );
};
