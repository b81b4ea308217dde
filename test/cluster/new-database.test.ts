import { readdirSync } from "node:fs";
import { DqueueClient } from "../../client";
import type { Running } from "../cli/command";
import { type Cluster, distributed, type Role } from "../support/cluster";
import { freePort } from "../support/free-port";
import { describeOnPostgres } from "../support/postgres";
import { describeRabbit } from "../support/rabbitmq";
import { eventually } from "../support/eventually";
import { query } from "./records";

const JOBS = `
import { job, op } from "dqueue";
const only = op({ name: "only", run: async () => "done" });
export const brief = job("brief", (g) => void g.call(only));
`;
const DAEMONS = Array<Role>(3).fill("daemon");
const WORKERS = Array<Role>(5).fill("worker");

describeOnPostgres("UPG-1: at once on a new database, on PostgreSQL", () => {
  describeRabbit(
    "and RabbitMQ",
    () => {
      let cluster: Cluster;
      beforeAll(async () => {
        cluster = await distributed({ jobs: JOBS, daemons: 0, workers: 0 });
      });
      afterAll(() => cluster?.stop());

      /** Where the next processes start: a database, a part of the broker and a port that nobody has used. */
      const moveOn = async (): Promise<string> => {
        const port = String(await freePort());
        const DATABASE_URL = await cluster.postgres!.newDatabase();
        Object.assign(cluster.place.env, { DATABASE_URL, NAMESPACE: `t${port}`, PORT: port });
        return port;
      };
      const eachMigrationOnce = async (): Promise<void> => {
        const applied = await query(cluster, "select * from dqueue_migrations");
        expect(applied).toHaveLength(readdirSync("store/migrations").length);
      };

      test("three that migrate all succeed, and one of them has done it", async () => {
        await moveOn();
        const ends = await Promise.all([1, 2, 3].map(() => cluster.place.run("migrate")));
        expect(ends.map(({ code }) => code)).toEqual([0, 0, 0]);
        expect(ends.filter(({ stdout }) => stdout.startsWith("Applied"))).toHaveLength(1);
        await eachMigrationOnce();
      });

      /** Starts 2 webservers, 3 daemons and 5 workers; afterwards they make room for the next. */
      const withTen = async (act: (processes: Running[], ports: string[]) => Promise<void>): Promise<void> => {
        const ports = [await moveOn(), String(await freePort())];
        const starting = (["webserver", ...DAEMONS, ...WORKERS] as const).map((role) => cluster.start(role));
        cluster.place.env.PORT = ports[1];
        starting.push(cluster.start("webserver"));
        const processes = await Promise.all(starting);
        try {
          await act(processes, ports);
        } finally {
          for (const { child } of processes) child.kill("SIGKILL");
          await Promise.all(processes.map((running) => running.ended()));
        }
      };

      test.each([1, 2, 3, 4, 5])("ten processes meet, and each shard is owned once: round %s", async () => {
        await withTen(async (processes, ports) => {
          for (const port of ports) expect((await fetch(`http://127.0.0.1:${port}/api/ready`)).status).toBe(200);
          const client = new DqueueClient(`http://127.0.0.1:${ports[0]}`);
          const { id } = await client.runs.launch({ job: "brief" });
          expect((await client.runs.wait(id)).status).toBe("SUCCESS");
          const owned = async (): Promise<number[][]> =>
            (await client.coordinators.list()).items.map(({ shards }) => shards);
          // While they spread the shards evenly, one that is given away is nobody's for a moment.
          const owners = await eventually(owned, (owners) => owners.length === 3 && owners.flat().length >= 8);
          expect(owners.flat().sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
          // Each says so once a second: this web server may be younger than what they last said.
          await eventually(async () => (await client.workers.list()).items.length >= 5);
          await eachMigrationOnce();
          for (const running of processes) expect(running.text()).not.toMatch(/deadlock|already exists/);
        });
      });
    },
    { ownBroker: false },
  );
});
