import type { RunStatus } from "../../core/status";
import type { Queryable } from "../database";
import { horizon } from "./horizon";

/** The grain of time in which what has ended is kept: every range of the overview is a multiple of 24 of it. */
export const GRAIN_MS = 150_000;
/** Of what is kept by job. */
export const JOB_GRAIN_MS = 900_000;

/** Deleted runs are noticed by then, and what is too old is forgotten. */
const RELOAD_MS = 3_600_000;

/** What happened in a grain; levels are sums of all changes up to it. */
interface Grain {
  success: number;
  failure: number;
  canceled: number;
  /** Steps of runs, spread evenly over the time in which their run went on. */
  stepsSucceeded: number;
  stepsFailed: number;
  /** By how much the number of queued and of running runs has changed. */
  queued: number;
  started: number;
}

const EMPTY: Grain = {
  ...{ success: 0, failure: 0, canceled: 0, stepsSucceeded: 0, stepsFailed: 0, queued: 0, started: 0 },
};

type Ended = "SUCCESS" | "FAILURE" | "CANCELED";

/** Ended runs of a job in one of its grains. */
interface JobGrain {
  job: string;
  grain: number;
  status: Ended;
  runs: number;
}

/** Runs that went through the same grains. */
interface Course {
  status: RunStatus;
  created: number;
  admitted: number | null;
  started: number | null;
  ended: number | null;
  runs: number;
  steps_succeeded: number;
  steps_failed: number;
}

/** An even share of time: from its start, this long. */
export interface Buckets {
  from: number;
  widthMs: number;
  count: number;
}

/** What the system did, by bucket. */
export interface ActivityView {
  success: number[];
  failure: number[];
  canceled: number[];
  stepsSucceeded: number[];
  stepsFailed: number[];
  /** At the end of each bucket. */
  queued: number[];
  started: number[];
}

type JobGrains = Map<string, Map<number, Record<Ended, number>>>;

/** What is known of the time since `from`, of transactions before `upTo`. */
interface Known {
  from: number;
  upTo: string;
  at: number;
  grains: Map<number, Grain>;
  jobs: JobGrains;
  /** Of transactions since, read anew at each look: as long as one is open on the server, `upTo` stands still. */
  latest: JobGrains;
}

/**
 * What has ended lately, by time and by job. Read once as far back as somebody asks (by runs_ended), afterwards only
 * what has ended since (by runs_changed): a second look costs what has happened meanwhile, and the live runs.
 */
export class Activity {
  private known: Known | null = null;
  private updating: Promise<void> = Promise.resolve();
  private reloading = false;

  constructor(private readonly db: Queryable) {}

  /** @param from ms since the epoch: what has ended since then will be known. */
  update(from: number): Promise<void> {
    const next = this.updating.catch(() => {}).then(() => this.advance(from));
    this.updating = next;
    return next;
  }

  /** Of the buckets given, whose width is a multiple of GRAIN_MS; what is not settled yet added. */
  async view({ from, widthMs, count }: Buckets): Promise<ActivityView> {
    const grains = new Map([...(this.known?.grains ?? [])].map(([at, grain]) => [at, { ...grain }]));
    const unsettled = "ended_at is null or changed >= $1::xid8";
    for (const course of await coursesOf(this.db, unsettled, [this.known?.upTo ?? "0"])) add(grains, course);
    const [first, width] = [from / GRAIN_MS, widthMs / GRAIN_MS];
    const empty = (): number[] => Array.from({ length: count }, () => 0);
    const view: ActivityView = {
      ...{ success: empty(), failure: empty(), canceled: empty(), stepsSucceeded: empty(), stepsFailed: empty() },
      ...{ queued: empty(), started: empty() },
    };
    let [queued, started] = [0, 0];
    const before = [...grains.keys()].filter((at) => at < first);
    for (const at of before) [queued, started] = [queued + grains.get(at)!.queued, started + grains.get(at)!.started];
    for (let bucket = 0; bucket < count; bucket++) {
      for (let at = first + bucket * width; at < first + (bucket + 1) * width; at++) {
        const grain = grains.get(at) ?? EMPTY;
        for (const key of ["success", "failure", "canceled", "stepsSucceeded", "stepsFailed"] as const)
          view[key][bucket]! += grain[key];
        [queued, started] = [queued + grain.queued, started + grain.started];
      }
      view.queued[bucket] = queued;
      view.started[bucket] = started;
    }
    return view;
  }

  /** Runs that have ended in a time, by job; its start is rounded down to JOB_GRAIN_MS. */
  endedByJob(from: number, to: number): Map<string, Record<Ended, number>> {
    const sums = new Map<string, Record<Ended, number>>();
    const [first, last] = [Math.floor(from / JOB_GRAIN_MS), Math.floor(to / JOB_GRAIN_MS)];
    for (const [job, grains] of [...(this.known?.jobs ?? []), ...(this.known?.latest ?? [])]) {
      const sum = sums.get(job) ?? { SUCCESS: 0, FAILURE: 0, CANCELED: 0 };
      for (const [at, counts] of grains)
        if (at >= first && at <= last)
          for (const status of ["SUCCESS", "FAILURE", "CANCELED"] as const) sum[status] += counts[status];
      if (sum.SUCCESS + sum.FAILURE + sum.CANCELED > 0) sums.set(job, sum);
    }
    return sums;
  }

