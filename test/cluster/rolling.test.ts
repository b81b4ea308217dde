import { Client } from "pg";
import { DqueueClient } from "../../client";
import { patiently } from "../../client/patience";
import { type Running, stopAtOnce } from "../cli/command";
import { type Cluster, distributed, type Role } from "../support/cluster";
import { eventually } from "../support/eventually";
import { freePort } from "../support/free-port";
import { halfRequest } from "../support/half-request";
import { describeOnPostgres } from "../support/postgres";
import { describeRabbit } from "../support/rabbitmq";
import { COUNTED_JOBS } from "./jobs";
import { leftovers, query } from "./records";

/** Waits for ever and heeds nothing, but in its second execution. */
const STUBBORN = `
import { existsSync, writeFileSync } from "node:fs";
const waitForEver = op({
  name: "wait_for_ever",
  run: async ({ runId }) => {
    const mark = process.env.MARKS + "/" + runId;
    if (existsSync(mark)) return;
    writeFileSync(mark, "");
    await new Promise(() => setInterval(() => undefined, 1_000));
  },
});
export const stubborn = job("stubborn", (g) => void g.call(waitForEver));
`;

jest.setTimeout(300_000);

const RUNS = 1_000;
/** Requests at a time. */
const CALLERS = 8;
const ORDER = ["worker", "daemon", "webserver", "worker", "daemon", "webserver"] as const;

/** A web server as a load balancer sees it. */
interface Server {
  readonly url: string;
  readonly client: DqueueClient;
  readonly process: Running;
  /** It has been told to stop: from then on it may send its callers elsewhere. */
  leaving: boolean;
}

const serverAt = (url: string, process: Running): Server => ({
  ...{ url, process },
  client: new DqueueClient(url),
  leaving: false,
});

