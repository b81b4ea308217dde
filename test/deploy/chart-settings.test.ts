import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSettings } from "../../services/settings";
import { type SettingName, SETTINGS } from "../../services/setting-table";
import { CHART, describeChart, find, type Manifest, manifestsOf, render, textOf, VALUES, valuesFile } from "./chart";

/** Settings that the chart's processes are not to be told, and why. */
const OF_THE_IMAGE: Partial<Record<SettingName, string>> = {
  HOST: "a pod has an address of its own",
  PORT: "the Service has one",
};

/** Settings that are no value of their own: `dqueue.settings` takes them. */
const FURTHER: readonly SettingName[] = [
  "DQUEUE_HOME",
  "DQUEUE_JOBS",
  "DQUEUE_AUTH",
  "DQUEUE_SECRETS",
  "LOG_FORMAT",
  "AMQP_MANAGEMENT_URL",
  "DQUEUE_MOLECULER_METRICS",
  "OTEL_EXPORTER_OTLP_ENDPOINT",
  "OTEL_EXPORTER_OTLP_HEADERS",
  "OTEL_TRACES_SAMPLER",
  "OTEL_TRACES_SAMPLER_ARG",
  "DQUEUE_ROLES",
  "DQUEUE_URL",
  "DQUEUE_API_KEY",
];

