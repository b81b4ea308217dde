import { apiError } from "./api-error";
import type { FollowOptions } from "./follow-run";
import type { BulkAction, BulkOptions } from "./bulk";
import type { Takeover } from "./deployment";
import type { Http, Query } from "./http";
import type { LogsOptions } from "./log-lines";
import type { LogCount, LogFilter, LogSearch, LogSearchOptions, NumberedLogLine } from "./log-search";
import { endsRun, pathOfRun as pathOf } from "./run-path";
import {
  bodyOf,
  type RunHistogramOptions,
  type RunListOptions,
  queryOf,
  type RunCounts,
  type Waiting,
  type RunFilter,
  type RunHistogram,
  type RunItem,
} from "./run-lists";
import type {
  Comparison,
  Timeline,
  TimelineColumns,
  TimelinePage,
  TimelinePageOptions,
  TimelineSelection,
  TimelineStrip,
  TimelineTries,
} from "./timeline";
import type {
  Graph,
  Json,
  LaunchOptions,
  LogLine,
  Page,
  PageOptions,
  Reexecution,
  ReexecutionPlan,
  ReexecuteOptions,
  Run,
  RunEvent,
  RunStatus,
  Step,
  StepStatus,
  StepSummary,
} from "./types";

interface StepFilter extends PageOptions {
  status?: StepStatus | StepStatus[];
  node?: string;
}

interface AfterOptions {
  limit?: number;
  after?: string | number;
}

interface Once {
  idempotencyKey?: string;
}

const keyHeader = ({ idempotencyKey }: Once): Record<string, string> =>
  idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey };

/** Runs of 100,000 steps are copied and deleted in one transaction. */
const LARGE_RUN_MS = 75_000;
/** Counting millions takes a while. */
const COUNT_MS = 40_000;

/** Everything that can be done with runs. What follows them is loaded when it is first asked for: a page does not need it. */
export class Runs {
  constructor(private readonly http: Http) {}

  /** @param options.idempotencyKey the same request with the same key launches once within 24 hours. */
  launch(launch: LaunchOptions, options: Once = {}): Promise<Run> {
    return this.http.ask("POST", "/runs", { body: launch, headers: keyHeader(options) });
  }

  get(id: string): Promise<Run> {
    return this.http.get(pathOf(id));
  }

  /** A page of runs, newest first or as `sort` says. */
  list(options: RunListOptions = {}): Promise<Page<RunItem>> {
    return this.http.get("/runs", queryOf(options));
  }

  /** All runs of a filter, page by page. */
  all(options: RunListOptions = {}): AsyncGenerator<RunItem> {
    return this.http.all("/runs", { limit: 1_000, ...queryOf(options) });
  }

  /** How many runs of a filter have which status. `whole`: all of history is counted, however long that takes. */
  counts({ whole, ...filter }: Omit<RunFilter, "status"> & { whole?: boolean } = {}): Promise<RunCounts> {
    const query = { ...queryOf(filter), ...(whole && { whole: "true" }) };
    return this.http.ask("GET", "/runs/counts", { query, timeoutMs: COUNT_MS });
  }

  /**
   * Begins to cancel, re-execute or delete all runs of a filter, in the background. Refused (COUNT_DIFFERS) where they
   * are more than 5 % more or fewer than `count`.
   * @param options.idempotencyKey the same request with the same key begins once within 24 hours.
   */
  startBulk({ filter, ...what }: BulkOptions, options: Once = {}): Promise<BulkAction> {
    const body = { ...what, filter: bodyOf(filter) };
    return this.http.ask("POST", "/runs/bulk", { body, headers: keyHeader(options), timeoutMs: COUNT_MS });
  }

  /** How far it is. */
  bulk(id: string): Promise<BulkAction> {
    return this.http.get(`/runs/bulk/${encodeURIComponent(id)}`);
  }

