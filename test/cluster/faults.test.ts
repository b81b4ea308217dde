import { type Cluster, distributed } from "../support/cluster";
import { describeOnPostgres } from "../support/postgres";
import { describeRabbit } from "../support/rabbitmq";

jest.setTimeout(180_000);

/** 1 → n → 1; each step appends its key and try to the file `marks`. */
const JOBS = `
import { appendFileSync } from "node:fs";
import { dynamic, job, op, z } from "dqueue";

const mark = (key: string) => appendFileSync(process.env.MARKS + "/marks", key + " " + process.pid + "\\n");

const generate = op({
  name: "generate",
  config: z.object({ n: z.number().int(), ms: z.number().default(20) }),
  out: dynamic(z.number()),
  async *run({ config, stepKey }) {
    mark(stepKey);
    for (let i = 0; i < config.n; i++) yield { key: String(i), value: i };
  },
});
const work = op({
  name: "work",
  in: z.number(),
  out: z.number(),
  config: z.object({ ms: z.number().default(20) }),
  async run({ input, config, stepKey }) {
    mark(stepKey);
    await new Promise((resolve) => setTimeout(resolve, config.ms));
    return input;
  },
});
const total = op({ name: "total", in: z.array(z.number()), out: z.number(), run: async ({ input, stepKey }) => {
  mark(stepKey);
  return input.length;
} });

export const fan = job("fan", (g) => {
  g.call(total, g.collect(g.map(g.call(generate), work)));
});
`;

describeOnPostgres("A cluster under faults, on PostgreSQL", () => {
  describeRabbit("and RabbitMQ", () => {
    let cluster: Cluster;
    beforeAll(async () => {
      cluster = await distributed({ jobs: JOBS, daemons: 2, workers: 2, ownBroker: true });
    });
    afterAll(() => cluster?.stop());

    const launch = async (config: { n: number; ms: number }): Promise<string> =>
      (await cluster.client.runs.launch({ job: "fan", config })).id;

    /** Resolves once this many mapped steps of a run have succeeded. */
    const succeeded = async (run: string, count: number): Promise<void> => {
      const enough = new AbortController();
      let seen = 0;
      await cluster.client.runs
        .wait(run, ({ type }) => void (type === "STEP_SUCCESS" && ++seen >= count && enough.abort()), {
          signal: enough.signal,
        })
        .catch((error: Error) => {
          if (!enough.signal.aborted) throw error;
        });
    };

    const result = async (run: string) => {
      const ended = await cluster.client.runs.wait(run);
      const steps = [];
      for await (const step of cluster.client.runs.allSteps(run)) steps.push(step);
      const { outputs } = await cluster.client.runs.step(run, "total");
      const events = await allEvents(run);
      const ends = events.filter(({ type }) => type === "STEP_SUCCESS").map(({ step }) => step!);
      return { status: ended.status, steps, outputs, events, ends };
    };

    const allEvents = async (run: string) => {
      const events = [];
      for (let after: string | null = "0"; after !== null;) {
        const page = await cluster.client.runs.events(run, { after, limit: 1_000 });
        events.push(...page.items);
        after = page.next_cursor;
      }
      return events;
    };

    const expectWhole = ({ status, ends, events, outputs }: Awaited<ReturnType<typeof result>>, n: number): void => {
      expect(status).toBe("SUCCESS");
      expect(outputs).toEqual({ result: n });
      expect(ends).toHaveLength(n + 2);
      expect(new Set(ends).size).toBe(n + 2);
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
    };

    /** ms between two events of a run, at most: how long it stood still. */
    const longestPause = (events: readonly { at: string }[]): number => {
      const times = events.map(({ at }) => Date.parse(at));
      return Math.max(...times.slice(1).map((at, i) => at - times[i]!));
    };

    test("the load of a run spreads over the workers", async () => {
      const run = await result(await launch({ n: 40, ms: 50 }));
      expectWhole(run, 40);
      expect(new Set(run.steps.map(({ worker }) => worker)).size).toBe(2);
    });

    test("a worker that is killed costs only the steps that it had in hand", async () => {
      const run = await launch({ n: 200, ms: 30 });
      await succeeded(run, 30);
      cluster.processes("worker")[0]!.child.kill("SIGKILL");
      const whole = await result(run);
      expectWhole(whole, 200);
      const lost = whole.steps.filter((step) => step.lost > 0);
      // One step process with one step at a time; what else it held had not begun.
      expect(lost.length).toBeLessThanOrEqual(1);
      await cluster.start("worker");
    });

    test("a killed coordinator's runs go on under another", async () => {
      const run = await launch({ n: 150, ms: 40 });
      await succeeded(run, 20);
      cluster.processes("daemon")[0]!.child.kill("SIGKILL");
      const whole = await result(run);
      expectWhole(whole, 150);
      expect(longestPause(whole.events)).toBeLessThan(30_000);
      expect(whole.steps.every((step) => step.lost === 0)).toBe(true);
      await cluster.start("daemon");
    });

    test("a paused coordinator's runs go on under another, and what it says when it wakes changes nothing", async () => {
      const runs = await Promise.all(Array.from({ length: 8 }, () => launch({ n: 30, ms: 40 })));
      await succeeded(runs[0]!, 5);
      const daemon = cluster.processes("daemon")[1]!.child;
      daemon.kill("SIGSTOP");
      const whole = await Promise.all(runs.map(result));
      daemon.kill("SIGCONT");
      for (const run of whole) expectWhole(run, 30);
      expect(Math.max(...whole.map(({ events }) => longestPause(events)))).toBeLessThan(30_000);
      const after = await Promise.all(runs.map(result));
      expect(after.map(({ events }) => events)).toEqual(whole.map(({ events }) => events));
    });

    test("a broker that restarts in the middle loses nothing, and nothing counts as lost", async () => {
      const run = await launch({ n: 200, ms: 40 });
      await succeeded(run, 20);
      await cluster.rabbit!.restart();
      const whole = await result(run);
      expectWhole(whole, 200);
      expect(whole.steps.filter((step) => step.lost > 0)).toEqual([]);
    });
  });
});
