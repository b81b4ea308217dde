import { DqueueError } from "../../core/errors";
import type { Queryable } from "../database";
import { type LogItem, readLineId } from "./history";

/** What a line is: the level of what an op logs, the stream of what it prints. */
export const LOG_KINDS = ["error", "warn", "info", "debug", "stdout", "stderr"] as const;
export type LogKind = (typeof LOG_KINDS)[number];

export const SEARCH_MODES = ["plain", "case", "regex", "case-regex"] as const;
type SearchMode = (typeof SEARCH_MODES)[number];

export interface LogQuery {
  q?: string;
  mode?: SearchMode;
  after: string | null;
}

export interface LogFilter {
  run: string;
  /** A step, or all steps of an op. */
  step?: string;
  attempt?: number;
  /** That performed the attempts. */
  worker?: string;
  kinds?: LogKind[];
  /** Written by then, in Unix ms. */
  until?: number;
}

/** Each that many lines shown, a place to read on from. */
const LINES_A_PAGE = 500;
const MOST_MATCHES = 10_000;
/** A rail is no higher than a screen. */
const MARKS = 300;

/**
 * All lines behind a place in order, numbered from 1. By logs_in_order, chunk by chunk: with a limit it ends early.
 * $1 run, $2 chunk and $3 line of the place.
 */
const LINES = `
  select l.id, e.nth, l.step, l.attempt, e.at, e.stream, e.level, e.text,
         (row_number() over (order by l.id, e.nth))::int as number,
         case when e.stream = 'log' then e.level else e.stream end as kind
  from logs l, rows from (json_to_recordset(l.lines) as (at bigint, stream text, level text, text text))
    with ordinality as e(at, stream, level, text, nth)
  where l.run_id = $1 and l.id >= $2 and (l.id > $2 or e.nth > $3 + 1)`;

/** $7 worker: the last attempts of its steps, by steps_pkey, and earlier ones, by events_notable_batches. */
const ON_WORKER = `($7::text is null or (step, attempt) in (
  select step, attempt from steps where run_id = $1 and worker = $7
  union all
  select step, (data->>'attempt')::int - (type = 'STEP_UP_FOR_RETRY')::int from events
  where run_id = $1 and notable and type in ('STEP_LOST', 'STEP_RELEASED', 'STEP_UP_FOR_RETRY') and data->>'worker' = $7))`;
/** $4 step or op, $5 attempt, $8 until when. */
const OF_STEP = `($4::text is null or step = $4 or starts_with(step, $4 || '[')) and ($5::int is null or attempt = $5)
  and ${ON_WORKER} and ($8::bigint is null or at <= $8)`;
/** $6 kinds. */
const OF_KIND = `($6::text[] is null or kind = any($6))`;

const paramsOf = ({ run, step, attempt, kinds, worker, until }: LogFilter, after: string | null): unknown[] => [
  run,
  ...readLineId(after),
  step ?? null,
  attempt ?? null,
  kinds ?? null,
  worker ?? null,
  until ?? null,
];

/** A line with its number behind the place that was asked from. */
export interface NumberedLine extends LogItem {
  number: number;
}

/**
 * Lines of a filter behind a place, each with its number among all lines behind that place. It reads from the place to
 * the last line of the page, also what the filter leaves out.
 */
export const listLogLines = async (
  db: Queryable,
  filter: LogFilter,
  after: string | null,
  limit: number,
): Promise<NumberedLine[]> => {
  const { rows } = await db.query<Omit<NumberedLine, "id" | "at"> & { id: number; nth: number; at: number }>(
    // By number it would be sorted as a whole, since the planner does not know that numbers rise with places.
    `select id, nth::int, at, step, attempt, stream, level, text, number from (${LINES}) lines
     where ${OF_STEP} and ${OF_KIND} order by id, nth limit $9`,
    [...paramsOf(filter, after), limit],
  );
  return rows.map(({ id, nth, at, ...line }) => ({ id: `${id}.${nth - 1}`, at: new Date(at).toISOString(), ...line }));
};

/** Chunks that are counted. */
const COUNTED_CHUNKS = 1_000;

export interface LogCount {
  lines: number;
  /** False: there are more. */
  complete: boolean;
}

/**
 * How many lines a run had logged by a moment, in Unix ms, or by now; of a run that has logged much, those of its first
 * chunks. Lines of a chunk are in order. By logs_in_order.
 */