  /** How far it is now and then, until it has ended. A server that restarts is waited for. */
  async *followBulk(id: string, options: FollowOptions = {}): AsyncGenerator<BulkAction, void, undefined> {
    yield* (await import("./bulk.js")).followBulk(this.http, id, options);
  }

  /** What was done stays done, nothing more is. */
  stopBulk(id: string): Promise<BulkAction> {
    return this.http.ask("POST", `/runs/bulk/${encodeURIComponent(id)}/stop`);
  }

  /** When the runs of a filter were created, by their status now. */
  histogram(options: RunHistogramOptions = {}): Promise<RunHistogram> {
    return this.http.get("/runs/histogram", queryOf(options));
  }

  graph(id: string): Promise<Graph> {
    return this.http.get(pathOf(id, "graph"));
  }

  /** Which rule keeps a queued run from starting. */
  waiting(id: string): Promise<Waiting> {
    return this.http.get(pathOf(id, "waiting"));
  }

  steps(id: string, filter: StepFilter = {}): Promise<Page<StepSummary>> {
    return this.http.get(pathOf(id, "steps"), filter);
  }

  allSteps(id: string, filter: StepFilter = {}): AsyncGenerator<StepSummary> {
    return this.http.all(pathOf(id, "steps"), { limit: 1_000, ...filter });
  }

  /** This run and another: configs, nodes, and steps matched by key, those that changed most first. */
  compare(id: string, other: string): Promise<Comparison> {
    return this.http.get(pathOf(id, "compare", other));
  }

  /** What the run's timeline is opened with. */
  timeline(id: string): Promise<Timeline> {
    return this.http.get(pathOf(id, "timeline"));
  }

  /** When the run came to another owner, in order. */
  async takeovers(id: string): Promise<Takeover[]> {
    return (await this.http.get<{ items: Takeover[] }>(pathOf(id, "takeovers"))).items;
  }

  /** Steps of the timeline, of a group or a window. */
  timelineSteps(id: string, options: TimelinePageOptions = {}): Promise<TimelinePage> {
    return this.http.get(pathOf(id, "timeline", "steps"), options);
  }

  /** The slots that steps took over time, in so many `buckets` (400). */
  timelineStrip(id: string, options: TimelineSelection & { buckets?: number } = {}): Promise<TimelineStrip> {
    return this.http.get(pathOf(id, "timeline", "strip"), options);
  }

  /**
   * All steps of the run at once.
   * @param options.after number of the last event that is known; null where nothing has happened since.
   */
  async timelineColumns(id: string, options: { after?: number } = {}): Promise<TimelineColumns | null> {
    return (await this.http.get<TimelineColumns | undefined>(pathOf(id, "timeline", "columns"), options)) ?? null;
  }

  /** The attempts that steps had before their last ones. */
  timelineTries(id: string): Promise<TimelineTries> {
    return this.http.get(pathOf(id, "timeline", "tries"));
  }

  /** A step with its inputs and outputs. */
  step(id: string, key: string): Promise<Step> {
    return this.http.get(pathOf(id, "steps", key));
  }

  /** What a generator has yielded, in order. */
  items(id: string, key: string, page: PageOptions = {}): Promise<Page<{ key: string; ordinal: number; value: Json }>> {
    return this.http.get(pathOf(id, "steps", key, "items"), page);
  }

  /** Events after a number, in order; with `type` only those. */
  events(id: string, options: AfterOptions & { type?: string | string[] } = {}): Promise<Page<RunEvent>> {
    return this.http.get(pathOf(id, "events"), options);
  }

  /** The last events up to a moment (now), in order. */
  async latestEvents(id: string, options: { until?: string; limit?: number } = {}): Promise<RunEvent[]> {
    const { items }: Page<RunEvent> = await this.http.get(pathOf(id, "events", "latest"), options);
    return items;
  }

  /** Events in order, each once, until the run has ended. A server that restarts is waited for. */
  async *follow(id: string, options: FollowOptions = {}): AsyncGenerator<RunEvent, void, undefined> {
    yield* (await import("./follow-run.js")).followRun(this.http, id, options);
  }

