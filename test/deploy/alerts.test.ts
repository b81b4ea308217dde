import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { describeWithPromtool, runPromtool } from "../support/promtool";

const FILE = join(__dirname, "../../helm/dqueue/files/alerts.yml");
const DOCS = readFileSync(join(__dirname, "../../docs/operations.md"), "utf8");

interface Rule {
  alert: string;
  expr: string;
  for?: string;
  labels: { severity: string };
  annotations?: { summary: string; description: string };
}
interface Rules {
  groups: { name: string; rules: Rule[] }[];
}

const read = (): Rules => parse(readFileSync(FILE, "utf8")) as Rules;
const alerts = read().groups.flatMap(({ rules }) => rules);

/** One value a minute, in promtool's notation, from minute 0 on. */
type Series = Record<string, string>;

/** What an alert is to do with these series: fire at minute 30 with these labels, or (null) not. */
interface Case {
  what: string;
  alert: string;
  series: Series;
  fires: Record<string, string> | null;
}

const cases: Case[] = [
  {
    what: "a process that does not answer",
    alert: "DqueueProcessDown",
    series: { 'up{job="dqueue",instance="a"}': "1x20 0x20", 'up{job="dqueue",instance="b"}': "1x40" },
    fires: { job: "dqueue", instance: "a" },
  },
  {
    what: "one that was away for a minute",
    alert: "DqueueProcessDown",
    series: { 'up{job="dqueue",instance="a"}': "1x28 0 1x20", 'up{job="other",instance="a"}': "0x40" },
    fires: null,
  },
  {
    what: "no daemon at all",
    alert: "DqueueNoDaemon",
    series: { 'dqueue_build_info{roles="worker"}': "1x40", 'dqueue_build_info{roles="daemon"}': "1x5 stale" },
    fires: {},
  },
  {
    what: "a daemon that is a web server too",
    alert: "DqueueNoDaemon",
    series: { 'dqueue_build_info{roles="webserver,daemon"}': "1x40" },
    fires: null,
  },
  {
    what: "shards that nobody owns, as two web servers see it",
    alert: "DqueueShardsUnowned",
    series: { 'dqueue_shards_unowned{instance="a"}': "0x20 8x20", 'dqueue_shards_unowned{instance="b"}': "0x20 8x20" },
    fires: {},
  },
  {
    what: "a takeover",
    alert: "DqueueShardsUnowned",
    series: { dqueue_shards_unowned: "0x28 8 0x20" },
    fires: null,
  },
  {
    what: "a process without its broker",
    alert: "DqueueNotReady",
    series: {
      'dqueue_ready{instance="a",check="broker"}': "1x20 0x20",
      'dqueue_ready{instance="a",check="database"}': "1x40",
    },
    fires: { instance: "a", check: "broker" },
  },
  {
    what: "a queue without a worker",
    alert: "DqueueQueueWithoutWorkers",
    series: {
      'dqueue_queue_steps{queue="gpu",state="queued"}': "3x40",
      'dqueue_queue_slots{queue="gpu"}': "0x40",
      'dqueue_queue_steps{queue="default",state="queued"}': "9x40",
      'dqueue_queue_slots{queue="default"}': "4x40",
    },
    fires: { queue: "gpu" },
  },
  {
    what: "steps that wait ten minutes",
    alert: "DqueueStepsWaitLong",
    series: {
      'dqueue_step_wait_seconds_bucket{queue="q",le="300"}': "0x40",
      'dqueue_step_wait_seconds_bucket{queue="q",le="900"}': "0+5x40",
      'dqueue_step_wait_seconds_bucket{queue="q",le="+Inf"}': "0+5x40",
      'dqueue_step_wait_seconds_bucket{queue="r",le="300"}': "0+5x40",
      'dqueue_step_wait_seconds_bucket{queue="r",le="+Inf"}': "0+5x40",
    },
    fires: { queue: "q" },
  },
  {
    what: "a queue of runs that does not move",
    alert: "DqueueRunsNotAdmitted",
    series: { 'dagster_run_count{status="QUEUED"}': "4x40", dqueue_runs_admitted_total: "7x40" },
    fires: {},
  },
  {
    what: "a queue of runs that moves",
    alert: "DqueueRunsNotAdmitted",
    series: { 'dagster_run_count{status="QUEUED"}': "4x40", dqueue_runs_admitted_total: "0+1x40" },
    fires: null,
  },
  {
    what: "a job that fails more than it succeeds, counted by two daemons",
    alert: "DqueueJobFails",
    series: {
      'dqueue_runs_total{instance="a",job_name="j",status="FAILURE"}': "0+1x40",
      'dqueue_runs_total{instance="b",job_name="j",status="SUCCESS"}': "0x10 1x30",
      'dqueue_runs_total{instance="a",job_name="k",status="FAILURE"}': "0+1x40",
      'dqueue_runs_total{instance="a",job_name="k",status="SUCCESS"}': "0+5x40",
    },
    fires: { job_name: "j" },
  },
  {
    what: "steps that are lost one after the other",
    alert: "DqueueStepsLost",
    series: { 'dqueue_step_losses_total{instance="a"}': "0+1x40" },
    fires: {},
  },
  {
    what: "the loss of one worker's steps, long ago",
    alert: "DqueueStepsLost",
    series: { dqueue_step_losses_total: "0x5 8x40" },
    fires: null,
  },
  {
    what: "a sensor that only fails",
    alert: "DqueueSensorFails",
    series: {
      'dqueue_sensor_ticks_total{sensor="s",status="FAILURE"}': "0+2x40",
      'dqueue_sensor_ticks_total{sensor="s",status="SKIPPED"}': "5x40",
      'dqueue_sensor_ticks_total{sensor="t",status="FAILURE"}': "0+2x40",
      'dqueue_sensor_ticks_total{sensor="t",status="SKIPPED"}': "0+2x40",
    },
    fires: { sensor: "s" },
  },
  {
    what: "commits that fail",
    alert: "DqueueCommitsFail",
    series: { dqueue_commit_failures_total: "0x20 0+1x20" },
    fires: {},
  },
  {
    what: "commits that are slow",
    alert: "DqueueCommitsSlow",
    series: {
      'dqueue_commit_duration_seconds_bucket{le="0.5"}': "0+1x40",
      'dqueue_commit_duration_seconds_bucket{le="1"}': "0+9x40",
      'dqueue_commit_duration_seconds_bucket{le="+Inf"}': "0+9x40",
    },
    fires: {},
  },
  {
    what: "connections that run out",
    alert: "DqueuePostgresConnections",
    series: { dqueue_postgres_connections: "90x40", dqueue_postgres_max_connections: "100x40" },
    fires: {},
  },
  {
    what: "a transaction that somebody has left open",
    alert: "DqueueTransactionOpen",
    series: { 'dqueue_postgres_oldest_transaction_seconds{instance="a"}': "0x10 0+60x30" },
    fires: {},
  },
  {
    what: "transactions of a minute each",
    alert: "DqueueTransactionOpen",
    series: { dqueue_postgres_oldest_transaction_seconds: "60x40" },
    fires: null,
  },
  {
    what: "a process that lacks processor time",
    alert: "DqueueEventLoopLags",
    series: {
      'nodejs_eventloop_lag_p99_seconds{instance="a"}': "2x40",
      'dqueue_build_info{instance="a",roles="daemon"}': "1x40",
      'nodejs_eventloop_lag_p99_seconds{instance="not ours"}': "2x40",
    },
    fires: { instance: "a", roles: "daemon" },
  },
];

