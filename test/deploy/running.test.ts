import { freePort } from "../support/free-port";
import { describeOnPostgres, type PostgresServer, startPostgres } from "../support/postgres";
import { describeRabbit, rabbitForTests } from "../support/rabbitmq";
import { describeChart, type Manifest, manifestsOf, render, valuesFile } from "./chart";
import { composeFile } from "./compose-file";
import { Containers } from "./containers";
import { blocksOf } from "./documents";
import { assembleImage, type Container, type Image } from "./image";

jest.setTimeout(180_000);

describeOnPostgres("what containers are told, as processes of this machine, on PostgreSQL", () => {
  describeRabbit(
    "and RabbitMQ",
    () => {
      let postgres: PostgresServer;
      let rabbit: { url: string; stop(): Promise<void> };
      let image: Image;

      beforeAll(async () => {
        [postgres, rabbit] = await Promise.all([startPostgres(), rabbitForTests()]);
        image = assembleImage();
      });
      afterAll(async () => {
        await image?.remove();
        await Promise.all([rabbit?.stop(), postgres?.stop()]);
      });

      const containersOf = async (namespace: string): Promise<Containers> => {
        const servers = { DATABASE_URL: await postgres.newDatabase(), AMQP_URL: rabbit.url };
        return new Containers(image, { ...servers, NAMESPACE: `${namespace}${process.pid}` }, await freePort());
      };
      const wordCount = () => ["word_count", "--config", JSON.stringify({ folder: image.env.DQUEUE_JOBS }), "--wait"];

      describe("docker-compose.yml", () => {
        let containers: Containers;
        beforeAll(async () => void (containers = await containersOf("compose")));

        const { services } = composeFile();
        const containerOf = (name: string): Container => ({
          args: services[name]!.command!,
          env: Object.fromEntries(
            // Compose fills in what it has read as YAML: what is empty is a text there.
            Object.entries(services[name]!.environment!).map(([key, value]) => [key, `${value ?? ""}`]),
          ),
        });

        test("its URLs say what the servers' own settings say", () => {
          const { DATABASE_URL, AMQP_URL } = containerOf("worker").env;
          const { POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB } = services.postgres!.environment!;
          expect(DATABASE_URL).toBe(`postgres://${POSTGRES_USER}:${POSTGRES_PASSWORD}@postgres:5432/${POSTGRES_DB}`);
          const { RABBITMQ_DEFAULT_USER, RABBITMQ_DEFAULT_PASS } = services.rabbitmq!.environment!;
          expect(AMQP_URL).toBe(`amqp://${RABBITMQ_DEFAULT_USER}:${RABBITMQ_DEFAULT_PASS}@rabbitmq:5672`);
          const { AMQP_MANAGEMENT_URL } = containerOf("webserver").env;
          expect(AMQP_MANAGEMENT_URL).toBe(`http://${RABBITMQ_DEFAULT_USER}:${RABBITMQ_DEFAULT_PASS}@rabbitmq:15672`);
        });

        let key: string;

        test("the migration ends by itself; then the first key is printed, once", async () => {
          expect(await containers.start("migrate", containerOf("migrate")).ended()).toMatchObject({ code: 0 });
          const made = await containers.start("keys", containerOf("keys")).ended();
          key = made.stdout.trim();
          expect([made.code, key]).toEqual([0, expect.stringMatching(/^dq_\S{60}$/)]);
          const again = await containers.start("keys", containerOf("keys")).ended();
          expect([again.code, again.stdout]).toEqual([0, ""]);
        });

        test("every role starts and gets healthy", async () => {
          const roles = ["webserver", "daemon", "worker", "worker"];
          await Promise.all(roles.map((role) => containers.startHealthy(role, containerOf(role))));
        });

        test("a run goes over the workers and succeeds", async () => {
          const { env } = containerOf("webserver");
          const exec = { args: ["run", ...wordCount()], env };
          expect(await containers.start("exec without a key", exec).ended()).toMatchObject({ code: 5 });
          const ended = await containers.start("exec", exec, { DQUEUE_API_KEY: key }).ended();
          expect(ended).toMatchObject({ code: 0, stderr: expect.stringContaining("SUCCESS") });
        });

        test("SIGTERM, as `docker compose down` sends it, ends each in order", async () => {
          for (const { code } of await containers.stop()) expect(code).toBe(0);
        });
      });

      describeChart("the Helm chart", () => {
        let containers: Containers;
        let objects: Manifest[];
        beforeAll(async () => {
          // With jobs in an image of their own, as docs/deployment.md says.
          image.extend(blocksOf("docs/deployment.md", "dockerfile")[0]!);
          containers = await containersOf("chart");
          objects = manifestsOf(render([valuesFile("default-values.yaml")]));
        });

        const podOf = (component: string): Manifest => {
          const { kind, spec } = objects.find(
            ({ kind, metadata }) =>
              ["Deployment", "Job", "Pod"].includes(kind) &&
              metadata.labels["app.kubernetes.io/component"] === component,
          )!;
          return kind === "Pod" ? spec : spec.template.spec;
        };
        /** As a kubelet puts it together: the ConfigMap's settings, then variables of its own, which secrets fill. */
        const containerOf = ({ command, args, env = [] }: Manifest): Container => ({
          command,
          args,
          env: {
            ...objects.find(({ kind, metadata }) => kind === "ConfigMap" && metadata.name === "dqueue")!.data,
            ...Object.fromEntries(
              env.map(({ name, value, valueFrom }: Manifest) => [name, value ?? secret(valueFrom)]),
            ),
          },
        });
        const secret = ({ secretKeyRef: { name, key } }: Manifest): string =>
          objects.find(({ kind, metadata }) => kind === "Secret" && metadata.name === name)!.stringData[key];

        test("its URLs say what the servers' own settings say", () => {
          const { env } = containerOf(podOf("worker").containers[0]);
          expect(env.DATABASE_URL).toBe("postgres://dqueue:secret@dqueue-postgresql:5432/dqueue");
          expect(env.AMQP_URL).toBe("amqp://dqueue:secret@dqueue-rabbitmq:5672");
          const names = objects.flatMap(({ kind, metadata }) => (kind === "Service" ? [metadata.name] : []));
          expect(names).toEqual(expect.arrayContaining(["dqueue-postgresql", "dqueue-rabbitmq"]));
          const servers = ["postgresql", "rabbitmq"].map((name) =>
            objects.find(({ kind, metadata }) => kind === "StatefulSet" && metadata.name === `dqueue-${name}`)!,
          );
          const [database, broker] = servers.map(({ spec }) => containerOf(spec.template.spec.containers[0]).env);
          expect(database).toMatchObject({
            POSTGRES_USER: "dqueue",
            POSTGRES_PASSWORD: "secret",
            POSTGRES_DB: "dqueue",
          });
          expect(broker).toMatchObject({ RABBITMQ_DEFAULT_USER: "dqueue", RABBITMQ_DEFAULT_PASS: "secret" });
        });

        test("pods wait for the migration, start, and answer their probes", async () => {
          const waiting = containers.start("schema", containerOf(podOf("daemon").initContainers[0]));
          await waiting.printed(/Waiting to be applied/);
          const migration = containers.start("migrate", containerOf(podOf("migrate").containers[0]));
          expect(await migration.ended()).toMatchObject({ code: 0 });
          expect(await waiting.ended()).toMatchObject({ code: 0 });
          const roles = ["webserver", "daemon", "worker", "worker"];
          await Promise.all(
            roles.map(async (role) => {
              const [container] = podOf(role).containers;
              const ports = Object.fromEntries(
                container.ports.map(({ name, containerPort }: Manifest) => [name, containerPort]),
              );
              expect(containerOf(container).env.METRICS_PORT).toBe(`${ports.metrics}`);
              const { readinessProbe, livenessProbe, startupProbe } = container;
              expect([readinessProbe, livenessProbe, startupProbe].map(({ httpGet }) => httpGet.port)).toEqual(
                Array(3).fill("metrics"),
              );
              const paths = [readinessProbe, livenessProbe, startupProbe].map(({ httpGet }) => httpGet.path);
              await containers.startHealthy(role, containerOf(container), paths);
            }),
          );
        });

        test("`helm test` finds the workers", async () => {
          const container = containerOf(podOf("test").containers[0]);
          expect(container.env.DQUEUE_URL).toBe("http://dqueue-webserver:3000");
          const { code, stdout } = await containers.start("test", container, containers.webUrl()).ended();
          expect([code, stdout.trim().split("\n").length]).toEqual([0, 3]);
        });

        test("a run goes over the workers and succeeds", async () => {
          const { env } = containerOf(podOf("webserver").containers[0]);
          const ended = await containers.start("exec", { args: ["run", ...wordCount()], env }).ended();
          expect(ended).toMatchObject({ code: 0, stderr: expect.stringContaining("SUCCESS") });
        });

        test("SIGTERM, as a kubelet sends it, ends each in order", async () => {
          for (const { code } of await containers.stop()) expect(code).toBe(0);
        });
      });
    },
    { ownBroker: false },
  );
});
