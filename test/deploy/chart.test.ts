import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { SETTINGS } from "../../services/setting-table";
import {
  CHART,
  describeChart,
  find,
  Kubeconform,
  lint,
  type Manifest,
  manifestsOf,
  render,
  textOf,
  VALUES,
  valuesFile,
} from "./chart";
import { chartReadme } from "./chart-readme";

describeChart("the Helm chart", () => {
  let kubeconform: Kubeconform;
  beforeAll(() => void (kubeconform = new Kubeconform()));
  afterAll(() => kubeconform.remove());

  const refusal = (...more: string[]): string => {
    try {
      render([], more);
    } catch (error) {
      return (error as { stderr: string }).stderr;
    }
    throw new Error("It was not refused.");
  };

  describe.each(VALUES)("with %s", (values) => {
    test("has nothing that helm lint objects to", () => {
      expect(lint(valuesFile(values))).toEqual({ ok: true, text: "" });
    });

    test("renders objects that keep to the closed schemas of their kinds", () => {
      expect(kubeconform.flawsOf(textOf(values))).toEqual([]);
    });

    test("names each object once, and every container has a root that is its own or read-only", () => {
      const objects = manifestsOf(textOf(values));
      const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
      expect([...new Set(names)]).toEqual(names);
      for (const { kind, metadata, spec } of objects) {
        const pod = kind === "Pod" ? spec : spec?.template?.spec;
        if (!pod) continue;
        expect([metadata.name, pod.securityContext.runAsNonRoot]).toEqual([metadata.name, true]);
        for (const { name, securityContext } of [...(pod.initContainers ?? []), ...pod.containers]) {
          expect([name, securityContext]).toEqual([
            name,
            expect.objectContaining({ allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } }),
          ]);
          if (!["postgresql", "rabbitmq"].includes(name)) expect(securityContext.readOnlyRootFilesystem).toBe(true);
        }
      }
    });

    test("selects pods that there are", () => {
      const objects = manifestsOf(textOf(values));
      const pods = objects
        .map((object) => (object.kind === "Pod" ? object : object.spec?.template)?.metadata?.labels)
        .filter(Boolean);
      for (const { kind, metadata, spec } of objects) {
        if (!["Service", "PodDisruptionBudget", "NetworkPolicy", "Deployment", "StatefulSet"].includes(kind)) continue;
        const wanted = spec.podSelector?.matchLabels ?? spec.selector?.matchLabels ?? spec.selector;
        const selected = pods.filter((labels) => Object.entries(wanted).every(([key, value]) => labels[key] === value));
        expect([kind, metadata.name, selected.length > 0]).toEqual([kind, metadata.name, true]);
        if (kind === "Deployment" || kind === "StatefulSet") expect(selected).toHaveLength(1);
      }
    });
  });

  test.each(["default", "production", "openshift-user"])("renders what it did when last looked at: %s", (values) => {
    // The dashboard is a file of its own, told word for word.
    const text = textOf(`${values}-values.yaml`).replace(/(dqueue\.json: ).*/, "$1…");
    expect(text).toMatchSnapshot();
  });

  test.each([
    ["a misspelt key of a deployment", "default", "replicas: 2", "replicass: 2"],
    ["a misspelt key deep in a container", "default", "containerPort: 3000", "containerport: 3000"],
    ["a number that is none", "default", "failureThreshold: 60", "failureThreshold: often"],
    ["what a HorizontalPodAutoscaler lacks", "default", "maxReplicas: 100", "maximum: 100"],
    ["a key given twice", "default", "kind: Deployment", "kind: Deployment\nkind: Deployment"],
    ["a misspelt key of a custom resource", "production", "pollingInterval", "pollinginterval"],
    ["a misspelt key of a Route", "openshift", "termination: edge", "terminates: edge"],
    ["a kind that is not known", "default", "kind: Ingress", "kind: Ingres"],
  ])("%s would be found", (_, values, right, wrong) => {
    const text = textOf(right.includes("Ingress") ? "production-values.yaml" : `${values}-values.yaml`);
    expect(text).toContain(right);
    expect(kubeconform.flawsOf(text.replace(right, wrong))).not.toEqual([]);
  });

  test("every value of the deployment that dqueue takes the place of does what it says", () => {
    const values = "seed-values.yaml";
    const worker = find(values, "Deployment", "dqueue-worker").spec;
    const webserver = find(values, "Deployment", "dqueue-webserver").spec;
    const daemon = find(values, "Deployment", "dqueue-daemon").spec;
    expect([webserver.replicas, daemon.replicas, worker.replicas]).toEqual([1, 1, 20]);
    for (const { template } of [webserver, daemon, worker]) {
      const [{ image, imagePullPolicy }] = template.spec.containers;
      expect([image, imagePullPolicy]).toEqual(["your-registry/dqueue:latest", "Always"]);
    }
    expect(webserver.template.spec.containers[0].resources).toEqual({
      requests: { memory: "512Mi", cpu: "250m" },
      limits: { memory: "1Gi", cpu: "1" },
    });
    expect(daemon.template.spec.containers[0].resources.requests).toEqual({ memory: "512Mi", cpu: "250m" });
    expect(worker.template.spec.containers[0].resources).toEqual({
      requests: { memory: "256Mi", cpu: "100m" },
      limits: { memory: "512Mi", cpu: "500m" },
    });
    expect(find(values, "Service", "dqueue-webserver").spec).toMatchObject({
      type: "ClusterIP",
      ports: [{ port: 3000 }],
    });
    expect(find(values, "HorizontalPodAutoscaler", "dqueue-worker").spec).toMatchObject({
      ...{ minReplicas: 5, maxReplicas: 100 },
      metrics: [{ resource: { name: "cpu", target: { averageUtilization: 70 } } }],
    });
    expect(find(values, "ConfigMap", "dqueue").data.MAX_CONCURRENT_RUNS).toBe("200");
    expect(find(values, "Secret", "dqueue-postgresql").stringData.DATABASE_URL).toBe(
      "postgres://dagster:dagster@dqueue-postgresql:5432/dagster",
    );
    expect(find(values, "Secret", "dqueue-rabbitmq").stringData.AMQP_URL).toBe(
      "amqp://guest:guest@dqueue-rabbitmq:5672",
    );
    const changed = render([valuesFile(values)], ["--set", "dagster.maxConcurrentRuns=7"]);
    expect(changed).toContain('MAX_CONCURRENT_RUNS: "7"');
  });

  test("servers elsewhere are reached by URLs that say what was given, whatever signs are in it", () => {
    const values = "external-values.yaml";
    const database = new URL(find(values, "Secret", "dqueue-postgresql").stringData.DATABASE_URL);
    expect(database.host + database.pathname + database.search).toBe("postgres.example.com:6432/jobs?sslmode=require");
    const broker = new URL(find(values, "Secret", "dqueue-rabbitmq").stringData.AMQP_URL);
    expect([broker.protocol, broker.host, decodeURIComponent(broker.pathname)]).toEqual([
      ...["amqps:", "rabbitmq.example.com:5671", "//dqueue"],
    ]);
    for (const { password } of [database, broker]) expect(decodeURIComponent(password)).toBe("p@ss/wörd:100%+1");
    expect(decodeURIComponent(database.username)).toBe("app user");
    const read = [SETTINGS.DATABASE_URL.read.safeParse(database.href), SETTINGS.AMQP_URL.read.safeParse(broker.href)];
    expect(read.map(({ success }) => success)).toEqual([true, true]);
  });

  test("secrets of operators are taken as they are", () => {
    const { env } = find("production-values.yaml", "Deployment", "dqueue-daemon").spec.template.spec.containers[0];
    expect(env.slice(0, 2)).toEqual([
      { name: "DATABASE_URL", valueFrom: { secretKeyRef: { name: "dqueue-db-app", key: "uri" } } },
      {
        name: "AMQP_URL",
        valueFrom: { secretKeyRef: { name: "dqueue-broker-default-user", key: "connection_string" } },
      },
    ]);
    expect(textOf("production-values.yaml")).not.toContain("kind: Secret");
  });

  test("generated passwords are long, another each time, and the same for server and URL", () => {
    const passwords = [render([]), render([])].map((text) => {
      const secret = manifestsOf(text).find(({ metadata }) => metadata.name === "dqueue-postgresql")!.stringData;
      expect(new URL(secret.DATABASE_URL).password).toBe(secret.password);
      expect(secret.password).toMatch(/^[A-Za-z0-9]{32}$/);
      return secret.password;
    });
    expect(new Set(passwords).size).toBe(2);
  });

  test("the first API key is generated, given or in a secret of one's own, and only web servers and the test have it", () => {
    const keyOf = (text: string): string =>
      manifestsOf(text).find(({ metadata }) => metadata.name === "dqueue-admin-key")!.stringData.key;
    const keys = [render([]), render([])].map(keyOf);
    expect(new Set(keys).size).toBe(2);
    for (const key of keys) expect(SETTINGS.DQUEUE_ADMIN_KEY.read.safeParse(key).success).toBe(true);
    expect(keyOf(render([], ["--set", `auth.adminKey=${keys[0]}`]))).toBe(keys[0]);
    for (const [values, name, key] of [
      ["default-values.yaml", "dqueue-admin-key", "key"],
      ["production-values.yaml", "dqueue-admin", "api-key"],
    ] as const) {
      const having = manifestsOf(textOf(values)).flatMap(({ kind, metadata, spec }) => {
        const env: Manifest[] =
          (spec?.template?.spec ?? spec)?.containers?.flatMap((one: Manifest) => one.env ?? []) ?? [];
        const keyed = env.filter(({ valueFrom }) => valueFrom?.secretKeyRef?.name === name);
        return keyed.map((one) => [kind, metadata.name, one.name, one.valueFrom.secretKeyRef.key]);
      });
      expect(having).toEqual([
        ["Deployment", "dqueue-webserver", "DQUEUE_ADMIN_KEY", key],
        ["Pod", "dqueue-test", "DQUEUE_API_KEY", key],
      ]);
    }
    expect(textOf("external-values.yaml")).not.toMatch(/ADMIN_KEY|admin-key|API_KEY/);
  });

  test("a group of workers is a Deployment with queues of its own, and what it does not say is as for all", () => {
    const { template, replicas } = find("production-values.yaml", "Deployment", "dqueue-worker-heavy").spec;
    const env = Object.fromEntries(template.spec.containers[0].env.map(({ name, value }: Manifest) => [name, value]));
    expect(env).toMatchObject({ DQUEUE_QUEUES: "video,archives", DQUEUE_PROCESSES: "1", DQUEUE_GRACE_SECONDS: "900" });
    expect(replicas).toBe(2);
    expect(template.spec.terminationGracePeriodSeconds).toBe(930);
    expect(template.spec.nodeSelector).toEqual({ pool: "heavy" });
    // Of all workers' resources nothing remains: their limit of CPU would be less than what these ask for.
    expect(template.spec.containers[0].resources).toEqual({
      ...{ requests: { memory: "4Gi", cpu: "2" }, limits: { memory: "4Gi" } },
    });
    expect(find("production-values.yaml", "ScaledObject", "dqueue-worker-heavy").spec.triggers).toMatchObject([
      { metadata: { queueName: "dqueue.production.quorum.steps.video" } },
      { metadata: { queueName: "dqueue.production.quorum.steps.archives" } },
    ]);
    expect(find("production-values.yaml", "ScaledObject", "dqueue-worker-fixed")).toBeUndefined();
  });

  test("the web server answers under the names by which it can be asked", () => {
    const hosts = (values: string): string[] =>
      find(values, "Deployment", "dqueue-webserver")
        .spec.template.spec.containers[0].env.find(({ name }: Manifest) => name === "DQUEUE_ALLOWED_HOSTS")
        .value.split(",");
    const service = [
      "dqueue-webserver",
      ...["", ".svc", ".svc.cluster.local"].map((end) => `dqueue-webserver.jobs${end}`),
    ];
    expect(hosts("default-values.yaml")).toEqual(service);
    expect(hosts("production-values.yaml")).toEqual([...service, "jobs.example.com", "jobs.internal"]);
    expect(hosts("openshift-values.yaml")).toEqual([...service, "jobs.apps.example.com"]);
    expect(hosts("external-values.yaml")).toEqual([...service, "jobs.example.com"]);
  });

  test.each([
    ["both scalers", ["--set", "worker.keda.enabled=true"], /autoscaling.enabled and keda.enabled exclude each other/],
    ["no database", ["--set", "postgresql.enabled=false"], /say where yours is with postgresql.external.host/],
    ["two brokers", ["--set", "rabbitmq.external.host=a"], /rabbitmq.enabled and rabbitmq.external.host exclude/],
    ["an Ingress for any name", ["--set", "ingress.enabled=true"], /ingress.enabled needs ingress.host/],
    ["a Route for any name", ["--set", "openshift.route.enabled=true"], /needs openshift.route.host/],
    ["an HTTPRoute without a Gateway", ["--set", "httpRoute.enabled=true"], /needs httpRoute.parentRefs, the Gateway/],
    ["a value that there is none of", ["--set", "worker.replica=3"], /additional properties 'replica' not allowed/],
    ["a value of a wrong kind", ["--set", "webserver.replicas=many"], /got string, want integer/],
    ["an API key that is none", ["--set", "auth.adminKey=letmein"], /auth\/adminKey|does not match pattern/],
    ["a group without queues", ["--set", "worker.groups.a.replicas=1"], /missing property 'queues'/],
    [
      "a provider without domains",
      ["--set", "auth.oidc.issuer=https://a.example", "--set", "auth.oidc.clientId=a,auth.oidc.clientSecret=b"],
      /auth.oidc needs issuer, clientId, clientSecret or existingSecret, and allowedDomains/,
    ],
    ["a provider by plain HTTP", ["--set", "auth.oidc.issuer=http://a.example"], /auth\/oidc\/issuer/],
    [
      "a provider where nobody is asked",
      ["-f", valuesFile("openshift-values.yaml"), "--set", "auth.insecure=true"],
      /auth.insecure and auth.oidc exclude each other/,
    ],
    ["a secret of a provider where all can read", ["--set", "dqueue.settings.OIDC_CLIENT_SECRET=a"], /propertyName/],
    ["a setting that the chart has", ["--set", "dqueue.settings.PORT=1"], /invalid propertyName 'PORT'/],
  ])("%s: refused, with what to do", (_, more, said) => {
    expect(refusal(...more)).toMatch(said);
  });

  test("alerts and dashboard come as they are", () => {
    const fileOf = (name: string): string => readFileSync(join(CHART, "files", name), "utf8");
    expect(find("production-values.yaml", "PrometheusRule", "dqueue").spec).toEqual(parse(fileOf("alerts.yml")));
    const { "dqueue.json": dashboard } = find("production-values.yaml", "ConfigMap", "dqueue-dashboard").data;
    expect(JSON.parse(dashboard)).toEqual(JSON.parse(fileOf("dashboard.json")));
  });

  test("the README lists its values", () => {
    expect(readFileSync(join(CHART, "README.md"), "utf8")).toBe(chartReadme());
  });
});