describeChart("what the Helm chart tells processes of dqueue", () => {
  let folder: string;
  beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "dqueue-values-"))));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("settings are settings of dqueue", () => {
    for (const values of VALUES) {
      for (const { kind, metadata, spec, data } of manifestsOf(textOf(values))) {
        const told = kind === "ConfigMap" && metadata.name === "dqueue" ? Object.keys(data) : [];
        const env = spec?.template?.spec?.containers?.[0]?.env ?? [];
        const names = [...told, ...env.map(({ name }: Manifest) => name)].filter((name) => /^DQUEUE_|_URL$/.test(name));
        expect(names.filter((name) => !(name in SETTINGS) && name !== "FEED_URL")).toEqual([]);
      }
    }
  });

  const schema = () => JSON.parse(readFileSync(join(CHART, "values.schema.json"), "utf8"));

  /** What the chart's own templates say to any process, of settings. */
  const settingsOf = (values: string): string[] =>
    manifestsOf(textOf(values)).flatMap(({ kind, metadata, spec, data }) => [
      ...(kind === "ConfigMap" && metadata.name === "dqueue" ? Object.keys(data) : []),
      ...(kind === "Deployment" ? spec.template.spec.containers[0].env.map(({ name }: Manifest) => name) : []),
    ]);

  test("every setting is a value of the chart or can be one of dqueue.settings, and none is both", () => {
    const told = new Set([...settingsOf("production-values.yaml"), ...settingsOf("external-values.yaml")]);
    const free = Object.keys(SETTINGS).filter((name) => !told.has(name) && !(name in OF_THE_IMAGE));
    expect(free.sort()).toEqual([...FURTHER].sort());
    const { not, anyOf } = schema().properties.dqueue.properties.settings.propertyNames;
    expect(anyOf[2].enum).toEqual(FURTHER.filter((name) => name.startsWith("DQUEUE_")).sort());
    const taken = Object.keys(SETTINGS).filter((name) => !FURTHER.includes(name as SettingName));
    expect(not.enum).toEqual(taken.sort());
  });

  /** What becomes of further values; what the chart complains of. */
  const withValues = (text: string): string => {
    writeFileSync(join(folder, "values.yaml"), text);
    try {
      return render([valuesFile("default-values.yaml"), join(folder, "values.yaml")]);
    } catch (error) {
      return (error as { stderr: string }).stderr;
    }
  };

  test("a misspelt setting of dqueue.settings is refused by its name; what only jobs know is not", () => {
    const set = (name: string): string => withValues(`dqueue: { settings: { ${name}: x } }`);
    expect(set("DQUEUE_SECRTES")).toMatch(/^Error: [^]*DQUEUE_SECRTES/);
    for (const name of ["DQUEUE_SECRETS", "DQUEUE_SECRET_TOKEN", "COMPANY_REGION"])
      expect(set(name)).toContain(`\n  ${name}: "x"\n`);
  });

  test("a number of dqueue.settings is told as it is written; one that would lose digits is refused", () => {
    const told = (text: string): string => withValues(`dqueue: { settings: { BUILD: ${text} } }`);
    for (const text of ["20261127", "1000000", "-1000000", "0", "0.25", "999999999999999", "true", '"007"'])
      expect(told(text)).toContain(`\n  BUILD: "${text.replaceAll('"', "")}"\n`);
    expect(told("297341234567890123")).toMatch(/^Error: [^]*\/dqueue\/settings\/BUILD/);
  });

  test("numbers that a setting takes are those that the chart takes for it", () => {
    const { definitions, properties } = schema();
    const { worker, dqueue } = properties;
    const group = worker.properties.groups.additionalProperties.properties;
    const ofSetting: [SettingName, Manifest][] = [
      ["MAX_CONCURRENT_RUNS", definitions.runs],
      ["RETENTION_DAYS", definitions.days],
      ["METRICS_PORT", definitions.port],
      ["DQUEUE_STEP_MEMORY_MB", definitions.heap.oneOf[1]],
      ...[worker.properties, group].flatMap((of): [SettingName, Manifest][] => [
        ["DQUEUE_PROCESSES", of.processes],
        ["DQUEUE_CONCURRENCY", of.concurrency],
        ["DQUEUE_GRACE_SECONDS", of.graceSeconds],
      ]),
    ];
    for (const [name, { minimum, maximum }] of ofSetting) {
      const takes = (number: number): boolean => SETTINGS[name].read.safeParse(`${number}`).success;
      expect([name, takes(minimum), takes(maximum), takes(maximum + 1)]).toEqual([name, true, true, false]);
    }
    for (const name of ["processes", "concurrency", "graceSeconds", "stepMemoryMb"])
      expect(group[name]).toEqual(worker.properties[name]);
    expect(dqueue.properties.maxConcurrentRuns).toEqual({ $ref: "#/definitions/runs" });
  });

  test("company accounts: the web server alone is told the provider, its secret from a Secret", () => {
    for (const [values, name, key] of [
      ["production-values.yaml", "dqueue-login", "oidc-secret"],
      ["openshift-values.yaml", "dqueue-oidc", "client-secret"],
    ] as const) {
      const { env } = find(values, "Deployment", "dqueue-webserver").spec.template.spec.containers[0];
      const told = env.filter(({ name }: Manifest) => name.startsWith("OIDC_"));
      expect(told[2]).toEqual({ name: "OIDC_CLIENT_SECRET", valueFrom: { secretKeyRef: { name, key } } });
      const given = Object.fromEntries(told.map(({ name, value = "kept" }: Manifest) => [name, value]));
      const { company } = readSettings(given, "/nowhere");
      expect(company).toMatchObject(
        values === "production-values.yaml"
          ? { issuer: "https://login.example.com", allowedDomains: ["example.com", "example.org"], role: "launcher" }
          : { issuer: "https://sso.example.com/realms/jobs", allowedDomains: ["example.com"], role: "viewer" },
      );
      for (const role of ["daemon", "worker"])
        expect(JSON.stringify(find(values, "Deployment", `dqueue-${role}`))).not.toMatch(/OIDC_/);
    }
    expect(find("openshift-values.yaml", "Secret", "dqueue-oidc").stringData).toEqual({ "client-secret": "secret" });
    expect(find("production-values.yaml", "Secret", "dqueue-oidc")).toBeUndefined();
    expect(textOf("default-values.yaml")).not.toContain("OIDC_");
  });
});
