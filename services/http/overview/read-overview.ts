import type { ServiceBroker } from "moleculer";
import type { RunStatus } from "../../../core/status";
import type { Database } from "../../../store/database";
import type { Activity, ActivityView } from "../../../store/queries/activity";
import { recentFailures } from "../../../store/queries/failures";
import { type LiveCount, liveRuns } from "../../../store/queries/job-runs";
import { type SensorOutlook, sensorOutlooks } from "../../../store/queries/sensor-outlook";
import { fresh } from "../fresh";
import type { LostWorkerItem } from "../lost-workers";
import type { QueueItem } from "../queues";
import type { Workers } from "../workers";
import { type ErrorGroup, errorGroups } from "./error-groups";
import { jobRows } from "./job-rows";
import { type Platform, readPlatform } from "./platform";

export const RANGES = { "1h": 1, "6h": 6, "24h": 24, "7d": 168 } as const;
export type Range = keyof typeof RANGES;

interface Needs {
  readonly db: Database;
  readonly activity: Activity;
  readonly broker: ServiceBroker;
  readonly workers: Workers;
  readonly lostWorkers: () => Promise<LostWorkerItem[]>;
  readonly queues: () => Promise<QueueItem[]>;
  readonly busProblems: () => string[];
  readonly queueDepth: (queue: string) => Promise<{ messages: number }>;
}

const BUCKETS = 24;
const HOUR_MS = 3_600_000;
/** Answers are shared by all who ask within this time. */
const FRESH_MS = 1_000;
/** Failures that are looked at to group them: the newest. */
const FAILURES = 1_000;
const GROUPS = 10;
const NEXT_TICKS = 6;

/**
 * Everything of the overview page. What has ended comes from `Activity`, which reads history once and then adds what is
 * new; live runs are read by runs_live; of jobs and sensors a few rows each; of failures the newest 1,000. Times with
 * 1,000,000 runs: docs/decisions/0009.
 */
export const overviewReader = (needs: Needs): ((range: Range) => Promise<object>) => {
  const readers = Object.fromEntries(
    Object.keys(RANGES).map((range) => [range, fresh(FRESH_MS, () => read(needs, range as Range))]),
  ) as Record<Range, () => Promise<object>>;
  return (range) => readers[range]();
};

const read = async (needs: Needs, range: Range): Promise<object> => {
  const { db, activity } = needs;
  const now = Date.now();
  const widthMs = (RANGES[range] * HOUR_MS) / BUCKETS;
  const to = (Math.floor(now / widthMs) + 1) * widthMs;
  const from = to - BUCKETS * widthMs;
  await activity.update(from - BUCKETS * widthMs);
  const view = await activity.view({ from: from - BUCKETS * widthMs, widthMs, count: 2 * BUCKETS });
  const live = await liveRuns(db);
  const sensors = await sensorOutlooks(db);
  const { total, failing, rows } = await jobRows({ db, from, live, sensors, ended: activity.endedByJob(from, now) });
  const failures = await recentFailures(db, { from, limit: FAILURES });
  const groups = errorGroups(failures, { from, widthMs, count: BUCKETS });
  const queues = (await needs.queues()).map(queueRow);
  const platform = await readPlatform(needs, sensors);
  const facts = { platform, failing, groups, queues, failures: sum(view.failure.slice(BUCKETS)) };
  return {
    range,
    at: new Date(now).toISOString(),
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    bucket_seconds: widthMs / 1_000,
    verdict: verdictOf(facts),
    counts: countsOf(view, live),
    jobs: { total, failing: failing.length, items: rows },
    failing: { items: groups.slice(0, GROUPS), more: groups.length > GROUPS, complete: failures.length < FAILURES },
    backlog: queues,
    steps: stepsOf(view, { widthMs, now, to }),
    next_ticks: nextTicks(sensors),
    platform,
  };
};

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Of queued and running runs `count` is now and `spark` at the end of each bucket; of ended ones how many ended. */
const countsOf = (view: ActivityView, live: readonly LiveCount[]) => {
  const spark = (values: readonly number[]): number[] => values.slice(BUCKETS);
  const alive = (...statuses: RunStatus[]): LiveCount[] => live.filter(({ status }) => statuses.includes(status));
  const queued = alive("QUEUED");
  const started = alive("STARTING", "STARTED", "CANCELING");
  const runs = (counts: readonly LiveCount[]): number => sum(counts.map((count) => count.runs));
  const oldest = queued.map((count) => count.oldest.getTime());
  const ended = (values: readonly number[]) => ({
    count: sum(spark(values)),
    before: sum(values.slice(0, BUCKETS)),
    spark: spark(values),
  });
  return {
    queued: {
      count: runs(queued),
      spark: spark(view.queued),
      oldest_created_at: oldest.length > 0 ? new Date(Math.min(...oldest)).toISOString() : null,
    },
    started: { count: runs(started), spark: spark(view.started) },
    success: ended(view.success),
    failure: ended(view.failure),
    canceled: ended(view.canceled),
  };
};

