import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DqueueError } from "../../core/errors";
import { SETTINGS } from "../../services/setting-table";
import { readSettings, redacted, requireSharedServers, secretsKnownTo, type Settings } from "../../services/settings";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dqueue-settings-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const yaml = (text: string): void => writeFileSync(join(folder, "dqueue.yaml"), text);
const read = (environment: NodeJS.ProcessEnv = {}) => readSettings(environment, folder);
const refusal = (act: () => unknown): DqueueError => {
  try {
    act();
  } catch (error) {
    if (error instanceof DqueueError) return error;
    throw error;
  }
  throw new Error("It was accepted.");
};

describe("settings", () => {
  test("without any the defaults hold", () => {
    expect(read()).toMatchObject({
      databaseUrl: null,
      amqpUrl: null,
      home: join(folder, ".dqueue"),
      jobs: join(folder, "jobs"),
      host: "127.0.0.1",
      port: 3000,
      queues: ["default"],
      maxConcurrentRuns: 200,
      namespace: "default",
      roles: ["webserver", "daemon", "worker"],
      url: "http://127.0.0.1:3000",
    });
  });

  test("the environment wins over dqueue.yaml, and an empty variable is none", () => {
    yaml("port: 4000\nhost: 0.0.0.0\ndqueue_queues: [fast, slow]\ndqueue_migrate: false\n");
    const settings = read({ PORT: "5000", HOST: "", DQUEUE_QUEUES: " a, b ,a" });
    expect(settings).toMatchObject({ port: 5000, host: "0.0.0.0", queues: ["a", "b"], migrate: false });
    expect(settings.url).toBe("http://127.0.0.1:5000");
  });

  test.each(["007", "1e3", "297341234567890123", "0x10", "true", "off"])(
    "%s is the same in dqueue.yaml as in the environment",
    (text) => {
      yaml(`namespace: ${text}\ndqueue_queues: [${text}, b]\n`);
      expect(read()).toMatchObject({ namespace: text, queues: [text, "b"] });
      expect(read()).toMatchObject({ namespace: read({ NAMESPACE: text }).namespace });
    },
  );

  test.each(["port:", "port: ~", "port: null", 'port: ""', "# nothing", ""])(
    "%j in dqueue.yaml says nothing",
    (text) => {
      yaml(`${text}\n`);
      expect(read().port).toBe(3000);
    },
  );

  test.each([
    ["port: 1\nport: 2", "Map keys must be unique at line 2, column 1"],
    ["port: 1\n---\nport: 2", "Source contains multiple documents at line 2, column 1"],
    ["port: [", "column 8"],
  ])("a dqueue.yaml that cannot be read says where: %j", (text, where) => {
    yaml(text);
    const { code, message } = refusal(() => read());
    expect(code).toBe("SETTINGS_UNREADABLE");
    expect(message.endsWith(where)).toBe(true);
  });

  test("each is told with where it came from", () => {
    yaml("port: 4000\nmax_concurrent_runs: 5\n");
    const told = Object.fromEntries(read({ PORT: "5000" }).told.map(({ name, ...rest }) => [name, rest]));
    expect(told.PORT).toEqual({ value: "5000", origin: "environment" });
    expect(told.MAX_CONCURRENT_RUNS).toEqual({ value: "5", origin: "file" });
    expect(told.DQUEUE_HOME).toEqual({ value: "./.dqueue", origin: "default" });
  });

  test("a misspelt variable is named with the nearest setting, on one line", () => {
    const { code, message } = refusal(() => read({ DQUEUE_QUEUE: "fast" }));
    expect(code).toBe("SETTING_UNKNOWN");
    expect(message).toContain(
      "DQUEUE_QUEUE (in the environment) is not a setting of dqueue. The nearest one is DQUEUE_QUEUES",
    );
    expect(message).not.toContain("\n");
  });

  test("a prefix too many is recognised", () => {
    expect(refusal(() => read({ DQUEUE_MAX_CONCURRENT_RUNS: "1" })).message).toContain("MAX_CONCURRENT_RUNS");
    expect(refusal(() => read({ DQUEUE_PORT: "3000" })).details).toMatchObject({ nearest: "PORT" });
    yaml("dqueue-port: 3000\n");
    expect(refusal(() => read()).details).toMatchObject({ nearest: "port" });
  });

  test.each([
    ["MAX_CONCURENT_RUNS", "MAX_CONCURRENT_RUNS"],
    ["DATABSE_URL", "DATABASE_URL"],
    ["DATABASE_ULR", "DATABASE_URL"],
    ["AMQPS_URL", "AMQP_URL"],
    ["RETENTION_DAY", "RETENTION_DAYS"],
    ["METRIC_PORT", "METRICS_PORT"],
    ["LOGLEVEL", "LOG_LEVEL"],
    ["OIDC_ALLOWED_DOMAIN", "OIDC_ALLOWED_DOMAINS"],
  ])("%s may be meant to be %s: it is told, and refused by nobody, for it may be another program's", (name, meant) => {
    const { mistaken } = read({ [name]: "x" });
    expect(mistaken).toEqual([
      expect.stringMatching(`^${name} .*does nothing here\\. If ${meant} is meant, correct it`),
    ]);
  });

  test("what is given by its right name, and what is another thing, is not taken for a mistake", () => {
    expect(read({ LOG_LEVELS: "x", LOG_LEVEL: "info" }).mistaken).toEqual([]);
    const others = [
      "SMTP_URL",
      "REDIS_URL",
      "HOSTS",
      "PORTS",
      "POD_NAMESPACE",
      "RABBITMQ_URL",
      "HOSTNAME",
      "POSTGRES_URL",
    ];
    expect(read(Object.fromEntries(others.map((name) => [name, "x"]))).mistaken).toEqual([]);
    expect(read({ ...process.env }).mistaken).toEqual([]);
  });

  test("what Kubernetes puts beside a Service named dqueue is no misspelt setting", () => {
    const links = {
      DQUEUE_SERVICE_HOST: "10.0.0.1",
      DQUEUE_SERVICE_PORT: "3000",
      DQUEUE_SERVICE_PORT_HTTP: "3000",
      DQUEUE_PORT: "tcp://10.0.0.1:3000",
      DQUEUE_WEBSERVER_PORT_3000_TCP: "tcp://10.0.0.1:3000",
      DQUEUE_WEBSERVER_PORT_3000_TCP_ADDR: "10.0.0.1",
    };
    expect(read(links).port).toBe(3000);
  });

  test("an unknown key of dqueue.yaml is named with the nearest one", () => {
    yaml("max_concurent_runs: 5\n");
    const { message } = refusal(() => read());
    expect(message).toContain(`max_concurent_runs (in ${join(folder, "dqueue.yaml")})`);
    expect(message).toContain("The nearest one is max_concurrent_runs");
    yaml("PORT: 5\n");
    expect(refusal(() => read()).message).toContain("The nearest one is port");
  });

  test.each([
    ["PORT", "70000"],
    ["PORT", "3e3"],
    ["PORT", "-1"],
    ["DQUEUE_PROCESSES", "0"],
    ["DQUEUE_CONCURRENCY", "many"],
    ["MAX_CONCURRENT_RUNS", "1.5"],
    ["LOG_LEVEL", "loud"],
    ["LOG_FORMAT", "xml"],
    ["METRICS_PORT", "70000"],
    ["NAMESPACE", "a b"],
    ["DQUEUE_QUEUES", "a,,b"],
    ["DQUEUE_QUEUE_TYPE", "stream"],
    ["RETENTION_DAYS", "30d"],
    ["RETENTION_DAYS", "-1"],
    ["RETENTION_BYTES", "20 Gigs"],
    ["RETENTION_BYTES", "0.1B"],
    ["RETENTION_AUDIT_DAYS", "never"],
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317"],
    ["AMQP_MANAGEMENT_URL", "rabbitmq:15672"],
    ["OTEL_EXPORTER_OTLP_HEADERS", "Basic abc"],
    ["OTEL_TRACES_SAMPLER", "jaeger_remote"],
    ["OTEL_TRACES_SAMPLER_ARG", "10%"],
    ["OTEL_TRACES_SAMPLER_ARG", "1.5"],
    ["DATABASE_URL", "mysql://localhost/x"],
    ["AMQP_URL", "localhost:5672"],
    ["AMQP_URL", "amqp://dqueue:50%off@rabbitmq"],
    ["AMQP_URL", "amqp://rabbitmq/%"],
    ["DATABASE_URL", "postgres://dqueue:%@db/dqueue"],
    ["OTEL_EXPORTER_OTLP_HEADERS", "authorization=Basic%0Aabc"],
    ["DQUEUE_ROLES", "worker,cook"],
    ["DQUEUE_URL", "nowhere"],
    ["OIDC_ISSUER", "http://accounts.example.com"],
    ["OIDC_ALLOWED_DOMAINS", "*.example.com"],
    ["OIDC_ALLOWED_DOMAINS", "@example.com"],
    ["OIDC_ROLE", "owner"],
  ])("%s=%s is refused with its value and what is allowed, on one line", (name, value) => {
    const { code, message } = refusal(() => read({ [name]: value }));
    expect(code).toBe("SETTING_INVALID");
    expect(message).toContain(`${name} is `);
    expect(message).toContain("it must be ");
    expect(message).not.toContain("\n");
  });

  test.each<[Record<string, string>, Partial<Settings["retention"]>]>([
    [{}, { days: 30, bytes: null, auditDays: 365 }],
    [
      { RETENTION_DAYS: "0", RETENTION_AUDIT_DAYS: "off" },
      { days: null, auditDays: null },
    ],
    [
      { RETENTION_DAYS: "7", RETENTION_BYTES: "1.5GB" },
      { days: 7, bytes: 1_500_000_000 },
    ],
    [{ RETENTION_BYTES: "20 GiB" }, { bytes: 20 * 1024 ** 3 }],
    [{ RETENTION_BYTES: "500M" }, { bytes: 500_000_000 }],
    [{ RETENTION_BYTES: "123456789" }, { bytes: 123_456_789 }],
    [{ RETENTION_BYTES: "off" }, { bytes: null }],
  ])("what is kept is read from %j", (environment, retention) => {
    expect(read(environment).retention).toMatchObject(retention);
  });

  test("all that is wrong is told at once, a line for each, under the code of the first", () => {
    yaml("max_concurent_runs: 5\nport: none\nhost: [{}]\n");
    const { code, message, details } = refusal(() => read({ LOG_LEVEL: "loud", DQUEUE_QUEUE: "fast" }));
    expect(code).toBe("SETTING_UNKNOWN");
    const named = ["max_concurent_runs (in ", "host is ", "DQUEUE_QUEUE (in ", "port is ", "LOG_LEVEL is "];
    expect(message.split("\n").map((line, i) => line.startsWith(named[i]!))).toEqual(named.map(() => true));
    expect((details.errors as object[]).map((error) => Reflect.get(error, "code"))).toEqual([
      ...["SETTING_UNKNOWN", "SETTING_INVALID", "SETTING_UNKNOWN", "SETTING_INVALID", "SETTING_INVALID"],
    ]);
  });

  test("a password is not shown, neither in errors nor in what is printed", () => {
    const { message } = refusal(() => read({ DATABASE_URL: "mysql://dqueue:hunter2@db/x?sslpassword=hunter2" }));
    expect(message).toContain("mysql://dqueue:***@db/x");
    expect(message).not.toContain("hunter2");
    expect(refusal(() => read({ AMQP_URL: "hunter2@host" })).message).not.toContain("hunter2");
    expect(redacted("amqp://user:hunter2@host:5672")).toBe("amqp://user:***@host:5672");
  });

  test("keys and passwords are masked also where they stand in dqueue.yaml", () => {
    const key = `dq_0123456789abcdef.${"k".repeat(43)}`;
    yaml(`dqueue_admin_key: ${key}\namqp_management_url: http://dqueue:hunter2hunter2@rabbitmq:15672\n`);
    expect(secretsKnownTo(read()).mask(`${key} and hunter2hunter2`)).toBe("*** and ***");
  });

  test("company accounts need all that says who is let in, and their secret is never shown", () => {
    const company = {
      ...{ OIDC_ISSUER: "https://accounts.example.com", OIDC_CLIENT_ID: "dqueue", OIDC_CLIENT_SECRET: "urn:hunter2" },
      ...{ OIDC_ALLOWED_DOMAINS: "Example.com,example.org" },
    };
    expect(read().company).toBeNull();
    const settings = read(company);
    expect(settings.company).toMatchObject({ allowedDomains: ["example.com", "example.org"], role: "viewer" });
    expect(JSON.stringify(settings.told)).not.toContain("hunter2");
    const { code, message } = refusal(() => read({ ...company, OIDC_ALLOWED_DOMAINS: "" }));
    expect([code, message]).toEqual(["SETTING_MISSING", expect.stringContaining("needs OIDC_ALLOWED_DOMAINS too")]);
  });

  test("what a path or text cannot be is refused by its name, also where it contains itself", () => {
    yaml('dqueue_home: "a\\0b"\ndqueue_queues: &all [fast, *all]\n');
    const { code, message } = refusal(() => read());
    expect(code).toBe("SETTING_INVALID");
    expect(
      message
        .split("\n")
        .map((line) => line.split(" ")[0])
        .sort(),
    ).toEqual(["dqueue_home", "dqueue_queues"]);
  });

  test("dqueue.yaml that is no YAML, or no mapping, is refused on one line", () => {
    yaml("port: [3000\n");
    expect(refusal(() => read()).code).toBe("SETTINGS_UNREADABLE");
    yaml("- port\n");
    expect(refusal(() => read()).message).not.toContain("\n");
    yaml("port: { a: 1 }\n");
    expect(refusal(() => read()).message).toContain(`port is "{ a: '1' }"`);
    yaml("");
    expect(read().port).toBe(3000);
  });

  test("only some of the roles need both servers, all of them need none", () => {
    requireSharedServers(read(), ["webserver", "daemon", "worker"]);
    const shared = { DATABASE_URL: "postgres://db/x", AMQP_URL: "amqp://broker" };
    requireSharedServers(read(shared), ["worker"]);
    expect(refusal(() => requireSharedServers(read(), ["worker"])).message).toContain(
      "needs DATABASE_URL and AMQP_URL",
    );
    const half = refusal(() => requireSharedServers(read({ AMQP_URL: "amqp://broker" }), ["daemon", "worker"]));
    expect(half.message).toMatch(/^Starting only daemon and worker needs DATABASE_URL: webserver would run elsewhere/);
  });

  test("the README's table names every setting with its default", () => {
    const readme = readFileSync(resolve(__dirname, "../../README.md"), "utf8").replace(/ +/g, " ");
    for (const [name, { fallbackText, about }] of Object.entries(SETTINGS)) {
      expect(readme).toContain(`| \`${name}\` | ${fallbackText} | ${about} |`);
    }
  });
});
