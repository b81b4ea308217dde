import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { inspect } from "node:util";
import { parse } from "yaml";
import { DqueueError } from "../core/errors";
import type { Secrets } from "../core/secrets";
import { type SecretRules, secretsOf } from "../runtime/process-secrets";
import { throwAll } from "./all-at-once";
import { type CompanySettings, companyOf } from "./company-settings";
import type { Retention } from "./upkeep-work";
import { ROLES, type Role, SETTINGS, type SettingName } from "./setting-table";
import { isSettingName, mistakenNames, type NearName, nearestName } from "./setting-names";
import type { SettingSpec } from "./setting-spec";
import type { TraceCollector } from "./telemetry-settings";

export { type LogFormat, type LogLevel, type Role, ROLES } from "./setting-table";

type ValueOf<Name extends SettingName> = (typeof SETTINGS)[Name] extends SettingSpec<infer T> ? T : never;

/** What a process of dqueue is told. Paths are absolute; null means that the setting was not given. */
export interface Settings {
  readonly databaseUrl: ValueOf<"DATABASE_URL">;
  readonly amqpUrl: ValueOf<"AMQP_URL">;
  readonly home: string;
  readonly jobs: string;
  readonly host: string;
  readonly port: number;
  /** Of figures and health; 0: none, null: the role's own. */
  readonly metricsPort: ValueOf<"METRICS_PORT">;
  readonly allowedHosts: readonly string[];
  readonly auth: ValueOf<"DQUEUE_AUTH">;
  readonly insecure: boolean;
  readonly adminKey: string | null;
  readonly queues: readonly string[];
  readonly queueType: ValueOf<"DQUEUE_QUEUE_TYPE">;
  readonly processes: number;
  /** null: 1, in `dqueue dev` 8. */
  readonly concurrency: number | null;
  /** Heap limit of a step process in MB; null: Node's own. */
  readonly stepMemoryMb: number | null;
  readonly secrets: SecretRules;
  /** Settings whose values are never told as they are, wherever they were found. */
  readonly hidden: Readonly<Record<string, string>>;
  readonly graceSeconds: number;
  readonly maxConcurrentRuns: number;
  readonly namespace: string;
  readonly retention: Retention;
  /** null: info, in `dqueue dev` warn. */
  readonly logLevel: ValueOf<"LOG_LEVEL">;
  /** null: pretty in a terminal, else JSON. */
  readonly logFormat: ValueOf<"LOG_FORMAT">;
  /** Of RabbitMQ; null: it is not asked. */
  readonly managementUrl: ValueOf<"AMQP_MANAGEMENT_URL">;
  readonly moleculerMetrics: boolean;
  /** Where traces go; null: there are none. */
  readonly collector: TraceCollector | null;
  readonly migrate: boolean;
  readonly roles: readonly Role[];
  /** null: nobody signs in with a company account. */
  readonly company: CompanySettings | null;
  /** Where a server answers: DQUEUE_URL, else made of HOST and PORT. */
  readonly url: string;
  /** What the commands that ask a server show it: DQUEUE_API_KEY, else DQUEUE_ADMIN_KEY. */
  readonly apiKey: string | null;
  /** What is nearly a setting's name, so that it may be meant to be one: a sentence for each. */
  readonly mistaken: readonly string[];
  /** Every setting as people may see it. */
  readonly told: readonly ToldSetting[];
}

/** A setting with its value, passwords replaced, and where that came from; "flag": from the command line. */
export interface ToldSetting {
  readonly name: SettingName;
  readonly value: string;
  readonly origin: "default" | "environment" | "file" | "flag";
}

const SETTINGS_FILE = "dqueue.yaml";
const ENVIRONMENT = "the environment";

/** Where a setting's text was found, to be named in errors. */
interface Found {
  text: string;
  from: string;
}

/**
 * Reads the settings from the environment, then from `dqueue.yaml` in `folder` (its keys are the environment's names
 * in lower case). Throws a DqueueError with a line for each that is wrong: SETTING_UNKNOWN, SETTING_INVALID or
 * SETTINGS_UNREADABLE.
 */
export const readSettings = (environment: NodeJS.ProcessEnv = process.env, folder = process.cwd()): Settings => {
  const wrong: DqueueError[] = [];
  const found = { ...fromFile(resolve(folder, SETTINGS_FILE), wrong), ...fromEnvironment(environment, wrong) };
  // All are read, so that the one that is wrong is found in whatever process it stands.
  const value: ReadValue = (name) => valueOf(name, found[name], wrong);
  const settings = settingsOf(folder, value);
  const oidc = {
    issuer: value("OIDC_ISSUER"),
    clientId: value("OIDC_CLIENT_ID"),
    clientSecret: value("OIDC_CLIENT_SECRET"),
    allowedDomains: value("OIDC_ALLOWED_DOMAINS"),
    role: value("OIDC_ROLE"),
  };
  throwAll(wrong);
  return {
    ...settings,
    company: companyOf(oidc),
    hidden: Object.fromEntries(HIDDEN.flatMap((name) => (found[name] ? [[name, found[name].text]] : []))),
    mistaken: mistakenNames(environment).map(mistakenName),
    told: (Object.keys(SETTINGS) as SettingName[]).map((name) => toldOf(name, found[name])),
  };
};