  /** A page of lines behind the one with the id `after`, in order. */
  logs(id: string, options: AfterOptions & { step?: string } = {}): Promise<Page<LogLine>> {
    return this.http.get(pathOf(id, "logs"), options);
  }

  /** How many lines there are by now, or were by a time. */
  logCount(id: string, options: Pick<LogFilter, "until"> = {}): Promise<LogCount> {
    return this.http.get(pathOf(id, "logs", "count"), options);
  }

  /** Counts and searches the lines that there are by now. */
  searchLogs(id: string, options: LogSearchOptions = {}): Promise<LogSearch> {
    return this.http.get(pathOf(id, "logs", "search"), options);
  }

  /** Up to 1,000 lines of a filter behind the one with the id `after`, with their numbers. */
  logLines(
    id: string,
    options: LogFilter & { after?: string; limit?: number } = {},
  ): Promise<{ items: NumberedLogLine[] }> {
    return this.http.get(pathOf(id, "logs", "lines"), options);
  }

  /** Where all lines of a filter can be had as a file. */
  logsUrl(id: string, options: LogFilter & { format?: "text" | "ndjson" } = {}): string {
    return this.http.urlOf(pathOf(id, "logs", "download"), options as Query);
  }

  /** All lines that there are by now, in order. */
  async *allLogs(id: string, options: LogsOptions = {}): AsyncGenerator<LogLine, void, undefined> {
    yield* (await import("./log-lines.js")).linesOf(this.http, id, options);
  }

  /** Lines in order, each once, until the run has ended and all are there. A server that restarts is waited for. */
  async *followLogs(id: string, options: LogsOptions & FollowOptions = {}): AsyncGenerator<LogLine, void, undefined> {
    yield* (await import("./log-lines.js")).followLines(this.http, id, options);
  }

  /**
   * What a run came to: the output of the step that nothing else reads; null: there is none yet. Where there are
   * several such steps, their outputs by step key. A step with one output stands for it, one with several has them by
   * name.
   */
  async output(id: string): Promise<Json> {
    return (await import("./run-output.js")).outputOf(this, id);
  }

  /** Asks for a cancel; the run ends CANCELED soon. Repeatable. */
  cancel(id: string): Promise<{ id: string; status: RunStatus; cancel_requested_at: string | null }> {
    return this.http.ask("POST", pathOf(id, "cancel"));
  }

  /** @param once.idempotencyKey the same request for the same run with the same key launches once within 24 hours. */
  reexecute(id: string, options: ReexecuteOptions, once: Once = {}): Promise<Reexecution> {
    const headers = keyHeader(once);
    return this.http.ask("POST", pathOf(id, "reexecute"), { body: options, headers, timeoutMs: LARGE_RUN_MS });
  }

  /** Says what a re-execution would do, and launches nothing; it fails as the re-execution itself would. */
  validateReexecution(id: string, options: ReexecuteOptions): Promise<ReexecutionPlan> {
    return this.http.ask("POST", pathOf(id, "reexecute", "validate"), { body: options, timeoutMs: LARGE_RUN_MS });
  }

  delete(id: string): Promise<void> {
    return this.http.ask("DELETE", pathOf(id), { timeoutMs: LARGE_RUN_MS });
  }

  /**
   * Waits until the run has ended and returns it. A server that restarts is waited for.
   * @param onEvent called with each of the run's events, in order, each once.
   */
  async wait(id: string, onEvent: (event: RunEvent) => void = () => {}, options: FollowOptions = {}): Promise<Run> {
    for await (const event of this.follow(id, options)) {
      onEvent(event);
      if (endsRun(event)) return (await import("./patience.js")).patiently(() => this.get(id), options);
    }
    throw apiError(0, "ABORTED", `The wait for run ${id} was called off; the run goes on.`);
  }
}
