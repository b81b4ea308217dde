import { DqueueError } from "../../core/errors";
import type { JsonObject } from "../../core/json";
import type { LogLine } from "../../core/messages";
import type { EventType } from "../../core/records";
import { isNotable } from "../event-batches";
import type { Queryable } from "../database";
import type { Page } from "./paging";

/** An event as the API shows it. `seq` counts from 1 within a run, without gaps. */
export interface RunEventItem {
  seq: number;
  at: string;
  type: EventType;
  step: string | null;
  data: JsonObject | null;
}

/**
 * Events after a number, in order; with `types` only those. By the partition's primary key, from the batch on that holds
 * the first of them; rare types by events_notable_batches.
 */
export const listEvents = async (
  db: Queryable,
  run: string,
  after: number,
  limit: number,
  types: readonly EventType[] | null = null,
): Promise<Page<RunEventItem>> => {
  const rare = types?.every(isNotable) ? "and notable" : "";
  const { rows } = await db.query<Omit<RunEventItem, "at"> & { at: Date }>(
    `select seq, at, type, step, data from events
     where run_id = $1 and seq > $2 and ($4::text[] is null or type = any($4)) ${rare}
       and batch >= coalesce((select max(b.seq) from event_batches b where b.run_id = $1 and b.seq <= $2 + 1), 0)
     order by batch, seq limit $3`,
    [run, after, limit + 1, types],
  );
  const items = rows.slice(0, limit).map(eventItem);
  return { items, next_cursor: rows.length > limit ? String(items.at(-1)!.seq) : null };
};

const eventItem = ({ data, at, ...row }: Omit<RunEventItem, "at"> & { at: Date }): RunEventItem => ({
  ...row,
  at: at.toISOString(),
  data: data && withDates(data),
});

/**
 * The last events up to a moment, in order. There is no index by time, and none is needed: numbers rise with time, so that
 * the last batch that had begun by then is found by halving, a look at event_batches_pkey for each half.
 * @param until Unix ms.
 */
export const latestEvents = async (
  db: Queryable,
  run: string,
  until: number,
  limit: number,
): Promise<RunEventItem[]> => {
  const { rows } = await db.query<Omit<RunEventItem, "at"> & { at: Date }>(
    `with recursive search (low, high) as (
       select 0, coalesce((select max(seq) from event_batches where run_id = $1), 0)
       union all
       select case when b.begun > $2 then low else middle end, case when b.begun > $2 then b.seq - 1 else high end
       from search cross join lateral (select (low + high + 1) / 2 as middle) half
         left join lateral (
           select seq, (select min((event->>0)::float8) from json_array_elements(events) as e (event)) as begun
           from event_batches where run_id = $1 and seq > low and seq <= middle order by seq desc limit 1) b on true
       where low < high)
     select seq, at, type, step, data from events
     where run_id = $1 and at <= to_timestamp($2::float8 / 1000)
       and batch in (select seq from event_batches
                     where run_id = $1 and seq <= (select max(low) from search) order by seq desc limit $3)
     order by seq desc limit $3`,
    [run, until, limit],
  );
  return rows.reverse().map(eventItem);
};

/** Data holds times as the engine has them, in milliseconds. */
const withDates = (data: JsonObject): JsonObject => {
  const shown = { ...data };
  for (const name of ["retry_at", "started_at"]) {
    const at = shown[name];
    if (typeof at === "number") shown[name] = rfc3339(at);
  }
  return shown;
};

const rfc3339 = (ms: number): string => new Date(ms).toISOString();

/** A line of a step's output. */
export interface LogItem {
  /** Rises within a run in the order of commits; what `after` takes to go on behind this line. */
  id: string;
  at: string;
  step: string;
  attempt: number;
  stream: LogLine["stream"];
  level: LogLine["level"];
  text: string;
}

/** Rows are chunks of up to 64 KiB, so that a page of lines may take few or many of them. */
const CHUNKS_AT_ONCE = 50;
const LINE_ID = /^(\d{1,15})\.(\d{1,9})$/;

interface Chunk {
  id: number;
  step: string;
  attempt: number;
  lines: LogLine[];
}

/**
 * Lines of a run, or of one of its steps, in the order in which they were committed. A line's id names the chunk and
 * the place in it, so that following the ids gives each line once, also while more come in (a run has one writer).
 */
export const listLogs = async (
  db: Queryable,
  { run, step, after }: { run: string; step?: string; after: string | null },
  limit: number,
): Promise<Page<LogItem>> => {
  let [chunkId, line] = readLineId(after);
  const items: LogItem[] = [];
  for (;;) {
    const chunks = await chunksFrom(db, run, step, chunkId);
    for (const chunk of chunks) {
      const first = chunk.id === chunkId ? line + 1 : 0;
      for (let i = first; i < chunk.lines.length && items.length <= limit; i++) items.push(itemOf(chunk, i));
      [chunkId, line] = [chunk.id, chunk.lines.length - 1];
    }
    if (items.length > limit || chunks.length < CHUNKS_AT_ONCE) break;
  }
  const page = items.slice(0, limit);
  return { items: page, next_cursor: items.length > limit ? page.at(-1)!.id : null };
};

/** Chunk of a line and its place in it. @throws DqueueError INVALID_CURSOR. */
export const readLineId = (after: string | null): [chunk: number, line: number] => {
  if (after === null) return [0, -1];
  const [, chunk, line] = LINE_ID.exec(after) ?? [];
  if (chunk !== undefined) return [Number(chunk), Number(line)];
  throw new DqueueError("INVALID_CURSOR", `There is no log line with the id "${after.slice(0, 100)}".`, {
    parameter: "after",
  });
};

/** From the chunk in hand on. By logs_in_order. */
const chunksFrom = async (db: Queryable, run: string, step: string | undefined, id: number): Promise<Chunk[]> => {
  const { rows } = await db.query<Chunk>(
    `select id, step, attempt, lines from logs
     where run_id = $1 and id >= $2 and ($3::text is null or step = $3)
     order by id
     limit ${CHUNKS_AT_ONCE}`,
    [run, id, step ?? null],
  );
  return rows;
};

const itemOf = (chunk: Chunk, i: number): LogItem => {
  const { at, stream, level, text } = chunk.lines[i]!;
  return { id: `${chunk.id}.${i}`, at: rfc3339(at), step: chunk.step, attempt: chunk.attempt, stream, level, text };
};
