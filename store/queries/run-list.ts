import { RUN_STATUSES } from "../../core/status";
import type { Queryable } from "../database";
import { jobFigures } from "./job-figures";
import { cursorOf, type Page, type PageRequest, pageOf, type Position, readCursor } from "./paging";
import { allOf, Conditions, ERROR_TYPE, firstError, LAUNCHED_BY, type RunFilter } from "./run-filter";
import { type RunSummary, SUMMARY_COLUMNS, withTimes } from "./runs";

/** A run as the list of runs shows it. */
export interface RunItem extends RunSummary {
  /** `sensor:<name>`, `reexecution` or `api`. */
  launched_by: string;
  /** Of a failed run: class and message of the first error of its steps, else of its own. */
  error_type: string | null;
  error_message: string | null;
  /** Usual durations of the job: of the successes among its last 50 ended runs; null: there is none. */
  p50_ms: number | null;
  p95_ms: number | null;
}

/**
 * So many runs are looked at, newest first, for what no index knows: this bounds the time of every list and count.
 * Fewer where errors are asked for, since each failed run's first one is looked up.
 */
export const windowOf = ({ error }: RunFilter): number => (error ? 10_000 : 50_000);

/**
 * Whether a filter's tags are those of a window of runs or more: the newest of them are then not looked for by their tags,
 * since all that have them would be sorted. By runs_by_tag.
 */
export const hasCommonTags = async (db: Queryable, filter: RunFilter): Promise<boolean> => {
  const { tags } = filter;
  if (!tags || tags.all.length === 0) return false;
  const { near, values } = new Conditions({ tags });
  const { rows } = await db.query<{ runs: number }>(
    `select count(*) as runs from (select from runs r where ${allOf(near)} limit ${windowOf(filter)}) r`,
    values,
  );
  return rows[0]!.runs === windowOf(filter);
};

/** `-` stands for falling. By status: in the order in which a run meets them; alike ones newest first. */
export const RUN_SORTS = ["-created", "created", "-duration", "duration", "-status", "status"] as const;
export type RunSort = (typeof RUN_SORTS)[number];

/**
 * A page of runs. In the order of their creation a filter that few runs fit may give a page that is short, even empty,
 * with a `next_cursor`: the search went through a window of runs and goes on there. Other orders are those of the
 * newest window of the filter.
 *
 * By runs_newest, runs_by_job, runs_ended or runs_by_tag, up to a window of rows; by runs_ended_by_job, 50 rows for each
 * job of the page. Times with 1,000,000 runs: docs/decisions/0009.
 */
export const listRuns = async (
  db: Queryable,
  filter: RunFilter,
  sort: RunSort,
  page: PageRequest,
): Promise<Page<RunItem>> => {
  const { items, next_cursor } =
    sort === "-created" || sort === "created"
      ? await byCreation(db, filter, sort, page)
      : await byKey(db, filter, sort, page);
  const figures = await jobFigures(db, [...new Set(items.map(({ job }) => job))]);
  const usual = (job: string) => {
    const { p50_ms = null, p95_ms = null } = figures.get(job) ?? {};
    return { p50_ms, p95_ms };
  };
  return { items: items.map((item) => ({ ...item, ...usual(item.job) })), next_cursor };
};

type Item = Omit<RunItem, "p50_ms" | "p95_ms">;
interface Row extends Item {
  created_us: number;
  key: number;
}

/** SQL: when `runs r` was created, exactly, as a number. */
export const MICROSECONDS = "(extract(epoch from r.created_at) * 1000000)::bigint";

/** The page's rows, `error` and tags still there, with what lists add. */
const shownOf = (rows: string, order: string): string => `
  select ${SUMMARY_COLUMNS}, ${MICROSECONDS} as created_us, ${LAUNCHED_BY} as launched_by, ${ERROR_TYPE} as error_type,
         left(${firstError("message")}, 300) as error_message, key
  from (${rows}) r order by ${order}`;

const asItem = ({ created_us: _us, key: _key, ...row }: Row): Item => withTimes<Item>(row);

