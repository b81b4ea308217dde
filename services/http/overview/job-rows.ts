import type { RunStatus } from "../../../core/status";
import type { Database } from "../../../store/database";
import { jobFigures } from "../../../store/queries/job-figures";
import { type BarRow, barsOf, lastEnded, type LiveCount, publishedJobs } from "../../../store/queries/job-runs";
import type { SensorOutlook } from "../../../store/queries/sensor-outlook";

/** A job's row of the overview. Bars are columns: the same place in each is the same run. */
export interface JobRow {
  job: string;
  /** Its last ended run failed. */
  failing: boolean;
  last_status: RunStatus | null;
  /** Ended and live runs of the range, failed ones of the range. */
  runs: number;
  failures: number;
  queued: number;
  started: number;
  /** Of the last 50 ended runs. */
  ended: number;
  succeeded: number;
  failed: number;
  p50_ms: number | null;
  p95_ms: number | null;
  bars: Bars;
  /** There are earlier runs in the range than the bars show. */
  more: boolean;
  sensors: { name: string; status: string; failing: boolean; next_tick_at: string }[];
}

interface Bars {
  id: string[];
  status: RunStatus[];
  created_at: string[];
  started_at: (string | null)[];
  ended_at: (string | null)[];
}

const ROWS = 14;
const BARS = 100;

interface Needs {
  db: Database;
  from: number;
  live: readonly LiveCount[];
  ended: Map<string, Record<"SUCCESS" | "FAILURE" | "CANCELED", number>>;
  sensors: readonly SensorOutlook[];
}

/** All jobs whose last ended run failed; the rows of these, by their failures, then of those with most runs. */
export const jobRows = async ({
  db,
  from,
  live,
  ended,
  sensors,
}: Needs): Promise<{ total: number; failing: string[]; rows: JobRow[] }> => {
  const names = await publishedJobs(db);
  const last = await lastEnded(db, names);
  const alive = new Map<string, { queued: number; started: number }>();
  for (const { job, status, runs } of live) {
    const counts = alive.get(job) ?? { queued: 0, started: 0 };
    counts[status === "QUEUED" ? "queued" : "started"] += runs;
    alive.set(job, counts);
  }
  const known = names.map((job) => {
    const { SUCCESS = 0, FAILURE = 0, CANCELED = 0 } = ended.get(job) ?? {};
    const { queued = 0, started = 0 } = alive.get(job) ?? {};
    const [last_status, failing] = [last.get(job) ?? null, last.get(job) === "FAILURE"];
    const runs = SUCCESS + FAILURE + CANCELED + queued + started;
    return { job, failing, last_status, runs, failures: FAILURE, queued, started };
  });
  known.sort(
    (a, b) => Number(b.failing) - Number(a.failing) || (a.failing ? b.failures - a.failures : 0) || b.runs - a.runs,
  );
  const shown = known.slice(0, ROWS);
  const jobs = shown.map(({ job }) => job);
  const figures = await jobFigures(db, jobs);
  const bars = await barsOf(db, jobs, { from, limit: BARS + 1 });
  const rows = shown.map((row) => {
    const own = bars.filter(({ job }) => job === row.job);
    const { ended = 0, succeeded = 0, failed = 0, p50_ms = null, p95_ms = null } = figures.get(row.job) ?? {};
    return {
      ...row,
      ...{ ended, succeeded, failed, p50_ms, p95_ms },
      bars: columnsOf(own.slice(0, BARS).reverse()),
      more: own.length > BARS,
      sensors: sensors.filter((sensor) => sensor.jobs.includes(row.job)).map(sensorOf),
    };
  });
  return { total: names.length, failing: known.filter(({ failing }) => failing).map(({ job }) => job), rows };
};

const sensorOf = ({ name, status, failing_since, next_tick_at }: SensorOutlook) => ({
  name,
  status,
  failing: failing_since !== null,
  next_tick_at: next_tick_at.toISOString(),
});

const columnsOf = (rows: readonly BarRow[]): Bars => ({
  id: rows.map(({ id }) => id),
  status: rows.map(({ status }) => status),
  created_at: rows.map(({ created_at }) => created_at.toISOString()),
  started_at: rows.map(({ started_at }) => started_at?.toISOString() ?? null),
  ended_at: rows.map(({ ended_at }) => ended_at?.toISOString() ?? null),
});