describeOnPostgres("A new version, on PostgreSQL", () => {
  describeRabbit(
    "and RabbitMQ",
    () => {
      let cluster: Cluster;
      const servers: Server[] = [];
      beforeAll(async () => {
        cluster = await distributed({
          jobs: COUNTED_JOBS + STUBBORN,
          daemons: 2,
          workers: 2,
          settings: { DQUEUE_CONCURRENCY: "2", DQUEUE_GRACE_SECONDS: "900" },
        });
        servers.push(serverAt(cluster.url, cluster.processes("webserver")[0]!));
        await start("webserver");
      });
      afterAll(() => cluster?.stop());

      /** One more process of a role, which says itself that it is ready. */
      const start = async (role: Role): Promise<void> => {
        const port = await freePort();
        cluster.place.env.PORT = `${port}`;
        const process = await cluster.start(role);
        const health = await fetch(new URL("/health/ready", cluster.metricsUrl(process)));
        expect([role, health.status]).toEqual([role, 200]);
        if (role !== "webserver") return;
        servers.push(serverAt(`http://127.0.0.1:${port}`, process));
      };

      const stop = async (process: Running): Promise<void> => {
        for (const server of servers) if (server.process === process) server.leaving = true;
        process.child.kill("SIGTERM");
        const { code } = await process.ended();
        expect(code).toBe(0);
        const index = servers.findIndex((server) => server.process === process);
        if (index >= 0) servers.splice(index, 1);
      };

      /** What a server that was not told to stop has refused. */
      const refused: unknown[] = [];
      let turn = 0;
      const launch = (key: string): Promise<string> =>
        patiently(async () => {
          const server = servers[turn++ % servers.length]!;
          try {
            const body = { job: "fan", config: { n: 1, ms: 20 } };
            return (await server.client.runs.launch(body, { idempotencyKey: key })).id;
          } catch (error) {
            if (!server.leaving) refused.push(error);
            throw error;
          }
        });

      test("each process is replaced while a thousand runs are launched: all succeed, each step once, no request fails", async () => {
        const launched: string[] = [];
        let asked = 0;
        /** Launches up to the number; `begun` resolves when some of them have been accepted and others are on their way. */
        const launchUpTo = (count: number): { begun: Promise<void>; all: Promise<unknown> } => {
          let tell!: () => void;
          const begun = new Promise<void>((resolve) => (tell = resolve));
          const call = async (): Promise<void> => {
            while (asked < count) {
              launched.push(await launch(`run-${asked++}`));
              if (count - launched.length < RUNS / ORDER.length / 2) tell();
            }
          };
          return { begun, all: Promise.all(Array.from({ length: CALLERS }, call)) };
        };

        for (const [index, role] of ORDER.entries()) {
          const [old] = cluster.processes(role).filter(({ child }) => child.exitCode === null);
          await start(role);
          const { begun, all } = launchUpTo(Math.round((RUNS * (index + 1)) / ORDER.length));
          await Promise.race([begun, all]);
          await stop(old!);
          await all;
        }

        expect(refused).toEqual([]);
        expect(new Set(launched).size).toBe(RUNS);
        await expectSuccess();
        expect(await query(cluster, `select count(*)::int as runs from runs`)).toEqual([{ runs: RUNS }]);
        expect(
          await query(
            cluster,
            `select type, count(*)::int, count(distinct (run_id, step))::int as steps from events
             where type in ('STEP_START', 'STEP_RESTARTED', 'STEP_LOST', 'STEP_UP_FOR_RETRY', 'STEP_FAILURE')
             group by type`,
          ),
        ).toEqual([{ type: "STEP_START", count: 3 * RUNS, steps: 3 * RUNS }]);
        const executions = cluster.lines("executions").map((line) => line.split(" ").slice(0, 2).join(" "));
        expect([executions.length, new Set(executions).size]).toEqual([3 * RUNS, 3 * RUNS]);
      });

      test("every shard of a daemon is handed over while its runs go on: all succeed, each step once", async () => {
        const { client } = servers[0]!;
        const { shards } = await client.deployment();
        const from = shards[0]!.owner!;
        const body = { job: "fan", config: { n: 20, ms: 100 } };
        const ids = await Promise.all(Array.from({ length: 10 }, async () => (await client.runs.launch(body)).id));
        const mine = (): string[] => cluster.lines("executions").filter((line) => ids.includes(line.split(" ")[0]!));
        await eventually(() => mine().length > 10);
        for (const { id } of shards.filter(({ owner }) => owner === from)) {
          // In return it gets others, which may be in its hands again by now.
          const given = await client.shards.handOver(id);
          expect([given.shard, given.from !== given.to]).toEqual([id, true]);
        }
        expect(mine().length).toBeLessThan(10 * 22);
        await expectSuccess();
        const executions = mine().map((line) => line.split(" ").slice(0, 2).join(" "));
        expect([executions.length, new Set(executions).size]).toEqual([10 * 22, 10 * 22]);
        const { takeovers } = await client.deployment();
        const handed = takeovers.filter(({ how }) => how === "handed");
        expect(handed.map(({ shard }) => shard)).toEqual(
          expect.arrayContaining(shards.filter(({ owner }) => owner === from).map(({ id }) => id)),
        );
        const { items } = await client.audit.list({ action: "handOverShard" });
        expect(items[0]).toMatchObject({ object: expect.stringMatching(/^shards\/\d$/), outcome: "OK" });
      });

      /** All runs have ended in SUCCESS, with nothing lost. */
      const expectSuccess = async (): Promise<void> => {
        await allEnded();
        expect(await query(cluster, `select distinct status from runs`)).toEqual([{ status: "SUCCESS" }]);
        expect(await query(cluster, `select distinct attempt, lost from steps`)).toEqual([{ attempt: 1, lost: 0 }]);
        expect(Object.values(await leftovers(cluster)).filter(Boolean)).toEqual([]);
      };

      test("a second SIGTERM ends a worker at once: what it runs is given back", async () => {
        const { client } = servers[0]!;
        const { id } = await client.runs.launch({ job: "stubborn" });
        const begun = new AbortController();
        await client.runs
          .wait(id, ({ type }) => void (type === "STEP_START" && begun.abort()), { signal: begun.signal })
          .catch(() => expect(begun.signal.aborted).toBe(true));
        const { worker } = await client.runs.step(id, "wait_for_ever");
        const { pid } = (await client.workers.list()).items.find((one) => one.id === worker)!;
        await stopAtOnce(cluster.processes("worker").find(({ child }) => child.pid === pid)!);
        await start("worker");
        await expectSuccess();
      });

      test("a second SIGTERM ends a daemon that waits for its database, and its runs go on", async () => {
        const { client } = servers[0]!;
        await Promise.all(
          Array.from({ length: 10 }, () => client.runs.launch({ job: "fan", config: { n: 10, ms: 20 } })),
        );
        const blocker = new Client({ connectionString: cluster.place.env.DATABASE_URL });
        await blocker.connect();
        await blocker.query("begin; lock table shards in access exclusive mode");
        const [daemon] = cluster.processes("daemon").filter(({ child }) => child.exitCode === null);
        expect(await stopAtOnce(daemon!)).toBe(143);
        await blocker.end();
        await start("daemon");
        await expectSuccess();
      });

      test("a second SIGTERM ends a web server that waits for a request, and what it has accepted goes on", async () => {
        const [server] = servers.splice(0, 1);
        await server!.client.runs.launch({ job: "fan", config: { n: 10, ms: 20 } });
        const half = await halfRequest(server!.url);
        expect(await stopAtOnce(server!.process)).toBe(143);
        half.destroy();
        await expectSuccess();
      });

      const allEnded = async (): Promise<void> => {
        for (;;) {
          const [row] = await query<{ open: number }>(
            cluster,
            `select count(*)::int as open from runs where ended_at is null`,
          );
          if (row!.open === 0) return;
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      };
    },
    { ownBroker: false },
  );
});
