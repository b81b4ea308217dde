import type { ApiKey, AuditEntry, AuditFilter, NewApiKey, NewKeyOptions } from "./access";
import { type ClientOptions, Http } from "./http";
import type { Deployment, Diagnosis, HandedOver } from "./deployment";
import type { Storage } from "./storage";
import type { Job, JobSummary, LaunchCheck } from "./jobs";
import type { Overview, OverviewRange } from "./overview";
import { Runs } from "./runs";
import type { Me } from "./sign-in";
import type { StreamMessage, StreamOptions, Topic } from "./stream";
import type {
  Coordinator,
  LostWorker,
  Page,
  PageOptions,
  Queue,
  Sensor,
  SensorItem,
  SensorSummary,
  SensorTrial,
  Tick,
  Worker,
  LaunchOptions,
} from "./types";

export type * from "./access";
export { ApiError } from "./api-error";
export { bulkStatuses } from "./bulk";
export type * from "./bulk";
export { readFilter } from "./filter-text";
export type { FollowOptions } from "./follow-run";
export type { ClientOptions } from "./http";
export type { LogsOptions } from "./log-lines";
export type * from "./deployment";
export type * from "./storage";
export type * from "./jobs";
export type * from "./log-search";
export type * from "./overview";
export type * from "./run-lists";
export type { Runs } from "./runs";
export type { Me, SignInWays } from "./sign-in";
export type { StreamMessage, StreamOptions, Topic } from "./stream";
export type * from "./timeline";
export type * from "./types";

/** Evaluating a sensor takes up to a minute. */
const SENSOR_TEST_MS = 75_000;
/** Whatever does not answer is waited for. */
const DOCTOR_MS = 60_000;

const sensorPath = (name: string, ...rest: string[]): string =>
  `/sensors/${[name, ...rest].map(encodeURIComponent).join("/")}`;

/** What can be done with sensors. `version`: refuses (VERSION_CONFLICT) where the sensor has changed since it was read. */
class Sensors {
  constructor(private readonly http: Http) {}

  list(page: PageOptions = {}): Promise<Page<SensorSummary>> {
    return this.http.get("/sensors", page);
  }

  /** All of them by name, page by page. */
  all(page: PageOptions = {}): AsyncGenerator<SensorSummary, void, undefined> {
    return this.http.all("/sensors", { limit: 1_000, ...page });
  }

  /** All of them by name, each with so many of its last ticks and what it did lately. */
  items(ticks: number): AsyncGenerator<SensorItem, void, undefined> {
    return this.http.all("/sensors", { limit: 500, ticks });
  }

  get(name: string): Promise<Sensor> {
    return this.http.get(sensorPath(name));
  }

  /** Newest first. */
  ticks(name: string, options: PageOptions & { status?: "SKIPPED" | "SUCCESS" | "FAILURE" } = {}): Promise<Page<Tick>> {
    return this.http.get(sensorPath(name, "ticks"), options);
  }

  start(name: string, change: { version?: number } = {}): Promise<Sensor> {
    return this.http.ask("POST", sensorPath(name, "start"), { body: change });
  }

  stop(name: string, change: { version?: number } = {}): Promise<Sensor> {
    return this.http.ask("POST", sensorPath(name, "stop"), { body: change });
  }

  setCursor(name: string, cursor: string | null, change: { version?: number } = {}): Promise<Sensor> {
    return this.http.ask("POST", sensorPath(name, "cursor"), { body: { cursor, ...change } });
  }

  /** Evaluates without effect and says what a tick would do. */
  test(name: string, options: { cursor?: string | null } = {}): Promise<SensorTrial> {
    return this.http.ask("POST", sensorPath(name, "test"), { body: options, timeoutMs: SENSOR_TEST_MS });
  }
}

/** A typed client of dqueue's HTTP interface. What fails is an ApiError. */
export class DqueueClient {
  readonly runs: Runs;
  readonly sensors: Sensors;
  private readonly http: Http;

