import { type Cluster, distributed } from "../support/cluster";
import { describeOnPostgres } from "../support/postgres";
import { describeRabbit } from "../support/rabbitmq";

jest.setTimeout(180_000);

const JOBS = `
import { appendFileSync } from "node:fs";
import { dynamic, job, op, z } from "dqueue";

const generate = op({
  name: "generate",
  config: z.object({ n: z.number().int() }),
  out: dynamic(z.number()),
  async *run({ config }) {
    for (let i = 0; i < config.n; i++) yield { key: String(i), value: i };
  },
});
const slow = op({
  name: "slow",
  in: z.number(),
  async run({ stepKey, attempt }) {
    appendFileSync(process.env.MARKS + "/marks", stepKey + " " + attempt + "\\n");
    await new Promise((resolve) => setTimeout(resolve, 1_500));
  },
});
export const slowly = job("slowly", (g) => {
  g.map(g.call(generate), slow);
});
`;

describeOnPostgres("Starts and stops, on PostgreSQL", () => {
  describeRabbit(
    "and RabbitMQ",
    () => {
      let cluster: Cluster;
      afterEach(() => cluster?.stop());

      test("SHU-1: a worker that is asked to stop ends its two running steps and gives the others back", async () => {
        cluster = await distributed({ jobs: JOBS, settings: { DQUEUE_PROCESSES: "1", DQUEUE_CONCURRENCY: "2" } });
        const { id } = await cluster.client.runs.launch({ job: "slowly", config: { n: 20 } });
        const [first] = cluster.processes("worker");
        const begun = new AbortController();
        let starts = 0;
        await cluster.client.runs
          // The generator, two steps, and two more: both slots are taken and the rest waits behind them.
          .wait(id, ({ type }) => void (type === "STEP_START" && ++starts >= 5 && begun.abort()), {
            signal: begun.signal,
          })
          .catch((error: Error) => {
            if (!begun.signal.aborted) throw error;
          });
        // One Ctrl-C may come twice, from the terminal and from npm; that is no second one, which would end the steps.
        first!.child.kill("SIGTERM");
        first!.child.kill("SIGINT");
        await cluster.start("worker");
        expect((await first!.ended()).code).toBe(0);

        const run = await cluster.client.runs.wait(id);
        expect(run.status).toBe("SUCCESS");
        const lines = cluster.lines("marks");
        expect(lines).toHaveLength(20);
        expect(new Set(lines)).toEqual(new Set(Array.from({ length: 20 }, (_, i) => `slow[${i}] 1`)));
        for await (const step of cluster.client.runs.allSteps(id)) expect(step).toMatchObject({ lost: 0, attempt: 1 });
        const { items } = await cluster.client.workers.list();
        expect(items).toHaveLength(1);
      });
    },
    { ownBroker: false },
  );
});