  private async advance(from: number): Promise<void> {
    const { known } = this;
    if (!known || known.from > from) {
      this.known = await load(this.db, from);
      return;
    }
    const upTo = await horizon(this.db);
    await read(this.db, known, "changed >= $1::xid8 and changed < $2::xid8 and ended_at is not null", [
      known.upTo,
      upTo,
    ]);
    known.upTo = upTo;
    known.latest = await latest(this.db, upTo);
    if (performance.now() - known.at > RELOAD_MS) this.reload(known);
  }

  /** What is known is good enough until it is replaced. */
  private reload({ from, at }: Known): void {
    if (this.reloading) return;
    this.reloading = true;
    load(this.db, from + Math.round(performance.now() - at))
      .then((known) => (this.known = known))
      // Tried again at the next look.
      .catch(() => {})
      .finally(() => (this.reloading = false));
  }
}

const load = async (db: Queryable, from: number): Promise<Known> => {
  const since = Math.floor(from / JOB_GRAIN_MS) * JOB_GRAIN_MS;
  const upTo = await horizon(db);
  const known: Known = {
    ...{ from: since, upTo, at: performance.now() },
    ...{ grains: new Map(), jobs: new Map(), latest: await latest(db, upTo) },
  };
  const ended = `status in ('SUCCESS', 'FAILURE', 'CANCELED') and ended_at >= to_timestamp($1::float8 / 1000)`;
  await read(db, known, `${ended} and changed < $2::xid8`, [since, upTo]);
  return known;
};

const latest = async (db: Queryable, upTo: string): Promise<JobGrains> => {
  const found: JobGrains = new Map();
  addByJob(found, await jobGrainsOf(db, "changed >= $1::xid8 and ended_at is not null", [upTo]));
  return found;
};

const read = async (db: Queryable, { grains, jobs }: Known, condition: string, values: unknown[]): Promise<void> => {
  const [courses, byJob] = await Promise.all([coursesOf(db, condition, values), jobGrainsOf(db, condition, values)]);
  for (const course of courses) add(grains, course);
  addByJob(jobs, byJob);
};

const addByJob = (jobs: JobGrains, byJob: readonly JobGrain[]): void => {
  for (const { job, grain, status, runs } of byJob) {
    let own = jobs.get(job);
    if (!own) jobs.set(job, (own = new Map()));
    let counts = own.get(grain);
    if (!counts) own.set(grain, (counts = { SUCCESS: 0, FAILURE: 0, CANCELED: 0 }));
    counts[status] += runs;
  }
};

const grainOf = (column: string, ms: number): string => `floor(date_part('epoch', ${column}) / ${ms / 1_000})::int`;

const coursesOf = async (db: Queryable, condition: string, values: unknown[]): Promise<Course[]> => {
  const { rows } = await db.query<Course>(
    `select status, ${grainOf("created_at", GRAIN_MS)} as created, ${grainOf("admitted_at", GRAIN_MS)} as admitted,
            ${grainOf("started_at", GRAIN_MS)} as started, ${grainOf("ended_at", GRAIN_MS)} as ended, count(*) as runs,
            sum(steps_succeeded) as steps_succeeded, sum(steps_failed) as steps_failed
     from runs where ${condition} group by 1, 2, 3, 4, 5`,
    values,
  );
  return rows;
};

const jobGrainsOf = async (db: Queryable, condition: string, values: unknown[]): Promise<JobGrain[]> => {
  const { rows } = await db.query<JobGrain>(
    `select job, ${grainOf("ended_at", JOB_GRAIN_MS)} as grain, status, count(*) as runs
     from runs where ${condition} group by 1, 2, 3`,
    values,
  );
  return rows;
};

const add = (grains: Map<number, Grain>, course: Course): void => {
  const { status, created, admitted, started, ended, runs } = course;
  const at = (grain: number): Grain => {
    let found = grains.get(grain);
    if (!found) grains.set(grain, (found = { ...EMPTY }));
    return found;
  };
  at(created).queued += runs;
  const left = admitted ?? ended;
  if (left !== null) at(left).queued -= runs;
  if (admitted !== null) at(admitted).started += runs;
  if (admitted !== null && ended !== null) at(ended).started -= runs;
  if (ended !== null) at(ended)[status.toLowerCase() as "success" | "failure" | "canceled"] += runs;
  const [first, last] = [started ?? created, ended ?? Math.floor(Date.now() / GRAIN_MS)];
  const share = 1 / (last - first + 1);
  for (let grain = first; grain <= last && course.steps_succeeded + course.steps_failed > 0; grain++) {
    at(grain).stepsSucceeded += course.steps_succeeded * share;
    at(grain).stepsFailed += course.steps_failed * share;
  }
};