const toldOf = (name: SettingName, found: Found | undefined): ToldSetting => {
  const { secret, fallback, fallbackText }: SettingSpec<unknown> = SETTINGS[name];
  if (found)
    return {
      name,
      value: secret ? hidden(secret, found.text) : found.text,
      origin: found.from === ENVIRONMENT ? "environment" : "file",
    };
  return { name, value: typeof fallback === "number" ? `${fallback}` : bare(fallbackText), origin: "default" };
};

/** Settings whose values are never told as they are. */
const HIDDEN = (Object.keys(SETTINGS) as SettingName[]).filter(
  (name) => (SETTINGS[name] as SettingSpec<unknown>).secret,
);

/** Without the marks of documents. */
const bare = (text: string): string => text.replaceAll("`", "");

type ReadValue = <Name extends SettingName>(name: Name) => ValueOf<Name>;

const settingsOf = (folder: string, value: ReadValue): Omit<Settings, "company" | "hidden" | "mistaken" | "told"> => {
  const host = value("HOST");
  const port = value("PORT");
  const adminKey = value("DQUEUE_ADMIN_KEY");
  const endpoint = value("OTEL_EXPORTER_OTLP_ENDPOINT");
  const headers = value("OTEL_EXPORTER_OTLP_HEADERS");
  const sampler = value("OTEL_TRACES_SAMPLER");
  const ratio = value("OTEL_TRACES_SAMPLER_ARG");
  return {
    databaseUrl: value("DATABASE_URL"),
    amqpUrl: value("AMQP_URL"),
    home: resolve(folder, value("DQUEUE_HOME")),
    jobs: resolve(folder, value("DQUEUE_JOBS")),
    host,
    port,
    metricsPort: value("METRICS_PORT"),
    allowedHosts: value("DQUEUE_ALLOWED_HOSTS"),
    auth: value("DQUEUE_AUTH"),
    insecure: value("DQUEUE_INSECURE"),
    adminKey,
    queues: value("DQUEUE_QUEUES"),
    queueType: value("DQUEUE_QUEUE_TYPE"),
    processes: value("DQUEUE_PROCESSES"),
    concurrency: value("DQUEUE_CONCURRENCY"),
    stepMemoryMb: value("DQUEUE_STEP_MEMORY_MB"),
    secrets: { allowed: value("DQUEUE_SECRETS"), settings: HIDDEN },
    graceSeconds: value("DQUEUE_GRACE_SECONDS"),
    maxConcurrentRuns: value("MAX_CONCURRENT_RUNS"),
    namespace: value("NAMESPACE"),
    retention: {
      days: value("RETENTION_DAYS"),
      bytes: value("RETENTION_BYTES"),
      auditDays: value("RETENTION_AUDIT_DAYS"),
    },
    logLevel: value("LOG_LEVEL"),
    logFormat: value("LOG_FORMAT"),
    managementUrl: value("AMQP_MANAGEMENT_URL"),
    moleculerMetrics: value("DQUEUE_MOLECULER_METRICS"),
    collector: endpoint === null ? null : { endpoint, headers, sampler, ratio },
    migrate: value("DQUEUE_MIGRATE"),
    roles: value("DQUEUE_ROLES"),
    url: value("DQUEUE_URL") ?? urlOf(host, port),
    apiKey: value("DQUEUE_API_KEY") ?? adminKey,
  };
};

/**
 * Refuses roles that could not meet: a process with only some of them needs a database and a broker that the others
 * reach too. Throws a DqueueError, SETTING_MISSING.
 */
export const requireSharedServers = (settings: Settings, roles: readonly Role[]): void => {
  const absent = ROLES.filter((role) => !roles.includes(role));
  const missing = [
    ...(settings.databaseUrl === null ? ["DATABASE_URL"] : []),
    ...(settings.amqpUrl === null ? ["AMQP_URL"] : []),
  ];
  if (absent.length === 0 || missing.length === 0) return;
  throw new DqueueError(
    "SETTING_MISSING",
    `Starting only ${roles.join(" and ")} needs ${missing.join(" and ")}: ${absent.join(" and ")} would run elsewhere and ` +
      `meet it there. Set ${missing.length > 1 ? "them" : "it"}, or start all roles in one process with \`dqueue dev\`.`,
  );
};

/** What a process must not tell, be it from the environment or from `dqueue.yaml`. */
export const secretsKnownTo = ({ secrets, hidden }: Settings): Secrets =>
  secretsOf(secrets, { ...process.env, ...hidden });

/** The URL under which a server that listens on `host` is reached from this machine. */
export const urlOf = (host: string, port: number): string => {
  const reachable = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  return `http://${reachable.includes(":") ? `[${reachable}]` : reachable}:${port}`;
};

const hidden = (secret: true | "whole", text: string): string => (secret === "whole" ? "***" : redacted(text));

/** A URL (or several, separated by ";") as it may be shown: passwords are replaced. */
export const redacted = (urls: string): string => urls.split(";").map(redactedUrl).join(";");

