import type { Database, Queryable } from "../database";

/** To delete one, the database looks through all runs once more. */
const GRAPHS_AT_ONCE = 10;

/** Who was told a graph by the catalog has launched its run by then. */
const SETTLED = "interval '1 hour'";

/**
 * Deletes graphs that no run has and no job has any more: versions of the code that are of the past. While code is being
 * published none goes. Yields how many each transaction has deleted.
 */
export async function* sweepGraphs(db: Database): AsyncGenerator<number> {
  for (let left = await unused(db); left.length > 0; left = left.slice(GRAPHS_AT_ONCE)) {
    yield await remove(db, left.slice(0, GRAPHS_AT_ONCE));
  }
}

const USED = `(exists (select from jobs where graph_id = g.id) or exists (select from runs where graph_id = g.id))`;

const unused = async (db: Queryable): Promise<string[]> => {
  const { rows } = await db.query<{ id: string }>(
    `select id from graphs g
     where created_at < now() - ${SETTLED} and not exists (select from jobs where published_at > now() - ${SETTLED})
       and not ${USED} order by id`,
  );
  return rows.map(({ id }) => id);
};

/** Whoever refers to one at this moment holds it. Once they are locked nobody can, and it is seen who did. */
const remove = (db: Database, ids: readonly string[]): Promise<number> =>
  db.transaction(async (tx) => {
    const { rows } = await tx.query<{ id: string }>(
      "select id from graphs where id = any($1::text[]) order by id for update skip locked",
      [ids],
    );
    const { rowCount } = await tx.query(`delete from graphs g where id = any($1::text[]) and not ${USED}`, [
      rows.map(({ id }) => id),
    ]);
    return rowCount;
  });
