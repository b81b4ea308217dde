import { availableParallelism } from "node:os";
import { z } from "zod";
import { ACCESS_ROLES, type AccessRole } from "../core/access";
import { DEFAULT_SECRETS } from "../runtime/process-secrets";
import {
  API_KEY_FORM,
  apiKey,
  days,
  DAYS_ALLOWED,
  httpsUrl,
  list,
  path,
  size,
  text,
  url,
  urls,
  whole,
  yesOrNo,
} from "./setting-readers";
import { spec } from "./setting-spec";
import { TELEMETRY_SETTINGS } from "./telemetry-settings";

/** What a process can be. */
export const ROLES = ["webserver", "daemon", "worker"] as const;
export type Role = (typeof ROLES)[number];

export const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const LOG_FORMATS = ["json", "pretty"] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

/** Every setting by its name in the environment; in `dqueue.yaml` the same names in lower case. */
export const SETTINGS = {
  DATABASE_URL: spec<string | null>({
    read: url("postgres:", "postgresql:"),
    allowed: "a PostgreSQL URL, e.g. postgres://user:password@host:5432/database (%25 is a % in the password)",
    fallback: null,
    fallbackText: "embedded database under `DQUEUE_HOME`",
    about: "PostgreSQL 15 or newer, by session connections (no transaction-mode pooler)",
    secret: true,
    shared: true,
  }),
  AMQP_URL: spec<string | null>({
    read: urls("amqp:", "amqps:"),
    allowed:
      "a RabbitMQ URL, e.g. amqp://user:password@host:5672 (%25 is a % in the password), or several separated by ';'",
    fallback: null,
    fallbackText: "in-process bus",
    about: "RabbitMQ, for both planes of the bus",
    secret: true,
    shared: true,
  }),
  DQUEUE_HOME: spec<string>({
    read: path,
    allowed: "the path of a folder",
    fallback: "./.dqueue",
    fallbackText: "`./.dqueue`",
    about: "folder of the embedded database and of the bundles of your code",
  }),
  DQUEUE_JOBS: spec<string>({
    read: path,
    allowed: "the path of a folder or file that exports jobs",
    fallback: "./jobs",
    fallbackText: "`./jobs`",
    about: "the code location: your ops, jobs and sensors",
  }),
  HOST: spec<string>({
    read: text(/^[\w.:%-]+$/),
    allowed: "a host name or address to listen on, e.g. 127.0.0.1 or 0.0.0.0",
    fallback: "127.0.0.1",
    fallbackText: "`127.0.0.1`",
    about: "where the web server listens",
  }),
  PORT: spec<number>({
    read: whole(0, 65_535),
    allowed: "a port from 0 (any free one) to 65535",
    fallback: 3000,
    fallbackText: "`3000`",
    about: "port of the web server",
  }),
  METRICS_PORT: spec<number | null>({
    read: whole(0, 65_535),
    allowed: "a port up to 65535, or 0 for none",
    fallback: null,
    fallbackText: "9464 to 9466, by role",
    about: "port of `/metrics`, `/health/live` and `/health/ready`; 0: none but the web server's own",
  }),
  DQUEUE_ALLOWED_HOSTS: spec<string[]>({
    read: list(text(/^(\*|[\w.-]+)$/)),
    allowed: "host names separated by commas, or * for any",
    fallback: [],
    fallbackText: "localhost and plain addresses",
    about: "further names under which the web server may be asked",
  }),
  DQUEUE_AUTH: spec<"auto" | "required">({
    read: z.enum(["auto", "required"]),
    allowed: "auto or required",
    fallback: "auto",
    fallbackText: "`auto`",
    about: "`required`: an API key is needed also where the web server listens on this machine alone",
  }),
  DQUEUE_INSECURE: spec<boolean>({
    read: yesOrNo,
    allowed: "true or false",
    fallback: false,
    fallbackText: "`false`",
    about: "`true`: nobody needs an API key, wherever the web server listens; as `--insecure`",
  }),
  DQUEUE_ADMIN_KEY: spec<string | null>({
    read: apiKey,
    allowed: API_KEY_FORM,
    fallback: null,
    fallbackText: "none",
    about: "an API key of your own making with the role admin, made known as a web server starts",
    secret: true,
  }),
  DQUEUE_QUEUES: spec<string[]>({
    read: list(text(/^[\w.-]{1,100}$/)),
    allowed: "queue names of letters, digits, '.', '_' and '-', separated by commas",
    fallback: ["default"],
    fallbackText: "`default`",
    about: "step queues that a worker takes from",
  }),
  DQUEUE_QUEUE_TYPE: spec<"classic" | "quorum">({
    read: z.enum(["classic", "quorum"]),
    allowed: "classic or quorum",
    fallback: "classic",
    fallbackText: "`classic`",
    about: "kind of RabbitMQ queues; alike in all processes of a namespace",
    shared: true,
  }),
  DQUEUE_PROCESSES: spec<number>({
    read: whole(1, 1_024),
    allowed: "a whole number from 1 to 1024",
    fallback: availableParallelism(),
    fallbackText: "number of CPUs",
    about: "step processes of a worker",
  }),
  DQUEUE_CONCURRENCY: spec<number | null>({
    read: whole(1, 1_000),
    allowed: "a whole number from 1 to 1000",
    fallback: null,
    fallbackText: "`1` (`dqueue dev`: `8`)",
    about: "steps at a time in one step process",
  }),
  DQUEUE_SECRETS: spec<string[]>({
    read: list(text(/^[A-Za-z_]\w*\*?$/)),
    allowed: "names of environment variables separated by commas, each perhaps with * at its end",
    fallback: [...DEFAULT_SECRETS.allowed],
    fallbackText: "`DQUEUE_SECRET_*`",
    about: 'environment variables that configs may name as `{"$secret": "env:NAME"}`; they are masked',
  }),
  DQUEUE_STEP_MEMORY_MB: spec<number | null>({
    read: whole(16, 1_048_576),
    allowed: "a number of megabytes from 16 to 1048576",
    fallback: null,
    fallbackText: "Node's own",
    about: "heap limit of one step process",
  }),
  DQUEUE_GRACE_SECONDS: spec<number>({
    read: whole(0, 86_400),
    allowed: "a whole number of seconds from 0 to 86400",
    fallback: 30,
    fallbackText: "`30`",
    about: "how long a stopping worker lets running steps finish",
  }),
  MAX_CONCURRENT_RUNS: spec<number>({
    read: whole(1, 1_000_000),
    allowed: "a whole number from 1 to 1000000",
    fallback: 200,
    fallbackText: "`200`",
    about: "runs that go on at a time; further ones wait in the queue",
    shared: true,
  }),
  NAMESPACE: spec<string>({
    read: text(/^[A-Za-z0-9_-]{1,60}$/),
    allowed: "1 to 60 letters, digits, '_' and '-'",
    fallback: "default",
    fallbackText: "`default`",
    about: "keeps installations apart that share a RabbitMQ",
    shared: true,
  }),
  RETENTION_DAYS: spec<number | null>({
    read: days,
    allowed: DAYS_ALLOWED,
    fallback: 30,
    fallbackText: "`30`",
    about: "how many days runs are kept after their end, and ticks; jobs may say otherwise; 0: for ever",
    shared: true,
  }),
  RETENTION_BYTES: spec<number | null>({
    read: size,
    allowed: "a size, e.g. 500MB or 20GB, or off for no limit",
    fallback: null,
    fallbackText: "no limit",
    about: "what runs may take in the database, e.g. `20GB`: the oldest days go first, whatever their age",
    shared: true,
  }),
  RETENTION_AUDIT_DAYS: spec<number | null>({
    read: days,
    allowed: DAYS_ALLOWED,
    fallback: 365,
    fallbackText: "`365`",
    about: "how many days entries of the audit log are kept; 0: for ever",
    shared: true,
  }),
  LOG_LEVEL: spec<LogLevel | null>({
    read: z.enum(LOG_LEVELS),
    allowed: `one of ${LOG_LEVELS.join(", ")}`,
    fallback: null,
    fallbackText: "`info` (`dqueue dev`: `warn`)",
    about: "least level that is logged",
  }),
  LOG_FORMAT: spec<LogFormat | null>({
    read: z.enum(LOG_FORMATS),
    allowed: `one of ${LOG_FORMATS.join(", ")}`,
    fallback: null,
    fallbackText: "`pretty` in a terminal",
    about: "how log lines look: `json`, one object a line, or `pretty`",
  }),
  ...TELEMETRY_SETTINGS,
  DQUEUE_MIGRATE: spec<boolean>({
    read: yesOrNo,
    allowed: "true or false",
    fallback: true,
    fallbackText: "`true`",
    about: "whether a start brings the database's schema up to date; if not, run `dqueue migrate` first",
  }),
  DQUEUE_ROLES: spec<Role[]>({
    read: list(z.enum(ROLES)),
    allowed: `one or more of ${ROLES.join(", ")}, separated by commas`,
    fallback: [...ROLES],
    fallbackText: "all three",
    about: "roles of a process that `moleculer-runner` starts (`dqueue start` is told them)",
  }),
  OIDC_ISSUER: spec<string | null>({
    read: httpsUrl,
    allowed: "the https URL of an OpenID provider, e.g. https://accounts.google.com",
    fallback: null,
    fallbackText: "no company accounts",
    about: "OpenID provider by whose accounts people sign in",
  }),
  OIDC_CLIENT_ID: spec<string | null>({
    read: text(/^\S+$/),
    allowed: "the client id that the provider gave dqueue",
    fallback: null,
    fallbackText: "no company accounts",
    about: "as what dqueue is known at that provider; it sends browsers back to `/api/session/company`",
  }),
  OIDC_CLIENT_SECRET: spec<string | null>({
    read: text(/^\S+$/),
    allowed: "the client secret that the provider gave dqueue",
    fallback: null,
    fallbackText: "no company accounts",
    about: "by what dqueue proves that to the provider",
    secret: "whole",
  }),
  OIDC_ALLOWED_DOMAINS: spec<string[] | null>({
    read: list(text(/^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/)),
    allowed: "domains separated by commas, e.g. example.com",
    fallback: null,
    fallbackText: "no company accounts",
    about: "what stands behind the @ of those who are let in",
  }),
  OIDC_ROLE: spec<AccessRole>({
    read: z.enum(ACCESS_ROLES),
    allowed: `one of ${ACCESS_ROLES.join(", ")}`,
    fallback: "viewer",
    fallbackText: "`viewer`",
    about: "what those who sign in by company account may do",
  }),
  DQUEUE_URL: spec<string | null>({
    read: url("http:", "https:"),
    allowed: "an HTTP URL, e.g. http://127.0.0.1:3000",
    fallback: null,
    fallbackText: "`http://HOST:PORT`",
    about: "where the commands that ask a server find it",
    secret: true,
  }),
  DQUEUE_API_KEY: spec<string | null>({
    read: apiKey,
    allowed: API_KEY_FORM,
    fallback: null,
    fallbackText: "`DQUEUE_ADMIN_KEY`",
    about: "the API key that these commands show",
    secret: true,
  }),
} as const;

export type SettingName = keyof typeof SETTINGS;