  /** @param server its URL, or options. */
  constructor(server: string | ClientOptions = "http://127.0.0.1:3000") {
    this.http = new Http(typeof server === "string" ? { url: server } : server);
    this.runs = new Runs(this.http);
    this.sensors = new Sensors(this.http);
  }

  readonly jobs = {
    list: (page: PageOptions = {}): Promise<Page<JobSummary>> => this.http.get("/jobs", page),
    /** All of them by name, page by page. */
    all: (page: PageOptions = {}): AsyncGenerator<JobSummary, void, undefined> =>
      this.http.all("/jobs", { limit: 1_000, ...page }),
    /** @param options.runs how many of its last runs are told, up to 200; 50. */
    get: (name: string, options: { runs?: number } = {}): Promise<Job> =>
      this.http.get(`/jobs/${encodeURIComponent(name)}`, options),
    /** Says what a launch would be refused for, and launches nothing. */
    validate: ({ job, ...launch }: LaunchOptions): Promise<LaunchCheck> =>
      this.http.ask("POST", `/jobs/${encodeURIComponent(job)}/validate`, { body: launch }),
  };

  readonly workers = {
    list: (): Promise<Page<Worker>> => this.http.get("/workers"),
    lost: (): Promise<Page<LostWorker>> => this.http.get("/workers/lost"),
  };
  readonly queues = { list: (): Promise<Page<Queue>> => this.http.get("/queues") };
  readonly coordinators = { list: (): Promise<Page<Coordinator>> => this.http.get("/coordinators") };
  readonly shards = {
    /** Makes its owner give it to another coordinator, without `to` to the one that holds the fewest. For operators. */
    handOver: (id: number | string, options: { to?: string } = {}): Promise<HandedOver> =>
      this.http.ask("POST", `/shards/${encodeURIComponent(id)}/hand-over`, { body: options }),
  };

  /** Who may use the server. For admins. */
  readonly keys = {
    /** All of them, newest first, also those that open nothing any more. */
    list: (): Promise<Page<ApiKey>> => this.http.get("/keys"),
    create: (key: NewKeyOptions): Promise<NewApiKey> => this.http.ask("POST", "/keys", { body: key }),
    /** It opens nothing from now on. */
    revoke: (id: string): Promise<ApiKey> => this.http.ask("DELETE", `/keys/${encodeURIComponent(id)}`),
  };
  /** Who changed what, newest first. For admins. */
  readonly audit = { list: (filter: AuditFilter = {}): Promise<Page<AuditEntry>> => this.http.get("/audit", filter) };

  /** Who asks, and what they may do. */
  me(): Promise<Me> {
    return this.http.get("/me");
  }

  /** Processes, shards, takeovers, migrations and storage. */
  deployment(): Promise<Deployment> {
    return this.http.get("/deployment");
  }

  /** Checks what the web server stands on, as `dqueue doctor` does on the command line. For operators. */
  doctor(): Promise<Diagnosis> {
    return this.http.ask("POST", "/doctor", { timeoutMs: DOCTOR_MS });
  }

  /** What runs take in the database by job and day, and how long they are kept. */
  storage(): Promise<Storage> {
    return this.http.get("/storage");
  }

  /** How the system fares; the last hour if no range is given. */
  overview(range: OverviewRange = "1h"): Promise<Overview> {
    return this.http.get("/overview", { range });
  }

  /** Whether the process answers, and its version. */
  health({ timeoutMs }: { timeoutMs?: number } = {}): Promise<{ status: "ok"; version: string }> {
    return this.http.ask("GET", "/health", { ...(timeoutMs !== undefined && { timeoutMs }) });
  }

  /** Follows what changes, across broken links; end it with `signal` or by leaving the loop. */
  async *stream(topics: readonly Topic[], options: StreamOptions = {}): AsyncGenerator<StreamMessage, void, undefined> {
    yield* (await import("./stream.js")).follow(this.http, topics, options);
  }
}
