import { type Cluster, distributed } from "../support/cluster";
import { describeOnPostgres } from "../support/postgres";
import { describeRabbit } from "../support/rabbitmq";
import { COUNTED_JOBS } from "./jobs";
import { leftovers } from "./records";

describeOnPostgres("A cluster that is attacked, on PostgreSQL", () => {
  describeRabbit(
    "and RabbitMQ",
    () => {
      let cluster: Cluster;
      beforeAll(async () => {
        cluster = await distributed({ jobs: COUNTED_JOBS, daemons: 2, workers: 2, ownDatabase: true });
      });
      afterAll(() => cluster?.stop());

      const launch = async (job: string, config: object): Promise<string> =>
        (await cluster.client.runs.launch({ job, config: config as never })).id;

      /** Resolves once this many steps of a run have begun. */
      const begun = async (run: string, count: number): Promise<void> => {
        const enough = new AbortController();
        let seen = 0;
        const see = ({ type }: { type: string }): void =>
          void (type === "STEP_START" && ++seen >= count && enough.abort());
        await cluster.client.runs.wait(run, see, { signal: enough.signal }).catch((error: Error) => {
          if (!enough.signal.aborted) throw error;
        });
      };

      const executions = (run: string): string[] =>
        cluster
          .lines("executions")
          .filter((line) => line.startsWith(run))
          .map((line) => line.split(" ")[1]!);

      /** Waits for its success, each step recorded once. @returns how often steps were lost, and how many executed again. */
      const success = async (run: string, steps: number): Promise<{ lost: number; again: number }> => {
        const succeeded: string[] = [];
        const ended = await cluster.client.runs.wait(
          run,
          ({ type, step }) => void (type === "STEP_SUCCESS" && succeeded.push(step!)),
        );
        expect([ended.status, succeeded.length, new Set(succeeded).size]).toEqual(["SUCCESS", steps, steps]);
        let lost = 0;
        for await (const step of cluster.client.runs.allSteps(run)) {
          lost += step.lost;
          expect(step.attempt).toBe(1);
        }
        const executed = executions(run);
        expect(new Set(executed).size).toBe(steps);
        return { lost, again: executed.length - steps };
      };

      test("a database that restarts in the middle loses nothing, and nothing is done twice", async () => {
        const run = await launch("fan", { n: 150, ms: 40 });
        await begun(run, 20);
        await cluster.postgres!.restart();
        expect(await success(run, 152)).toEqual({ lost: 0, again: 0 });
      });

      test("B8: a step whose worker is killed is dispatched again and counts as lost once; other work goes first", async () => {
        const run = await launch("fan", { n: 1, ms: 2_500 });
        await begun(run, 2);
        const { items } = await cluster.client.runs.steps(run, { status: "STARTED" });
        const pid = (await cluster.client.workers.list()).items.find(({ id }) => id === items[0]!.worker)!.pid;
        cluster
          .processes("worker")
          .find(({ child }) => child.pid === pid)!
          .child.kill("SIGKILL");
        const other = await launch("fan", { n: 5 });
        await success(other, 7);
        expect(executions(run)).toHaveLength(2);
        expect(await success(run, 3)).toEqual({ lost: 1, again: 1 });
        await cluster.start("worker");
      });

      test("each role may be told to stop amid load: it ends with 0, and nothing is lost or done twice", async () => {
        const runs = await Promise.all(Array.from({ length: 10 }, () => launch("fan", { n: 30, ms: 30 })));
        for (const role of ["worker", "daemon", "webserver"] as const) {
          await begun(runs[0]!, 3);
          const leaving = cluster.processes(role).find(({ child }) => child.exitCode === null && !child.signalCode)!;
          leaving.child.kill("SIGTERM");
          expect([role, (await leaving.ended()).code]).toEqual([role, 0]);
          await cluster.start(role);
        }
        for (const run of runs) expect(await success(run, 32)).toEqual({ lost: 0, again: 0 });
      });

      const killEverything = async (): Promise<void> => {
        const roles = ["webserver", "daemon", "worker"] as const;
        const alive = roles.flatMap((role) =>
          cluster.processes(role).filter(({ child }) => child.exitCode === null && !child.signalCode),
        );
        for (const { child } of alive) child.kill("SIGKILL");
        await Promise.all(alive.map((running) => running.ended()));
        await Promise.all((["webserver", "daemon", "daemon", "worker", "worker"] as const).map(cluster.start));
      };

      test("everything killed at once goes on when it is started again, from the steps that were in hand", async () => {
        const runs = await Promise.all(Array.from({ length: 5 }, () => launch("fan", { n: 40, ms: 30 })));
        await begun(runs[0]!, 10);
        await killEverything();
        let [lost, again] = [0, 0];
        for (const run of runs) {
          const of = await success(run, 42);
          lost += of.lost;
          again += of.again;
        }
        // Two workers, each with one step at a time.
        expect(lost).toBeLessThanOrEqual(2);
        expect(again).toBeLessThanOrEqual(2);
      });

      test("a takeover tells how many of the steps that it sent again had begun", async () => {
        const run = await launch("fan", { n: 1, ms: 2_000 });
        await begun(run, 2);
        await killEverything();
        expect(await success(run, 3)).toEqual({ lost: 0, again: 1 });
        const told = (await cluster.client.runs.takeovers(run)).map((one) => [one.sent_again, one.had_begun]);
        // The shard may have been given to the other daemon as well.
        expect(told.filter(([sent]) => sent !== 0)).toEqual([[1, 1]]);
      });

      test("B10: fifty steps in a row end although workers are killed all the time", async () => {
        await cluster.start("worker");
        const run = await launch("chain", { ms: 30 });
        let over = false;
        const ended = success(run, 50).finally(() => (over = true));
        for (let killed = 0; killed < 8 && !over; killed++) {
          const alive = cluster.processes("worker").filter(({ child }) => child.exitCode === null && !child.signalCode);
          alive[0]!.child.kill("SIGKILL");
          await cluster.start("worker");
        }
        const { again } = await ended;
        expect(again).toBeLessThanOrEqual(8);
      });

      test("afterwards nothing is left: no open step, no grant, no message", async () => {
        expect(Object.values(await leftovers(cluster)).filter(Boolean)).toEqual([]);
      });
    },
    { ownBroker: false },
  );
});
