import type { CommitBatch, ItemRecord, LogRecord, RunChange, StepRecord } from "../core/records";
import { runHasEnded, stepHasEnded } from "../core/status";
import { binaryColumn, type ColumnType, type ColumnValue } from "./binary-column";
import { type EventBatch, eventBatches } from "./event-batches";

/** One table's share of the commit statement. */
export interface Part {
  readonly name: string;
  /** Types of the columns, in order. */
  readonly types: readonly ColumnType[];
  /** One array per column (null: all of it is null); null where the batch has nothing for this part. */
  readonly columns: (batch: CommitBatch) => (Buffer | null)[] | null;
  /** The statement over `unnest(…)` of the columns. Writes only `where (select ok from ok)`. */
  readonly sql: (rows: string) => string;
}

type Column<Row> = readonly [name: string, type: ColumnType | "json", of: (row: Row) => ColumnValue];

const toSql = ([name, type]: readonly [string, string, unknown]): string => (type === "json" ? `${name}::json` : name);

const part = <Row>(
  name: string,
  rowsOf: (batch: CommitBatch) => readonly Row[],
  columns: readonly Column<Row>[],
  sql: (rows: string, names: string, selected: string) => string,
): Part => {
  const names = columns.map(([column]) => column).join(", ");
  const selected = columns.map(toSql).join(", ");
  // json arrives as text and is parsed where it is stored: an array of json is parsed twice.
  const types = columns.map(([, type]) => (type === "json" ? "text" : type));
  return {
    name,
    types,
    columns: (batch) => {
      const rows = rowsOf(batch);
      return rows.length === 0 ? null : columns.map(([, , of], i) => binaryColumn(types[i]!, rows, of));
    },
    sql: (rows) => sql(`${rows} as n (${names})`, names, selected),
  };
};

const json = (value: unknown): string | null => (value === null || value === undefined ? null : JSON.stringify(value));

/** The last state of each run and step: a statement may write a row only once. */
export const withoutRepeats = (batch: CommitBatch): CommitBatch => ({
  ...batch,
  runs: latest(batch.runs, ({ id }) => ["", id]),
  steps: latest(batch.steps, ({ run, step }) => [run, step]),
});

const latest = <Row>(rows: Row[], key: (row: Row) => readonly [string, string]): Row[] => {
  const last = new Map<string, Map<string, Row>>();
  let distinct = 0;
  for (const row of rows) {
    const [outer, inner] = key(row);
    let within = last.get(outer);
    if (!within) last.set(outer, (within = new Map()));
    if (!within.has(inner)) distinct++;
    within.set(inner, row);
  }
  return distinct === rows.length ? rows : [...last.values()].flatMap((within) => [...within.values()]);
};

const RUN_COLUMNS: readonly Column<RunChange>[] = [
  ["id", "uuid", (run) => run.id],
  ["status", "text", (run) => run.status],
  ["admitted_at", "timestamptz", (run) => run.admittedAt],
  ["started_at", "timestamptz", (run) => run.startedAt],
  ["ended_at", "timestamptz", (run) => run.endedAt],
  ["failure_reason", "text", (run) => run.failureReason],
  ["error", "json", (run) => json(run.error)],
  ["seq", "int", (run) => run.seq],
  ["hooks_open", "bool", (run) => run.hooksOpen],
  ["steps_succeeded", "int", (run) => run.stepsSucceeded],
  ["steps_failed", "int", (run) => run.stepsFailed],
  ["steps_total", "int", (run) => run.stepsTotal],
];

/**
 * Of a run that has ended only `hooks_open` and `seq` change: its status must be the one given, and what `coalesce`
 * guards was set with it. `changed` moves with the status alone, so that counters are updated in place. By runs_pkey.
 */
const runs = part(
  "run_rows",
  (batch) => batch.runs,
  RUN_COLUMNS,
  (rows) => `
  update runs r set
    status = n.status,
    admitted_at = coalesce(r.admitted_at, n.admitted_at),
    started_at = coalesce(r.started_at, n.started_at),
    ended_at = coalesce(r.ended_at, n.ended_at),
    failure_reason = coalesce(r.failure_reason, n.failure_reason),
    error = coalesce(r.error, n.error::json),
    seq = greatest(r.seq, n.seq), hooks_open = n.hooks_open,
    steps_succeeded = n.steps_succeeded, steps_failed = n.steps_failed, steps_total = n.steps_total,
    changed = case when r.status = n.status then r.changed else pg_current_xact_id() end
  from ${rows}
  where r.id = n.id and (r.ended_at is null or r.status = n.status) and (select ok from ok)`,
);

