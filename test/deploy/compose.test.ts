import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { SettingSpec } from "../../services/setting-spec";
import { type SettingName, SETTINGS } from "../../services/setting-table";
import { composeFile, composeText, flawsOfCompose, variablesOf } from "./compose-file";
import { ROOT } from "./image";

const CLIENTS = [["docker", "compose"], ["docker-compose"]];
const client = CLIENTS.find(([program, ...args]) => {
  const { status, stdout } = spawnSync(program!, [...args, "version", "--short"], { encoding: "utf8" });
  return status === 0 && !/^v?1\./.test(stdout);
});
const withClient = client ? test : test.skip;
if (!client)
  process.stderr.write("\nNOT RUN: docker compose config, for there is no compose client (2 or later) here.\n");

/** Settings that the file leaves no choice of, and why. */
const NOT_IN_ENV: Partial<Record<SettingName, string>> = {
  DATABASE_URL: "made of the variables of the server beside it",
  AMQP_URL: "made of the variables of the server beside it",
  DQUEUE_HOME: "a place in the image",
  DQUEUE_JOBS: "a place in the image",
  HOST: "a container has its network for itself",
  PORT: "WEB_PORT is the one outside",
  METRICS_PORT: "the health check and Prometheus know it",
  DQUEUE_AUTH: "a web server in a container is always reached by others, so that auto asks everybody",
  DQUEUE_QUEUE_TYPE: "there is one broker",
  NAMESPACE: "the broker is of this installation alone",
  AMQP_MANAGEMENT_URL: "made of the variables of the server beside it",
  DQUEUE_MIGRATE: "the service migrate does it",
  DQUEUE_ROLES: "each service is told its role",
  DQUEUE_URL: "of the commands that ask a server",
  DQUEUE_API_KEY: "of the commands that ask a server",
};