const AT = "30m";

/** The alerts without their texts, which promtool would want repeated word by word. */
const bare = (): Rules => {
  const rules = read();
  for (const { rules: all } of rules.groups) for (const rule of all) delete rule.annotations;
  return rules;
};

const tested = ({ alert, series, fires }: Case) => {
  const { labels } = alerts.find((one) => one.alert === alert)!;
  return {
    interval: "1m",
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    alert_rule_test: [
      {
        ...{ eval_time: AT, alertname: alert },
        exp_alerts: fires ? [{ exp_labels: { ...labels, ...fires } }] : [],
      },
    ],
  };
};

test("each alert has a case in which it fires, and is explained", () => {
  expect(new Set(cases.filter(({ fires }) => fires).map(({ alert }) => alert))).toEqual(
    new Set(alerts.map(({ alert }) => alert)),
  );
  for (const { alert } of alerts) expect(DOCS).toContain(`\`${alert}\``);
});

describeWithPromtool("The alerts, by promtool,", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "dqueue-alerts-"));
    writeFileSync(join(folder, "rules.yml"), stringify(bare()));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const run = (one: Case) => {
    const file = join(folder, "test.yml");
    const tests = { rule_files: ["rules.yml"], evaluation_interval: "1m", tests: [tested(one)] };
    writeFileSync(file, stringify(tests));
    return runPromtool(["test", "rules", file]);
  };

  test("are well-formed, their texts too", () => {
    expect(runPromtool(["check", "rules", FILE])).toMatchObject({ code: 0 });
  });

  test.each(cases)("$alert knows $what", (one) => {
    expect(run(one)).toMatchObject({ code: 0 });
    // And it is told apart.
    const opposite = { ...one, fires: one.fires ? null : { any: "label" } };
    expect(run(opposite).code).not.toBe(0);
  });
});