const redactedUrl = (url: string): string => {
  try {
    const shown = new URL(url);
    if (shown.password) shown.password = "***";
    for (const name of [...shown.searchParams.keys()]) {
      if (/pass|secret|token|key/i.test(name)) shown.searchParams.set(name, "***");
    }
    return shown.href;
  } catch {
    // Not a URL: nobody can tell where in it a password stands.
    return "***";
  }
};

/** Kubernetes puts these into each pod beside a Service named dqueue or dqueue-…: they are none of our settings. */
const isServiceLink = (name: string, value: string): boolean =>
  /_SERVICE_(HOST|PORT(_\w+)?)$|_PORT_\d+_(TCP|UDP)(_(PROTO|PORT|ADDR))?$/.test(name) ||
  (name.endsWith("_PORT") && /^(tcp|udp):\/\//.test(value));

/** Variables that begin so hold what configs refer to. */
const SECRET = "DQUEUE_SECRET_";

type AllFound = Partial<Record<SettingName, Found>>;

const fromEnvironment = (environment: NodeJS.ProcessEnv, wrong: DqueueError[]): AllFound => {
  const found: AllFound = {};
  for (const [name, text] of Object.entries(environment)) {
    // An empty variable is how compose files say "not set".
    if (text === undefined || text.trim() === "") continue;
    if (isSettingName(name)) found[name] = { text: text.trim(), from: ENVIRONMENT };
    else if (name.startsWith("DQUEUE_") && !name.startsWith(SECRET) && !isServiceLink(name, text))
      wrong.push(unknownSetting(name, ENVIRONMENT));
  }
  return found;
};

const fromFile = (file: string, wrong: DqueueError[]): AllFound => {
  if (!existsSync(file)) return {};
  const found: AllFound = {};
  for (const [key, value] of Object.entries(parseFile(file))) {
    const name = key.toUpperCase();
    if (key !== key.toLowerCase() || !isSettingName(name)) {
      wrong.push(unknownSetting(key, file));
      continue;
    }
    if (value === null || value === "") continue;
    const parts = Array.isArray(value) ? value : [value];
    const scalar = parts.every((part) => ["string", "number", "boolean"].includes(typeof part));
    if (scalar) found[name] = { text: parts.join(","), from: file };
    else wrong.push(invalid(name, inspect(value, { breakLength: Infinity }), file));
  }
  return found;
};

const parseFile = (file: string): Record<string, unknown> => {
  let parsed: unknown;
  try {
    // Texts as they stand, as in the environment: as a number, 007 would be 7, and a long id would lose its last digits.
    parsed = parse(readFileSync(file, "utf8"), { schema: "failsafe", customTags: ["null"] });
  } catch (error) {
    // Without what the parser advises to whoever calls it.
    const line = (error as Error).message.split("\n")[0]!.replace(/; please use .*?(?= at line)|:$/g, "");
    throw new DqueueError("SETTINGS_UNREADABLE", `${file} could not be read: ${line}`);
  }
  if (parsed === null || parsed === undefined) return {};
  if (typeof parsed === "object" && !Array.isArray(parsed)) return parsed as Record<string, unknown>;
  throw new DqueueError("SETTINGS_UNREADABLE", `${file} must hold settings as "name: value" lines, e.g. "port: 3000".`);
};

/** What is wrong is noted, and the fallback stands in until all has been looked at. */
const valueOf = <Name extends SettingName>(
  name: Name,
  found: Found | undefined,
  wrong: DqueueError[],
): ValueOf<Name> => {
  const spec = SETTINGS[name] as unknown as SettingSpec<ValueOf<Name>>;
  if (!found) return spec.fallback;
  const read = spec.read.safeParse(found.text);
  if (read.success) return read.data;
  wrong.push(invalid(name, found.text, found.from));
  return spec.fallback;
};

const invalid = (name: SettingName, text: string, from: string): DqueueError => {
  const spec: SettingSpec<unknown> = SETTINGS[name];
  const shown = spec.secret ? hidden(spec.secret, text) : text.length > 200 ? `${text.slice(0, 200)}…` : text;
  const named = from === ENVIRONMENT ? name : name.toLowerCase();
  return new DqueueError(
    "SETTING_INVALID",
    `${named} is ${JSON.stringify(shown)} (in ${from}): it must be ${spec.allowed}. Without it: ${bare(spec.fallbackText)}.`,
    { setting: name },
  );
};

const unknownSetting = (name: string, from: string): DqueueError => {
  const nearest = nearestName(name);
  const spelled = from === ENVIRONMENT ? nearest : nearest.toLowerCase();
  return new DqueueError(
    "SETTING_UNKNOWN",
    `${name} (in ${from}) is not a setting of dqueue. The nearest one is ${spelled}: ${SETTINGS[nearest].about}. Correct or remove it.`,
    { setting: name, nearest: spelled },
  );
};

const mistakenName = ({ name, nearest }: NearName): string =>
  `${name} (in ${ENVIRONMENT}) is not a setting of dqueue and does nothing here. If ${nearest} is meant, correct it: ${SETTINGS[nearest].about}.`;