const STEP_COLUMNS: readonly Column<StepRecord>[] = [
  ["run_id", "uuid", (step) => step.run],
  ["step", "text", (step) => step.step],
  ["node", "text", (step) => step.node],
  ["path", "json", (step) => JSON.stringify(step.path)],
  ["status", "text", (step) => step.status],
  ["attempt", "int", (step) => step.attempt],
  ["lost", "int", (step) => step.lost],
  ["fence", "bigint", (step) => step.fence],
  ["worker", "text", (step) => step.worker],
  ["slot", "text", (step) => step.slot],
  ["queue", "text", (step) => step.queue],
  ["priority", "smallint", (step) => step.priority],
  ["ready_at", "timestamptz", (step) => step.readyAt],
  ["queued_at", "timestamptz", (step) => step.queuedAt],
  ["started_at", "timestamptz", (step) => step.startedAt],
  ["ended_at", "timestamptz", (step) => step.endedAt],
  ["retry_at", "timestamptz", (step) => step.retryAt],
  ["skip_reason", "text", (step) => step.skipReason],
  ["error", "json", (step) => json(step.error)],
  ["outputs", "json", (step) => json(step.outputs)],
  ["output_names", "json", (step) => step.outputs && JSON.stringify(Object.keys(step.outputs))],
  ["items", "int", (step) => step.items],
  ["reused_from", "uuid", (step) => step.reusedFrom],
];
const FIXED = new Set(["run_id", "step", "node", "path"]);
const STEP_UPDATES = STEP_COLUMNS.filter(([name]) => !FIXED.has(name)).map(([name]) => `${name} = excluded.${name}`);

/** By steps_pkey. */
const steps = part(
  "step_rows",
  (batch) => batch.steps,
  STEP_COLUMNS,
  (rows, names, selected) => `
  insert into steps (${names}) select ${selected} from ${rows} where (select ok from ok)
  on conflict (run_id, step) do update set ${STEP_UPDATES.join(", ")}
  where steps.status not in ('SUCCESS', 'FAILURE', 'SKIPPED', 'CANCELED')`,
);

const ITEM_COLUMNS: readonly Column<ItemRecord>[] = [
  ["run_id", "uuid", (item) => item.run],
  ["step", "text", (item) => item.step],
  ["key", "text", (item) => item.key],
  ["ordinal", "int", (item) => item.ordinal],
  ["value", "json", (item) => JSON.stringify(item.value)],
];
const items = part(
  "item_rows",
  (batch) => batch.items,
  ITEM_COLUMNS,
  (rows, names, selected) => `
  insert into items (${names}) select ${selected} from ${rows} where (select ok from ok)
  on conflict (run_id, step, key) do nothing`,
);

const EVENT_COLUMNS: readonly Column<EventBatch>[] = [
  ["run_id", "uuid", (batch) => batch.run],
  ["seq", "int", (batch) => batch.seq],
  ["notable", "bool", (batch) => batch.notable],
  ["events", "json", (batch) => batch.events],
];
/** A number that is taken is an error: its actor does not know the run's state. */
const events = part(
  "event_rows",
  (batch) => eventBatches(batch.events),
  EVENT_COLUMNS,
  (rows, names, selected) => `
  insert into event_batches (${names}) select ${selected} from ${rows} where (select ok from ok)`,
);

const LOG_COLUMNS: readonly Column<LogRecord>[] = [
  ["run_id", "uuid", (log) => log.run],
  ["step", "text", (log) => log.step],
  ["attempt", "int", (log) => log.attempt],
  ["seq", "int", (log) => log.chunk.seq],
  ["lines", "json", (log) => JSON.stringify(log.chunk.lines)],
  ["at", "timestamptz", (log) => log.chunk.lines[0]?.at ?? 0],
];
const logs = part(
  "log_rows",
  (batch) => batch.logs,
  LOG_COLUMNS,
  (rows, names, selected) => `
  insert into logs (${names}) select ${selected} from ${rows} where (select ok from ok)
  on conflict (run_id, step, attempt, seq) do nothing`,
);

const endedRuns = (batch: CommitBatch): readonly RunChange[] => batch.runs.filter((run) => runHasEnded(run.status));
const ID: readonly Column<RunChange>[] = [["id", "uuid", (run) => run.id]];

/**
 * Runs that are to end by themselves, and whether their cancel was accepted. They are locked whether it was or not: a
 * cancel that is being written is waited for, one that comes later finds the run ended. By runs_pkey.
 */
export const ENDING: Part = part(
  "ending",
  (batch) => endedRuns(batch).filter((run) => run.status !== "CANCELED"),
  ID,
  (rows) => `
  select r.id, r.cancel_requested_at from runs r join ${rows} on r.id = n.id
  where r.ended_at is null order by r.id for no key update of r`,
);

/** By grants_pkey. */
const grants = part(
  "grants_freed",
  endedRuns,
  ID,
  (rows) => `
  delete from grants g using ${rows} where g.run_id = n.id and (select ok from ok)`,
);
/** By pool_slots_pkey. */
const runSlots = part(
  "run_slots_freed",
  endedRuns,
  ID,
  (rows) => `
  delete from pool_slots p using ${rows} where p.run_id = n.id and (select ok from ok)`,
);

/** It holds no slot any more: it has ended, or is parked for a retry. */
const freesSlot = ({ pool, status }: StepRecord): boolean =>
  pool !== null && (stepHasEnded(status) || status === "UP_FOR_RETRY");
/** By pool_slots_pkey. */
const stepSlots = part(
  "step_slots_freed",
  (batch) => batch.steps.filter(freesSlot),
  [
    ["run_id", "uuid", (step: StepRecord) => step.run],
    ["step", "text", (step: StepRecord) => step.step],
  ],
  (rows) => `
  delete from pool_slots p using ${rows} where p.run_id = n.run_id and p.step = n.step and (select ok from ok)`,
);

/**
 * Of a batch `withoutRepeats`. In a fixed order: the combination of those that are not empty names the prepared statement.
 */
export const PARTS: readonly Part[] = [runs, steps, items, events, logs, grants, runSlots, stepSlots];
