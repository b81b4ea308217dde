import { runHasEnded, type RunStatus } from "../../core/status";

/** Values of which one must fit, and values of which none may. */
export interface Choice<T extends string = string> {
  any: T[];
  none: T[];
}

export type Tag = [key: string, value: string];

/** What runs a list, a count or an act in bulk is about. Everything that is given must fit. */
export interface RunFilter {
  status?: Choice<RunStatus>;
  /** Names, `*` for any characters. */
  job?: Choice;
  tags?: { all: Tag[]; none: Tag[] };
  /** What launched them (see LAUNCHED_BY), `*` for any characters. */
  by?: Choice;
  /** Types of errors of failed runs (see ERROR_TYPE), `*` for any characters. */
  error?: Choice;
  parent_run_id?: string;
  /** Ids, or beginnings of ids of at least 8 characters. */
  ids?: string[];
  /** RFC 3339; exclusive, both. */
  created_after?: string;
  created_before?: string;
  /** Milliseconds from start to end, or until now. Exclusive, both. */
  longer_than_ms?: number;
  shorter_than_ms?: number;
}

/** SQL: `sensor:<name>`, `reexecution` or `api`. */
export const LAUNCHED_BY = `case
  when r.parent_run_id is not null then 'reexecution'
  when r.tags ? 'dagster/sensor_name' then 'sensor:' || (r.tags->>'dagster/sensor_name')
  else 'api' end`;

/** SQL: the first error of a failed run's steps, else the run's own. By events_notable_batches. */
export const firstError = (part: string): string => `case when r.status = 'FAILURE' then coalesce(
  (select e.data->'error'->>'${part}' from events e
   where e.run_id = r.id and e.notable and e.type = 'STEP_FAILURE' order by e.seq limit 1), r.error->>'${part}') end`;

/** SQL: of a failed run the class of its first error. */
export const ERROR_TYPE = firstError("name");

/** SQL: milliseconds from start to end, or until now. */
export const DURATION_MS = `(extract(epoch from coalesce(r.ended_at, now()) - r.started_at) * 1000)::float8`;

/** Conditions on `runs r`, with the values that they name. */
export class Conditions {
  /** Such as an index serves, or as hold for most runs. */
  readonly near: string[] = [];
  readonly values: unknown[] = [];

  /** @param commonTags true: the filter's tags are those of so many runs that no index helps. */
  constructor(
    private readonly filter: RunFilter,
    private readonly commonTags = false,
  ) {
    const { created_after, created_before, parent_run_id, ids } = filter;
    this.status(filter.status);
    const name = oneName(filter.job);
    if (name !== null) this.near.push(`r.job = ${this.value(name, "text")}`);
    if (!commonTags) for (const tag of filter.tags?.all ?? []) this.near.push(this.tagged(tag));
    if (filter.error && filter.error.any.length > 0) this.near.push("r.status = 'FAILURE'");
    if (created_after !== undefined) this.near.push(`r.created_at > ${this.value(created_after, "timestamptz")}`);
    if (created_before !== undefined) this.near.push(`r.created_at < ${this.value(created_before, "timestamptz")}`);
    if (parent_run_id !== undefined) this.near.push(`r.parent_run_id = ${this.value(parent_run_id, "uuid")}`);
    if (ids) this.near.push(`(${ids.map((id) => this.id(id)).join(" or ")})`);
  }

  /** Such as must be looked at run by run, and may hold for none of a million. Their values come last: to be asked once. */
  far(): string[] {
    const { job, tags, by, error, longer_than_ms, shorter_than_ms } = this.filter;
    const far = [
      ...this.matching("r.job", oneName(job) === null ? job : { any: [], none: job!.none }),
      ...((this.commonTags && tags?.all) || []).map((tag) => this.tagged(tag)),
      ...(tags?.none ?? []).map((tag) => `not ${this.tagged(tag)}`),
      ...this.matching(LAUNCHED_BY, by),
      ...this.matching(ERROR_TYPE, error),
    ];
    if (longer_than_ms !== undefined) far.push(`${DURATION_MS} > ${this.value(longer_than_ms, "float8")}`);
    if (shorter_than_ms !== undefined) far.push(`${DURATION_MS} < ${this.value(shorter_than_ms, "float8")}`);
    return far;
  }

  /** The place of a value in the statement. */
  value(value: unknown, type: string): string {
    this.values.push(value);
    return `$${this.values.length}::${type}`;
  }

  private status({ any, none }: Choice<RunStatus> = { any: [], none: [] }): void {
    if (any.length > 0) this.near.push(`r.status = any(${this.value(any, "text[]")})`);
    if (none.length > 0) this.near.push(`r.status <> all(${this.value(none, "text[]")})`);
    // Lets the planner use the indexes of live or of ended runs.
    const ended = any.filter(runHasEnded).length;
    if (any.length > 0 && ended === 0) this.near.push("r.ended_at is null");
    if (any.length > 0 && ended === any.length) this.near.push("r.ended_at is not null");
  }

  /** By runs_by_tag. */
  private tagged([key, value]: Tag): string {
    return `r.tags @> ${this.value(JSON.stringify({ [key]: value }), "jsonb")}`;
  }

  /** By runs_pkey: what begins alike stands together. */
  private id(beginning: string): string {
    const digits = beginning.replaceAll("-", "");
    const bound = (fill: string): string => this.value(digits.padEnd(32, fill), "uuid");
    return `r.id between ${bound("0")} and ${bound("f")}`;
  }

  private matching(what: string, { any, none }: Choice = { any: [], none: [] }): string[] {
    return [
      ...(any.length > 0 ? [`${what} like any(${this.value(any.map(likeOf), "text[]")})`] : []),
      ...(none.length > 0 ? [`coalesce(${what} not like all(${this.value(none.map(likeOf), "text[]")}), true)`] : []),
    ];
  }
}

/** One name is what runs_by_job is for. */
const oneName = ({ any }: Choice = { any: [], none: [] }): string | null =>
  any.length === 1 && !any[0]!.includes("*") ? any[0]! : null;

/** A pattern of SQL's `like`. */
const likeOf = (pattern: string): string => pattern.replace(/[\\%_]/g, "\\$&").replaceAll("*", "%");

/** The text of conditions. */
export const allOf = (conditions: readonly string[]): string =>
  conditions.length === 0 ? "true" : conditions.join("\n and ");
