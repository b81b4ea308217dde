import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { resolve } from "node:path";
import { describeOnPostgres, startPostgres, type PostgresServer } from "../support/postgres";
import { describeRabbit, rabbitForTests } from "../support/rabbitmq";
import { freePort } from "../support/free-port";
import { type Running, type Workspace, follow, workspace } from "./command";
import { JOBS } from "./jobs";

jest.setTimeout(180_000);

const RUNNER = resolve(__dirname, "../../node_modules/moleculer/bin/moleculer-runner.js");
const MIGRATIONS = resolve(__dirname, "../../store/migrations");
const CONFIG = resolve(__dirname, "../../dist/moleculer.config.js");

describeOnPostgres("dqueue start, on PostgreSQL", () => {
  describeRabbit(
    "and RabbitMQ",
    () => {
      let postgres: PostgresServer;
      let rabbit: { url: string; stop(): Promise<void> };
      let place: Workspace;

      beforeAll(async () => {
        [postgres, rabbit] = await Promise.all([startPostgres(), rabbitForTests()]);
        place = workspace({
          DATABASE_URL: await postgres.newDatabase(),
          AMQP_URL: rabbit.url,
          NAMESPACE: `cli${process.pid}`,
          PORT: String(await freePort()),
          DQUEUE_PROCESSES: "1",
        });
        place.write("jobs/jobs.ts", JOBS);
      });
      afterAll(async () => {
        await place?.remove();
        await Promise.all([rabbit?.stop(), postgres?.stop()]);
      });

      const json = async <T>(...args: string[]): Promise<T> =>
        JSON.parse((await place.run(...args, "--json")).stdout) as T;

      const processes: Running[] = [];
      const starts = async (...roles: string[]): Promise<void> => {
        const running = place.start("start", ...roles, "--json");
        await running.printed(/"roles": \[/);
        processes.push(running);
      };

      test("doctor says what a start will do, and that all can be reached", async () => {
        const { ok, findings } = await json<{
          ok: boolean;
          findings: { check: string; state: string; text: string }[];
        }>("doctor");
        expect(ok).toBe(true);
        // Memory and disk are this machine's.
        expect(
          findings.map(({ check, state }) => `${check} ${state}`).filter((one) => !/^(memory|disk) /.test(one)),
        ).toEqual([
          ...[
            "settings ok",
            "node ok",
            "database ok",
            "clock ok",
            "transactions ok",
            "migrations warning",
            "retention ok",
          ],
          ...["access ok", "broker ok", "code ok", "port ok"],
        ]);
        const text = findings.map((finding) => finding.text).join("\n");
        expect(text).toMatch(
          /PostgreSQL \d+\.\d+ [\s\S]*kept 30 days; the database takes [\s\S]*RabbitMQ \d+\.\d+\.\d+ at/,
        );
      });

      test("migrate brings the schema of a database up to date, once", async () => {
        const { DATABASE_URL } = place.env;
        place.env.DATABASE_URL = await postgres.newDatabase();
        const pending = await place.run("migrate", "--check", "--json");
        const all = readdirSync(MIGRATIONS).sort();
        expect([pending.code, JSON.parse(pending.stdout)]).toEqual([1, { pending: all }]);
        expect((await place.run("migrate")).stdout).toBe(`Applied ${all.join(", ")}.\n`);
        expect((await place.run("migrate")).stdout).toBe("The schema is up to date.\n");
        place.env.DATABASE_URL = DATABASE_URL;
      });

      test("roles that start at once on an empty database meet, and a run goes over both workers", async () => {
        await Promise.all([starts("webserver"), starts("daemon"), starts("worker"), starts("worker")]);
        const ended = await place.run("run", "doubles", "--config", '{"n":40}', "--wait");
        expect(ended).toMatchObject({ code: 0, stderr: expect.stringContaining("SUCCESS") });
        const { items } = await json<{ items: { id: string }[] }>("workers");
        expect(items).toHaveLength(2);
      });

      test("moleculer-runner starts the roles of DQUEUE_ROLES by the same configuration", async () => {
        const env = { ...place.env, DQUEUE_ROLES: "worker", DQUEUE_QUEUES: "other" };
        const child = spawn(process.execPath, [RUNNER, "--config", CONFIG], { cwd: place.folder, env });
        const runner = follow(child);
        await runner.printed(/Service 'executor' started/);
        processes.push(runner);
      });

      test("a queue with other arguments is named by doctor", async () => {
        const { connect } = await import("amqplib");
        const connection = await connect(rabbit.url);
        const channel = await connection.createChannel();
        await channel.assertQueue(`dqueue.${place.env.NAMESPACE}.steps.odd`, { durable: true });
        await connection.close();
        place.env.DQUEUE_QUEUES = "odd";
        const { code, stdout } = await place.run("doctor");
        delete place.env.DQUEUE_QUEUES;
        expect(code).toBe(1);
        expect(stdout).toMatch(/broker: Queue "\S+\.odd" exists with another x-max-priority: found none, wanted 10/);
      });

      test("SIGTERM ends each of them in order, with exit code 0", async () => {
        for (const { child } of processes) child.kill("SIGTERM");
        for (const running of processes) expect((await running.ended()).code).toBe(0);
        expect((await place.run("runs")).code).toBe(4);
      });

      test("an unreachable database is one line that names it without its password", async () => {
        const port = await freePort();
        place.env.DATABASE_URL = `postgres://someone:hunter2@127.0.0.1:${port}/none`;
        const { code, stderr } = await place.run("start", "daemon");
        expect(code).toBe(1);
        expect(stderr).toMatch(/^dqueue: [^\n]+\n$/);
        expect(stderr).not.toContain("hunter2");
      });
    },
    { ownBroker: false },
  );
});
