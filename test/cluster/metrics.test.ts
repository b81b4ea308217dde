import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { Running } from "../cli/command";
import { type Cluster, distributed } from "../support/cluster";
import { type Collector, startCollector } from "../support/collector";
import { eventually } from "../support/eventually";
import type { Exposition } from "../support/exposition";
import { scrape } from "../support/exposition";
import { describeOnPostgres } from "../support/postgres";
import { askedBy } from "../support/promql";
import { describeWithPromtool, runPromtool } from "../support/promtool";
import { describeRabbit } from "../support/rabbitmq";

jest.setTimeout(300_000);

/** Steps wait for a file of the name that their config tells. */
const JOBS = `
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { dynamic, job, op, sensor, skip, z } from "dqueue";

const gate = z.object({ gate: z.string() });
const opened = async (name: string, signal: AbortSignal) => {
  while (!existsSync(process.env.MARKS + "/" + name)) await sleep(50, undefined, { signal });
};

const twelve = op({
  name: "twelve",
  out: dynamic(z.number()),
  async *run() {
    for (let i = 0; i < 12; i++) yield { key: String(i), value: i };
  },
});
const wait = op({ name: "wait", config: gate, in: z.number(), run: ({ config, signal }) => opened(config.gate, signal) });
export const sleepers = job("sleepers", (g) => {
  g.map(g.call(twelve), wait);
});

const work = op({
  name: "work",
  config: gate.extend({ fails: z.boolean().default(false), retries: z.boolean().default(false) }),
  retry: { maxRetries: 1, delayMs: 1 },
  async run({ config, attempt, signal }) {
    await opened(config.gate, signal);
    if (config.retries && attempt === 1) throw new Error("the first try fails");
  },
});
export const works = job("works", (g) => void g.call(work));
const fail = op({
  name: "fail",
  config: gate,
  async run({ config, signal }) {
    await opened(config.gate, signal);
    throw new Error("it fails");
  },
});
export const fails = job("fails", (g) => void g.call(fail));
export const looks = sensor({ name: "looks", job: fails, defaultStatus: "RUNNING", minimumIntervalSeconds: 1, evaluate: () => skip("nothing") });
`;

const CHART_FILES = join(__dirname, "../../helm/dqueue/files");

interface Dashboard {
  panels: { title: string; targets?: { expr: string }[] }[];
}

/** Of the dashboard and the alerts: where each stands, and what it says. */
const expressions = (): [string, string][] => {
  const dashboard = JSON.parse(readFileSync(join(CHART_FILES, "dashboard.json"), "utf8")) as Dashboard;
  const alerts = parse(readFileSync(join(CHART_FILES, "alerts.yml"), "utf8")) as {
    groups: { rules: { alert: string; expr: string }[] }[];
  };
  return [
    ...dashboard.panels.flatMap(({ title, targets = [] }) =>
      targets.map(({ expr }, i): [string, string] => [
        `the panel "${title}" (${i + 1})`,
        expr.replaceAll("$__rate_interval", "5m"),
      ]),
    ),
    ...alerts.groups.flatMap(({ rules }) => rules.map(({ alert, expr }): [string, string] => [alert, expr])),
  ];
};

/** What one process has shown last. */
interface Seen {
  last: Exposition;
  counters: Map<string, number>;
}