export const countLogLines = async (db: Queryable, run: string, until: number | null): Promise<LogCount> => {
  const { rows } = await db.query<LogCount>(
    `select coalesce(sum(n) filter (where nth <= $2), 0)::int as lines, count(*) <= $2 as complete
     from (
       select row_number() over () as nth,
         case when $3::bigint is null or (lines->-1->>'at')::bigint <= $3 then json_array_length(lines)
              else (select count(*) from json_array_elements(lines) line where (line->>'at')::bigint <= $3) end as n
       from logs where run_id = $1 and ($3 is null or at <= to_timestamp($3 / 1000.0)) order by id limit $2 + 1
     ) chunks`,
    [run, COUNTED_CHUNKS, until],
  );
  return rows[0]!;
};

export interface LogSearch {
  /** Lines of the run behind the place. */
  lines: number;
  /** Those of the filter: its rows, counted from 0. */
  shown: number;
  /** By kind, of the other filters. */
  kinds: Partial<Record<LogKind, number>>;
  /** Each 500th row: its line's number and id. */
  places: [number: number, id: string][];
  match_count: number;
  /** Rows that match, the first 10,000. */
  matches: number[];
  /** Rows of errors and warnings, thinned out to what a rail can show. */
  errors: number[];
  warnings: number[];
  /** The last line of all; null: there is none behind the place. */
  last: string | null;
}

/**
 * Counts and searches the lines behind a place: where the pages of a filter begin, which rows match, where errors are.
 * It reads all lines of the run behind the place: 100,000 take a quarter of a second of the processor.
 * @throws DqueueError INVALID_PARAMETER where the pattern is none.
 */
export const searchLogs = async (
  db: Queryable,
  filter: LogFilter,
  { q, mode = "plain", after }: LogQuery,
): Promise<LogSearch> => {
  if (q !== undefined && mode.endsWith("regex")) refuseBackReferences(q);
  const hit = q === undefined ? "false" : HITS[mode];
  const { rows } = await patternErrors(() =>
    db.query<LogSearch>(
      `with lines as materialized (
         select id, nth, number, kind, ${OF_STEP} as fits, ${hit} as hit from (${LINES}) lines
       ), shown as materialized (
         select *, (row_number() over (order by number))::int - 1 as row from lines where fits and ${OF_KIND}
       ), total as (select count(*)::int as shown from shown)
       select (select count(*)::int from lines) as lines, total.shown,
         (select coalesce(json_object_agg(kind, n), '{}') from
           (select kind, count(*)::int as n from lines where fits group by kind) kinds) as kinds,
         (select coalesce(json_agg(json_build_array(number, id || '.' || (nth - 1)) order by row), '[]') from shown
           where row % ${LINES_A_PAGE} = ${LINES_A_PAGE - 1}) as places,
         (select count(*)::int from shown where hit) as match_count,
         (select coalesce(json_agg(row order by row), '[]') from
           (select row from shown where hit order by row limit ${MOST_MATCHES}) matches) as matches,
         ${marks("'error', 'stderr'")} as errors, ${marks("'warn'")} as warnings,
         (select id || '.' || (nth - 1) from lines order by number desc limit 1) as last
       from total`,
      [...paramsOf(filter, after), ...(q === undefined ? [] : [q])],
    ),
  );
  return rows[0]!;
};

/** $9 what is looked for. */
const HITS: Record<SearchMode, string> = {
  plain: "position(lower($9) in lower(text)) > 0",
  case: "position($9 in text) > 0",
  regex: "text ~* $9",
  "case-regex": "text ~ $9",
};

const marks = (kinds: string): string =>
  `(select coalesce(json_agg(row order by row), '[]') from (select min(row) as row from shown where kind in (${kinds})
     group by row::bigint * ${MARKS} / greatest(1, total.shown)) marks)`;

/** They alone make a search that may not end. */
const refuseBackReferences = (pattern: string): void => {
  if (/\\[1-9]/.test(pattern)) throw badPattern("it refers back to a group");
};

const badPattern = (why: string): DqueueError =>
  new DqueueError(
    "INVALID_PARAMETER",
    `The query parameter "q" cannot be searched for as a regular expression: ${why}.`,
    {
      parameter: "q",
    },
  );

const INVALID_REGULAR_EXPRESSION = "2201B";

const patternErrors = async <T>(ask: () => Promise<T>): Promise<T> => {
  try {
    return await ask();
  } catch (error) {
    if ((error as { code?: unknown }).code !== INVALID_REGULAR_EXPRESSION) throw error;
    throw badPattern((error as Error).message.replace(/^invalid regular expression: /, ""));
  }
};
