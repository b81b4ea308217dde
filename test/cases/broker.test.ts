import { connect } from "amqplib";
import type { Cluster } from "../support/cluster";
import { distributed } from "../support/cluster";
import { describeOnPostgres } from "../support/postgres";
import { describeRabbit } from "../support/rabbitmq";
import { eventually } from "../support/eventually";
import { happened } from "./modes";

const JOBS = `
import { dynamic, job, op, z } from "dqueue";

const plain = op({ name: "plain", run: async () => "done" });
const slow = op({ name: "slow", queue: "slow", run: async () => "done" });
const numbers = op({
  name: "numbers",
  queue: "slow",
  out: dynamic(z.number()),
  async *run() { for (let i = 0; i < 100; i++) yield { key: String(i), value: i }; },
});
const same = op({ name: "same", in: z.number(), run: async ({ input }) => input });

export const jobs = [
  job("plain", (g) => void g.call(plain)),
  job("slow", (g) => void g.call(slow)),
  job("hundred", (g) => void g.map(g.call(numbers), same)),
];
`;

describeOnPostgres("BRK-1: a queue with other arguments, on PostgreSQL", () => {
  describeRabbit(
    "and RabbitMQ",
    () => {
      let cluster: Cluster;
      beforeAll(async () => {
        cluster = await distributed({
          jobs: JOBS,
          daemons: 0,
          workers: 0,
          settings: { DQUEUE_QUEUES: "default,slow" },
        });
      });
      afterAll(() => cluster?.stop());

      const ready = async (): Promise<{ status: number; text: string }> => {
        const response = await fetch(`http://127.0.0.1:${cluster.place.env.PORT}/api/ready`);
        return { status: response.status, text: await response.text() };
      };
      const readyAs = async (status: number): Promise<string> => {
        const answer = await eventually(ready, (answer) => answer.status === status);
        return answer.text;
      };
      const launch = async (job: string): Promise<string> => (await cluster.client.runs.launch({ job })).id;
      const onBroker = async <T>(act: (channel: Awaited<ReturnType<Connection["createChannel"]>>) => Promise<T>) => {
        const connection = await connect(cluster.rabbit!.url);
        try {
          return await act(await connection.createChannel());
        } finally {
          await connection.close();
        }
      };
      type Connection = Awaited<ReturnType<typeof connect>>;
      const queue = (): string => `dqueue.${cluster.place.env.NAMESPACE}.steps.default`;
      const CLEAR =
        /Queue \\?"\S+\.steps\.default\\?" exists with another x-max-priority: found none, wanted 10\. Delete it/;

      test("is named in one line, by the processes and by /api/ready, while other queues are served", async () => {
        await onBroker((channel) => channel.assertQueue(queue(), { durable: true }));
        const begun = Date.now();
        const [worker, daemon] = await Promise.all([cluster.start("worker"), cluster.start("daemon")]);
        await worker.printed(CLEAR);
        expect(await readyAs(503)).toMatch(CLEAR);
        const { items } = await cluster.client.workers.list();
        expect(items).toMatchObject([{ problems: [expect.stringMatching(CLEAR)] }]);

        const waiting = await launch("plain");
        expect(await cluster.client.runs.wait(await launch("slow"))).toMatchObject({ status: "SUCCESS" });
        await daemon.printed(CLEAR);
        expect(await cluster.client.runs.get(waiting)).toMatchObject({ ended_at: null });
        const seconds = (Date.now() - begun) / 1_000;
        for (const { child, text } of [worker, daemon]) {
          expect(child.exitCode).toBeNull();
          expect(
            text()
              .split("\n")
              .filter((line) => line.includes("steps.default")).length,
          ).toBeLessThan(seconds);
        }
      });

      test("once it is deleted all goes on without a restart", async () => {
        const waiting = await launch("plain");
        await onBroker((channel) => channel.deleteQueue(queue()));
        expect(await cluster.client.runs.wait(waiting)).toMatchObject({ status: "SUCCESS" });
        await readyAs(200);
        const { items } = await cluster.client.runs.list({ job: "plain" });
        for (const { id } of items) expect(await cluster.client.runs.wait(id)).toMatchObject({ status: "SUCCESS" });
      });

      test("100 queued steps survive a change of the kind of queues", async () => {
        // A worker of the queue "slow" alone, so that the steps of "default" are queued and no more.
        const [first] = cluster.processes("worker");
        first!.child.kill("SIGTERM");
        await first!.ended();
        cluster.place.env.DQUEUE_QUEUES = "slow";
        const slow = await cluster.start("worker");
        const id = await launch("hundred");
        // The window of a queue without workers is small: what is not sent waits in the database all the same.
        await happened(cluster, id, "STEP_SUCCESS");

        for (const { child } of [slow, ...cluster.processes("daemon"), ...cluster.processes("webserver")])
          child.kill("SIGTERM");
        for (const running of [slow, ...cluster.processes("daemon"), ...cluster.processes("webserver")])
          expect((await running.ended()).code).toBe(0);
        Object.assign(cluster.place.env, { DQUEUE_QUEUES: "default,slow", DQUEUE_QUEUE_TYPE: "quorum" });
        await Promise.all((["webserver", "daemon", "worker"] as const).map((role) => cluster.start(role)));
        expect(await cluster.client.runs.wait(id)).toMatchObject({ status: "SUCCESS", steps_succeeded: 101 });
        const steps = [];
        for await (const step of cluster.client.runs.allSteps(id)) steps.push(step);
        expect(steps.filter(({ lost, attempt }) => lost > 0 || attempt > 1)).toEqual([]);
        await readyAs(200);
      });
    },
    { ownBroker: false },
  );
});