const byCreation = async (
  db: Queryable,
  filter: RunFilter,
  sort: "-created" | "created",
  { limit, cursor }: PageRequest,
): Promise<Page<Item>> => {
  const bound = { ...filter, sort };
  const after = readCursor(cursor, bound, ["integer", "uuid"]);
  const [than, direction] = sort === "created" ? [">", "asc"] : ["<", "desc"];
  const conditions = new Conditions(filter);
  const { near, values } = conditions;
  if (after)
    near.push(
      `(r.created_at, r.id) ${than} (${instant(conditions, after[0]!)}, ${conditions.value(after[1], "uuid")})`,
    );
  const nearValues = [...values];
  const far = conditions.far();
  const order = `r.created_at ${direction}, r.id ${direction}`;
  const searched = `select r.* from runs r where ${allOf(near)} order by ${order}`;
  const found =
    far.length === 0
      ? `${searched} limit ${limit + 1}`
      : `select * from (${searched} limit ${windowOf(filter)}) r where ${allOf(far)} order by ${order} limit ${limit + 1}`;
  const { rows } = await db.query<Row>(shownOf(`select *, null as key from (${found}) r`, order), values);
  const page = pageOf(rows, limit, bound, positionOf, asItem);
  if (far.length === 0 || page.next_cursor !== null) return page;
  const { rows: ends } = await db.query<{ created_us: number; id: string }>(
    `select ${MICROSECONDS} as created_us, r.id from (${searched} limit 1 offset ${windowOf(filter) - 1}) r`,
    nearValues,
  );
  return { ...page, next_cursor: ends[0] ? cursorOf(bound, positionOf(ends[0])) : null };
};

const positionOf = ({ created_us, id }: { created_us: number; id: string }): Position => [created_us, id];

/** SQL: the time of MICROSECONDS. */
export const instant = (conditions: Conditions, us: unknown): string =>
  `timestamptz 'epoch' + ${conditions.value(us, "bigint")} * interval '1 microsecond'`;

/** Those that have not started come last in both directions. */
const LONGEST = 1e15;

const byKey = async (
  db: Queryable,
  filter: RunFilter,
  sort: RunSort,
  { limit, cursor }: PageRequest,
): Promise<Page<Item>> => {
  const bound = { ...filter, sort };
  const after = readCursor(cursor, bound, ["integer", "integer", "integer", "uuid"]);
  // Durations grow and runs are added while somebody reads: all pages show the moment of the first.
  const at = (after?.[0] as number | undefined) ?? Date.now() * 1_000;
  const conditions = new Conditions(filter, await hasCommonTags(db, filter));
  const { near, values } = conditions;
  const now = instant(conditions, at);
  near.push(`r.created_at <= ${now}`);
  const falls = sort.startsWith("-");
  const key = sort.endsWith("status")
    ? `array_position(${conditions.value(RUN_STATUSES, "text[]")}, r.status)`
    : `coalesce(floor(extract(epoch from coalesce(r.ended_at, ${now}) - r.started_at) * 1000), ${falls ? -1 : LONGEST})::bigint`;
  const behind: string[] = [];
  if (after) {
    const k = conditions.value(after[1], "bigint");
    const place = `(${instant(conditions, after[2])}, ${conditions.value(after[3], "uuid")})`;
    behind.push(`(r.key ${falls ? "<" : ">"} ${k} or (r.key = ${k} and (r.created_at, r.id) < ${place}))`);
  }
  const order = `r.key ${falls ? "desc" : "asc"}, r.created_at desc, r.id desc`;
  const { rows } = await db.query<Row>(
    shownOf(
      `select * from (
         select *, ${key} as key from (
           select r.* from runs r where ${allOf(near)} order by r.created_at desc, r.id desc limit ${windowOf(filter)}
         ) r where ${allOf(conditions.far())}
       ) r where ${allOf(behind)} order by ${order} limit ${limit + 1}`,
      order,
    ),
    values,
  );
  return pageOf(rows, limit, bound, (row) => [at, row.key, row.created_us, row.id], asItem);
};