describe("docker-compose.yml", () => {
  test("keeps to the compose specification, also with the profile and settings of .env.example", () => {
    expect(flawsOfCompose(composeFile())).toEqual([]);
    const example = Object.fromEntries(exampleLines());
    expect(flawsOfCompose(composeFile(composeText(), example))).toEqual([]);
  });

  test.each([
    ["a misspelt key of a deployment", "replicas:", "replicass:"],
    ["a misspelt key of a service", "command: [start, worker]", "comand: [start, worker]"],
    ["a condition that there is none of", "condition: service_healthy", "condition: service_well"],
    ["a list where a duration belongs", "stop_grace_period: 15s", "stop_grace_period: [15s]"],
  ])("%s would be found", (_, right, wrong) => {
    expect(flawsOfCompose(composeFile(composeText().replace(right, wrong)))).not.toEqual([]);
  });

  const exampleLines = (): [string, string][] =>
    readFileSync(join(ROOT, ".env.example"), "utf8")
      .split("\n")
      .filter((line) => /^\w+=/.test(line))
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]);

  test(".env.example tells each variable with what holds without it", () => {
    expect(Object.fromEntries(exampleLines())).toEqual(Object.fromEntries(variablesOf(composeText())));
    for (const [name, fallback] of variablesOf(composeText())) expect([name, fallback]).toEqual(exampleOf(name));
  });

  const exampleOf = (name: string) => exampleLines().find(([known]) => known === name);

  test("20 workers, and nothing is open to other machines", () => {
    const { services } = composeFile();
    expect(services.worker!.deploy).toEqual({ replicas: 20 });
    const ports = Object.values(services).flatMap(({ ports = [] }) => ports);
    expect(ports).toEqual(expect.arrayContaining(["127.0.0.1:3000:3000", "127.0.0.1:15672:15672"]));
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  test("every process of dqueue starts once the database, the broker and the migration are done", () => {
    const { services } = composeFile();
    for (const role of ["daemon", "worker"]) {
      expect(services[role]!.depends_on).toEqual({
        postgres: { condition: "service_healthy" },
        rabbitmq: { condition: "service_healthy" },
        migrate: { condition: "service_completed_successfully" },
      });
    }
    // The first key needs the migration, and that the database.
    expect(services.keys!.depends_on).toEqual({ migrate: { condition: "service_completed_successfully" } });
    expect(services.webserver!.depends_on).toEqual({
      rabbitmq: { condition: "service_healthy" },
      keys: { condition: "service_completed_successfully" },
    });
  });

  test("settings are settings of dqueue", () => {
    for (const [name, { build, environment = {} }] of Object.entries(composeFile().services))
      if (build) expect([name, Object.keys(environment).filter((key) => !(key in SETTINGS))]).toEqual([name, []]);
  });

  test("every setting can be set in .env, or there is a reason", () => {
    const { services } = composeFile();
    const roles = Object.values(services).filter(({ command }) => command?.[0] === "start");
    const told = new Set(roles.flatMap(({ environment }) => Object.keys(environment!)));
    const settable = new Set(variablesOf(composeText()).map(([name]) => name));
    expect(Object.keys(SETTINGS).filter((name) => !settable.has(name))).toEqual(Object.keys(NOT_IN_ENV).sort(byTable));
    for (const [name, { shared }] of Object.entries(SETTINGS) as [string, SettingSpec<unknown>][]) {
      if (!settable.has(name)) continue;
      expect([name, told.has(name)]).toEqual([name, true]);
      if (shared) for (const { environment } of roles) expect(environment).toHaveProperty([name]);
    }
  });

  const byTable = (a: string, b: string): number => Object.keys(SETTINGS).indexOf(a) - Object.keys(SETTINGS).indexOf(b);

  test("what holds without a variable is what holds without the setting, or there is a reason", () => {
    const { DQUEUE_PROCESSES, LOG_LEVEL, ...others } = Object.fromEntries(variablesOf(composeText()));
    expect({ DQUEUE_PROCESSES, LOG_LEVEL }).toEqual({ DQUEUE_PROCESSES: "2", LOG_LEVEL: "info" });
    for (const [name, { read, fallback }] of Object.entries(SETTINGS) as [string, SettingSpec<unknown>][]) {
      const text = others[name];
      if (text)
        expect([name, read.parse(text)]).toEqual([name, fallback ?? (name === "DQUEUE_CONCURRENCY" ? 1 : null)]);
    }
  });

  test("who runs steps and sensors has the secrets that configs may name, from a file that is not in the image", () => {
    const { services } = composeFile();
    for (const role of ["daemon", "worker"])
      expect(services[role]!.env_file).toEqual([{ path: "secrets.env", required: false }]);
    expect(services.webserver!.env_file).toBeUndefined();
    for (const ignored of [".gitignore", ".dockerignore"])
      expect(readFileSync(join(ROOT, ignored), "utf8").split("\n")).toContain("secrets.env");
  });

  test("monitoring is a profile, and what is mounted from here is there", () => {
    const { services } = composeFile();
    const profiles = Object.entries(services).flatMap(([name, { profiles }]) =>
      profiles ? [[name, ...profiles]] : [],
    );
    expect(profiles).toEqual([
      ["prometheus", "monitoring"],
      ["grafana", "monitoring"],
    ]);
    const mounted = Object.values(services).flatMap(({ volumes = [] }) =>
      volumes.filter((text) => text.startsWith("./")),
    );
    expect(mounted.length).toBeGreaterThan(2);
    for (const volume of mounted)
      expect([volume, existsSync(join(ROOT, volume.split(":")[0]!))]).toEqual([volume, true]);
  });

  test("Prometheus scrapes every role", () => {
    const { services } = composeFile();
    const { scrape_configs } = parse(readFileSync(join(ROOT, "deploy/prometheus.yml"), "utf8"));
    const [dqueue] = scrape_configs;
    expect(dqueue.dns_sd_configs[0].names).toEqual(
      Object.keys(services).filter((name) => services[name]!.build && !["migrate", "keys"].includes(name)),
    );
  });

  withClient("the compose client reads it", () => {
    const [program, ...args] = client!;
    const options = { cwd: ROOT, encoding: "utf8" as const };
    const text = execFileSync(program!, [...args, "--profile", "monitoring", "config", "--format", "json"], options);
    const { name, services } = JSON.parse(text);
    expect(name).toBe("dqueue");
    expect(Object.keys(services).sort()).toEqual(Object.keys(composeFile().services).sort());
    expect(services.worker).toMatchObject({ deploy: { replicas: 20 }, command: ["start", "worker"] });
  });
});
