import type { Queryable } from "../database";

/** The migrations that the database has, in order. */
export const appliedMigrations = async (db: Queryable): Promise<{ name: string; applied_at: Date }[]> => {
  const { rows } = await db.query<{ name: string; applied_at: Date }>(
    `select name, applied_at from dqueue_migrations order by name`,
  );
  return rows;
};

/** A table with its indexes and, where it has days, all of them. */
export interface TableSize {
  name: string;
  bytes: number;
  /** As the database estimates it. */
  rows: number;
  partitions: number;
}

/** Largest first. Asks the file system for each table and day: not for every look. */
export const tableSizes = async (db: Queryable): Promise<TableSize[]> => {
  const { rows } = await db.query<TableSize>(
    `select coalesce(parent.relname, c.relname)::text as name, sum(pg_total_relation_size(c.oid))::bigint as bytes,
            sum(greatest(c.reltuples, 0))::bigint as rows, count(parent.oid) as partitions
     from pg_class c
     left join pg_inherits i on i.inhrelid = c.oid
     left join pg_class parent on parent.oid = i.inhparent
     where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
     group by 1 order by bytes desc, name`,
  );
  return rows;
};
