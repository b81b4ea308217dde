import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readSettings } from "../../services/settings";
import { type SettingName, SETTINGS } from "../../services/setting-table";
import { CHART, describeChart, find, type Manifest, manifestsOf, textOf, VALUES } from "./chart";

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
    const { not } = JSON.parse(readFileSync(join(CHART, "values.schema.json"), "utf8")).properties.dqueue.properties
      .settings.propertyNames;
    const taken = Object.keys(SETTINGS).filter((name) => !FURTHER.includes(name as SettingName));
    expect(not.enum).toEqual(taken.sort());
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
