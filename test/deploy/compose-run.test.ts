import { freePort } from "../support/free-port";
import { describeOnPostgres, type PostgresServer, startPostgres } from "../support/postgres";
import { describeRabbit, rabbitForTests } from "../support/rabbitmq";
import { composeFile } from "./compose-file";
import { assembleImage, type Container, type Image } from "./image";
import { Containers } from "./containers";

jest.setTimeout(180_000);

describeOnPostgres("docker-compose.yml, its commands and settings as processes of this machine, on PostgreSQL", () => {
  describeRabbit(
    "and RabbitMQ",
    () => {
      let postgres: PostgresServer;
      let rabbit: { url: string; stop(): Promise<void> };
      let image: Image;
      let containers: Containers;

      beforeAll(async () => {
        [postgres, rabbit] = await Promise.all([startPostgres(), rabbitForTests()]);
        image = assembleImage();
        const servers = { DATABASE_URL: await postgres.newDatabase(), AMQP_URL: rabbit.url };
        containers = new Containers(image, { ...servers, NAMESPACE: `compose${process.pid}` }, await freePort());
      });
      afterAll(async () => {
        await image?.remove();
        await Promise.all([rabbit?.stop(), postgres?.stop()]);
      });

      const { services } = composeFile();
      const containerOf = (name: string): Container => ({
        args: services[name]!.command!,
        env: Object.fromEntries(Object.entries(services[name]!.environment!).map(([key, value]) => [key, `${value}`])),
      });

      test("the URLs say what the servers' own settings say", () => {
        const { DATABASE_URL, AMQP_URL } = containerOf("worker").env;
        const { POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB } = services.postgres!.environment!;
        expect(DATABASE_URL).toBe(`postgres://${POSTGRES_USER}:${POSTGRES_PASSWORD}@postgres:5432/${POSTGRES_DB}`);
        const { RABBITMQ_DEFAULT_USER, RABBITMQ_DEFAULT_PASS } = services.rabbitmq!.environment!;
        expect(AMQP_URL).toBe(`amqp://${RABBITMQ_DEFAULT_USER}:${RABBITMQ_DEFAULT_PASS}@rabbitmq:5672`);
      });

      test("the migration ends by itself; then every role starts and gets healthy", async () => {
        expect(await containers.start("migrate", containerOf("migrate")).ended()).toMatchObject({ code: 0 });
        const roles = ["webserver", "daemon", "worker", "worker"];
        await Promise.all(roles.map((role) => containers.startHealthy(role, containerOf(role))));
      });

      test("a run goes over the workers and succeeds", async () => {
        const command = ["run", "word_count", "--config", JSON.stringify({ folder: image.env.DQUEUE_JOBS }), "--wait"];
        const { env } = containerOf("webserver");
        const ended = await containers.exec("webserver", { args: command, env }).ended();
        expect(ended).toMatchObject({ code: 0, stderr: expect.stringContaining("SUCCESS") });
      });

      test("SIGTERM, as `docker compose down` sends it, ends each in order", async () => {
        for (const { code } of await containers.stop()) expect(code).toBe(0);
      });
    },
    { ownBroker: false },
  );
});