describeOnPostgres("MET-1: the figures of a cluster, on PostgreSQL", () => {
  describeRabbit(
    "and RabbitMQ",
    () => {
      let cluster: Cluster;
      let collector: Collector;
      const seen = new Map<Running, Seen>();
      const fallen: string[] = [];
      const gone: string[] = [];

      beforeAll(async () => {
        collector = await startCollector();
        const settings = {
          ...{ DQUEUE_PROCESSES: "1", DQUEUE_CONCURRENCY: "4", DQUEUE_MOLECULER_METRICS: "true" },
          OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        };
        cluster = await distributed({ jobs: JOBS, workers: 3, settings });
      });
      afterAll(async () => {
        await cluster?.stop();
        collector?.stop();
      });

      const live = (): Running[] =>
        (["webserver", "daemon", "worker"] as const)
          .flatMap((role) => cluster.processes(role))
          .filter(({ child }) => child.exitCode === null && child.signalCode === null);

      const open = (gate: string): void => writeFileSync(join(cluster.place.folder, gate), "");
      const nodeOf = (running: Running): string => /"node": "([^"]+)"/.exec(running.text())![1]!;

      /** Scrapes every process, and notes each counter that is lower than it was. */
      const scrapeAll = async (): Promise<void> => {
        for (const running of live()) {
          const last = await scrape(cluster.metricsUrl(running));
          const counters = last.counters();
          for (const [series, before] of seen.get(running)?.counters ?? [])
            if ((counters.get(series) ?? 0) < before) fallen.push(`${series}: ${counters.get(series)} < ${before}`);
          seen.set(running, { last, counters });
        }
      };
      const web = (): Exposition => seen.get(cluster.processes("webserver")[0]!)!.last;
      /** Over all processes that there were. */
      const total = (name: string, labels?: Record<string, string>): number =>
        [...seen.values()].reduce((sum, { last }) => sum + last.sum(name, labels), 0);
      const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
        await eventually(scrapeAll, holds);
      };

      const ends = (): number[] =>
        ["SUCCESS", "FAILURE", "CANCELED"].map((status) => total("dqueue_runs_total", { status }));

      test("slots and queues are what the API tells", async () => {
        await cluster.client.runs.launch({ job: "sleepers", config: { gate: "woken" }, tags: { team: "tag-value" } });
        await until(() => web().sum("dqueue_queue_steps", { state: "running" }) === 12);
        await until(() => web().sum("dqueue_worker_busy") === 12);
        const { items: workers } = await cluster.client.workers.list();
        for (const { id, slots, busy } of workers) {
          expect([id, web().sum("dqueue_worker_slots", { worker: id })]).toEqual([id, slots]);
          expect([id, web().sum("dqueue_worker_busy", { worker: id })]).toEqual([id, busy]);
        }
        expect(web().sum("dqueue_worker_slots")).toBe(12);
        const { items: queues } = await cluster.client.queues.list();
        for (const { name, queued, running, up_for_retry, slots } of queues) {
          const shown = ["queued", "running", "up_for_retry"].map((state) =>
            web().sum("dqueue_queue_steps", { queue: name, state }),
          );
          expect(shown).toEqual([queued, running, up_for_retry]);
          expect(web().sum("dqueue_queue_slots", { queue: name })).toBe(slots);
        }
        expect(total("dqueue_executor_slots", { state: "busy" })).toBe(12);
        // AMQP does not tell, and nobody is told to ask RabbitMQ otherwise.
        expect([queues[0]!.unacked, web().of("dqueue_queue_unacked_messages")]).toEqual([null, []]);
        expect(web().sum("dqueue_postgres_connections")).toBeGreaterThan(3);
        expect(web().of("dqueue_postgres_oldest_transaction_seconds")).toHaveLength(1);
      });

      test("a killed worker is gone from them", async () => {
        const [victim] = cluster.processes("worker");
        gone.push(nodeOf(victim!));
        victim!.child.kill("SIGKILL");
        await victim!.ended();
        await until(() => web().sum("dqueue_worker_slots") === 8);
        const left = web().samples.filter(({ labels }) => labels.worker === gone[0]);
        expect(left).toEqual([]);
      });

      test("so are workers that were replaced", async () => {
        open("woken");
        for (let round = 0; round < 2; round++) {
          const before = live().filter((running) => cluster.processes("worker").includes(running));
          gone.push(...before.map(nodeOf));
          for (const { child } of before) child.kill("SIGTERM");
          await Promise.all([
            ...before.map((running) => running.ended()),
            ...[1, 2, 3].map(() => cluster.start("worker")),
          ]);
        }
        await until(() => web().of("dqueue_worker_slots").length === 3);
        expect(web().sum("dqueue_worker_slots")).toBe(12);
        await until(() => ends()[0] === 1);
        expect(total("dqueue_step_losses_total")).toBeGreaterThan(0);
      });

      test("a log line about a step has its run and its key as fields", () => {
        const lines = cluster
          .processes("daemon")[0]!
          .text()
          .split("\n")
          .filter((line) => line.startsWith('{"level"'));
        const givenUp = lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg.startsWith("A step is given up"));
        expect(givenUp.length).toBeGreaterThan(0);
        for (const { run, step, trace_id } of givenUp) {
          expect([run, step]).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/), expect.stringMatching(/^wait\[/)]);
          expect(trace_id).toBe(run.replaceAll("-", ""));
        }
      });

      test("each end and each retry is counted once, over a restart of the coordinator too", async () => {
        const before = ends();
        const retriesBefore = total("dqueue_step_retries_total");
        const launch = async (count: number, job: string, config: object): Promise<string[]> => {
          const runs = Array.from({ length: count }, () =>
            cluster.client.runs.launch({ job, config: config as never }),
          );
          return (await Promise.all(runs)).map(({ id }) => id);
        };
        const half = async (gate: string, ok: number, retries: number, fails: number, cancels: number) => {
          await launch(ok - retries, "works", { gate });
          await launch(retries, "works", { gate, retries: true });
          await launch(fails, "fails", { gate });
          const toCancel = await launch(cancels, "works", { gate: "never" });
          // One that is canceled before it may start has waited for nothing, and what a process counts behind its last
          // scrape nobody sees.
          await until(async () => (await cluster.client.runs.list({ status: ["QUEUED"] })).items.length === 0);
          await scrapeAll();
          return toCancel;
        };
        const first = await half("first", 15, 3, 6, 4);
        open("first");
        for (const id of first) await cluster.client.runs.cancel(id);
        await until(() => ends().join() === [before[0]! + 15, before[1]! + 6, before[2]! + 4].join());

        // All that has ended is in its last scrape, and what goes on ends after it.
        const second = await half("second", 15, 2, 6, 4);
        await until(() => web().sum("dqueue_worker_busy") === 12);
        const [daemon] = cluster.processes("daemon");
        await cluster.start("daemon");
        daemon!.child.kill("SIGTERM");
        await daemon!.ended();
        open("second");
        for (const id of second) await cluster.client.runs.cancel(id);
        const ended = [before[0]! + 30, before[1]! + 12, before[2]! + 8];
        await until(async () => {
          const { items } = await cluster.client.runs.list({ status: ["QUEUED", "STARTING", "STARTED", "CANCELING"] });
          return items.length === 0;
        });
        await scrapeAll();
        expect(ends()).toEqual(ended);
        expect(total("dqueue_step_retries_total") - retriesBefore).toBe(5);
        const shown = ["SUCCESS", "FAILURE", "CANCELED"].map((status) => web().sum("dagster_run_count", { status }));
        expect(shown).toEqual(ended);
        expect(total("dqueue_run_duration_seconds_count", { job_name: "fails" })).toBe(12);
        expect(total("dqueue_run_wait_seconds_count")).toBe(51);
      });

      test("a run's trace is told by all who had to do with it", async () => {
        open("traced");
        const { id } = await cluster.client.runs.launch({ job: "works", config: { gate: "traced", retries: true } });
        const trace = id.replaceAll("-", "");
        const told = () => collector.spans.filter(({ traceId }) => traceId === trace);
        await collector.until(() => told().length === 5);
        const byId = new Map(told().map((span) => [span.spanId, span]));
        const paths = told().map((span) => {
          const path = [span.name];
          for (let parent = span.parentSpanId; parent; parent = byId.get(parent)!.parentSpanId)
            path.unshift(byId.get(parent)!.name);
          return path.join(" > ");
        });
        expect(paths.sort()).toEqual([
          "run works",
          "run works > POST /api/runs",
          "run works > step work",
          "run works > step work > attempt work",
          "run works > step work > attempt work",
        ]);
        const tellers = told().map(({ scope, resource }) => `${scope} ${JSON.stringify(resource["dqueue.roles"])}`);
        expect([...new Set(tellers)].sort()).toEqual([
          'dqueue/api {"values":[{"stringValue":"webserver"}]}',
          'dqueue/coordinator {"values":[{"stringValue":"daemon"}]}',
          'dqueue/worker {"values":[{"stringValue":"worker"}]}',
        ]);
      });

      test("Moleculer's own figures are among them on demand", () => {
        expect(total("moleculer_requests_total", { action: "executor.attempt" })).toBeGreaterThan(0);
        expect(total("moleculer_request_duration_seconds_count", { action: "runs.launch" })).toBeGreaterThan(0);
      });

      test("no counter has fallen, and nobody's series outlives him", () => {
        expect(fallen).toEqual([]);
        for (const running of live()) {
          const { text } = seen.get(running)!.last;
          for (const id of gone) expect(text).not.toContain(id);
          expect(text).not.toContain("tag-value");
          expect(text).not.toMatch(/"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-/);
        }
      });

      test.each(expressions())("what %s asks for is there", async (_, expression) => {
        const shown = [...seen.values()].map(({ last }) => last);
        const families = new Set(shown.flatMap(({ types }) => [...types.keys()]));
        const labels = new Set(shown.flatMap(({ samples }) => samples.flatMap((one) => Object.keys(one.labels))));
        const asked = await askedBy(expression);
        const familyOf = (name: string): string =>
          families.has(name) ? name : name.replace(/_(bucket|sum|count)$/, "");
        expect(asked.metrics.filter((name) => name !== "up" && !families.has(familyOf(name)))).toEqual([]);
        // These two Prometheus adds itself.
        expect(asked.labels.filter((name) => !["job", "instance"].includes(name) && !labels.has(name))).toEqual([]);
      });

      describeWithPromtool("to promtool", () => {
        test.each(["webserver", "daemon", "worker"] as const)("the figures of a %s are clean", (role) => {
          const { text } = seen.get(cluster.processes(role).at(-1)!)!.last;
          expect(runPromtool(["check", "metrics"], text)).toEqual({ code: 0, said: "" });
          expect(runPromtool(["check", "metrics"], text + "# TYPE bad_count gauge\nbad_count 1\n").code).not.toBe(0);
        });
      });
    },
    { ownBroker: false },
  );
});