/** By bucket and second. Now: over the last grain and what has passed of this one. */
const stepsOf = (view: ActivityView, { widthMs, now, to }: { widthMs: number; now: number; to: number }) => {
  const elapsed = (bucket: number): number =>
    bucket === BUCKETS - 1 ? Math.max(now - (to - widthMs), 1_000) : widthMs;
  const rate = (values: readonly number[]): number[] =>
    values.slice(BUCKETS).map((steps, bucket) => Math.round((steps / elapsed(bucket)) * 100_000) / 100);
  return { succeeded_per_second: rate(view.stepsSucceeded), failed_per_second: rate(view.stepsFailed) };
};

type QueueRow = Omit<QueueItem, "messages" | "unacked">;

const queueRow = ({ messages: _messages, unacked: _unacked, ...row }: QueueItem): QueueRow => row;

const nextTicks = (sensors: readonly SensorOutlook[]) =>
  sensors
    .filter(({ status }) => status === "RUNNING")
    .sort(
      (a, b) =>
        Number(b.failing_since !== null) - Number(a.failing_since !== null) ||
        a.next_tick_at.getTime() - b.next_tick_at.getTime(),
    )
    .slice(0, NEXT_TICKS)
    .map(({ name, kind, jobs, next_tick_at, failing_since, error }) => ({
      ...{ name, kind, jobs, error },
      next_tick_at: next_tick_at.toISOString(),
      failing_since: failing_since?.toISOString() ?? null,
    }));

interface Facts {
  platform: Platform;
  failing: string[];
  groups: ErrorGroup[];
  queues: QueueRow[];
  failures: number;
}

/** A queue grows that matters: more waits than its slots take at once. The first rule that holds, and what a sentence about it needs. */
const verdictOf = ({ platform, failing, groups, queues, failures }: Facts) => {
  const growing = queues.filter(
    ({ growth_per_second, queued, slots }) => queued > slots && (growth_per_second ?? 0) > 0,
  );
  const main = mainError(groups);
  return {
    rule:
      platform.problems.length > 0
        ? "platform_down"
        : failing.length > 0
          ? "jobs_failing"
          : growing.length > 0
            ? "backlog_growing"
            : "all_well",
    problems: platform.problems,
    failing_jobs: failing.slice(0, 20),
    failing_jobs_total: failing.length,
    failed_runs: failures,
    main_error: main && {
      ...{ fingerprint: main.fingerprint, type: main.type, message: main.message },
      runs: main.failed_runs,
    },
    failing_since: groups.length > 0 ? groups.map((group) => group.first_seen_at).sort()[0]! : null,
    growing_queues: growing.map(({ name }) => name),
    lost_workers: platform.workers.lost.map(({ id }) => id),
  };
};

/** The error in which most of the failed runs end; null: none of them has one. */
const mainError = (groups: readonly ErrorGroup[]): ErrorGroup | null => {
  const [main] = [...groups].sort((a, b) => b.failed_runs - a.failed_runs);
  return main && main.failed_runs > 0 ? main : null;
};
