import { apiError } from "./api-error";
import type { Http } from "./http";
import { follow } from "./stream";
import type {
  Graph,
  Json,
  LaunchOptions,
  LogLine,
  Page,
  PageOptions,
  ReexecuteOptions,
  Run,
  RunEvent,
  RunFilter,
  RunStatus,
  RunSummary,
  Step,
  StepStatus,
  StepSummary,
} from "./types";

export interface WaitOptions {
  signal?: AbortSignal;
  /** Milliseconds that a server may stay away; 60,000. */
  patienceMs?: number;
}

interface StepFilter extends PageOptions {
  status?: StepStatus | StepStatus[];
  node?: string;
}

interface AfterOptions {
  limit?: number;
  after?: string | number;
}

const ENDS = new Set(["RUN_SUCCESS", "RUN_FAILURE", "RUN_CANCELED"]);

const pathOf = (id: string, ...rest: string[]): string => `/runs/${[id, ...rest].map(encodeURIComponent).join("/")}`;

/** Everything that can be done with runs. */
export class Runs {
  constructor(private readonly http: Http) {}

  /** @param options.idempotencyKey the same request with the same key launches once within 24 hours. */
  launch(launch: LaunchOptions, { idempotencyKey }: { idempotencyKey?: string } = {}): Promise<Run> {
    const headers: Record<string, string> = idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey };
    return this.http.ask("POST", "/runs", { body: launch, headers });
  }

  get(id: string): Promise<Run> {
    return this.http.get(pathOf(id));
  }

  /** A page of runs, newest first. */
  list(filter: RunFilter = {}): Promise<Page<RunSummary>> {
    return this.http.get("/runs", queryOf(filter));
  }

  /** All runs of a filter, page by page. */
  all(filter: RunFilter = {}): AsyncGenerator<RunSummary> {
    return this.http.all("/runs", { limit: 1_000, ...queryOf(filter) });
  }

  graph(id: string): Promise<Graph> {
    return this.http.get(pathOf(id, "graph"));
  }

  steps(id: string, filter: StepFilter = {}): Promise<Page<StepSummary>> {
    return this.http.get(pathOf(id, "steps"), filter);
  }

  allSteps(id: string, filter: StepFilter = {}): AsyncGenerator<StepSummary> {
    return this.http.all(pathOf(id, "steps"), { limit: 1_000, ...filter });
  }

  /** A step with its inputs and outputs. */
  step(id: string, key: string): Promise<Step> {
    return this.http.get(pathOf(id, "steps", key));
  }

  /** What a generator has yielded, in order. */
  items(id: string, key: string, page: PageOptions = {}): Promise<Page<{ key: string; ordinal: number; value: Json }>> {
    return this.http.get(pathOf(id, "steps", key, "items"), page);
  }

  /** Events after a number, in order. */
  events(id: string, options: AfterOptions = {}): Promise<Page<RunEvent>> {
    return this.http.get(pathOf(id, "events"), options);
  }

  /** Lines behind the one with the id `after`, in order. */
  logs(id: string, options: AfterOptions & { step?: string } = {}): Promise<Page<LogLine>> {
    return this.http.get(pathOf(id, "logs"), options);
  }

  /** Asks for a cancel; the run ends CANCELED soon. Repeatable. */
  cancel(id: string): Promise<{ id: string; status: RunStatus; cancel_requested_at: string | null }> {
    return this.http.ask("POST", pathOf(id, "cancel"));
  }

  reexecute(id: string, options: ReexecuteOptions): Promise<Run> {
    return this.http.ask("POST", pathOf(id, "reexecute"), { body: options });
  }

  delete(id: string): Promise<void> {
    return this.http.ask("DELETE", pathOf(id));
  }

  /**
   * Waits until the run has ended and returns it. A server that restarts is waited for.
   * @param onEvent called with each of the run's events, in order, each once.
   */
  async wait(
    id: string,
    onEvent: (event: RunEvent) => void = () => {},
    { signal, patienceMs }: WaitOptions = {},
  ): Promise<Run> {
    for await (const message of follow(this.http, [`run:${id}`], { signal, patienceMs })) {
      if (message.event !== "run_event") continue;
      const { run: _run, ...event } = message.data;
      onEvent(event);
      if (ENDS.has(event.type)) return this.get(id);
    }
    throw apiError(0, "ABORTED", `The wait for run ${id} was called off; the run goes on.`);
  }
}

const queryOf = ({ tags, ...filter }: RunFilter): object => ({
  ...filter,
  ...(tags && { tag: Object.entries(tags).map(([key, value]) => `${key}:${value}`) }),
});
