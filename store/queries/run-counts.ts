import { RUN_STATUSES, runHasEnded, type RunStatus } from "../../core/status";
import type { Queryable } from "../database";
import { horizon } from "./horizon";

/** What ended and was deleted before it was settled, or between two looks, is noticed by then. */
const RECOUNT_MS = 3_600_000;

interface Ended {
  status: RunStatus;
  runs: number;
  /** Those that have ever gone. */
  gone: number;
}

interface History {
  counts: Map<RunStatus, number>;
  /** Those that had gone before it was counted. */
  gone: Map<RunStatus, number>;
  upTo: string;
  at: number;
}

/**
 * How many runs have which status. History is counted once; afterwards what has ended since is added and what was
 * removed is taken off, since counting millions of rows at each scrape would be felt.
 */
export class RunCounts {
  private history: History | null = null;
  private reading: Promise<Map<RunStatus, number>> | null = null;

  constructor(private readonly db: Queryable) {}

  read(): Promise<Map<RunStatus, number>> {
    return (this.reading ??= this.count().finally(() => (this.reading = null)));
  }

  private async count(): Promise<Map<RunStatus, number>> {
    const upTo = await horizon(this.db);
    const old = this.history && performance.now() - this.history.at <= RECOUNT_MS ? this.history : null;
    const ended = await this.endedBetween(old?.upTo ?? null, upTo);
    const gone = new Map(ended.map((row) => [row.status, row.gone]));
    const history = old ?? { counts: new Map<RunStatus, number>(), gone, upTo, at: performance.now() };
    for (const { status, runs } of ended) history.counts.set(status, (history.counts.get(status) ?? 0) + runs);
    this.history = { ...history, upTo };
    const unsettled = await this.unsettled(upTo);
    const settled = (status: RunStatus): number =>
      history.counts.get(status)! - gone.get(status)! + history.gone.get(status)!;
    const count = (s: RunStatus): number => (runHasEnded(s) ? settled(s) : 0) + (unsettled.get(s) ?? 0);
    return new Map(RUN_STATUSES.map((s) => [s, Math.max(0, count(s))]));
  }

  /** A run's status changes for the last time when it ends. By runs_ended at first, then by runs_changed. */
  private async endedBetween(from: string | null, to: string): Promise<Ended[]> {
    const { rows } = await this.db.query<Ended>(
      `with ended as (
         select status, count(*) as runs from runs
         where ended_at is not null and changed < $2::xid8 and ($1::xid8 is null or changed >= $1::xid8)
         group by status
       )
       select status, coalesce(ended.runs, 0) as runs, coalesce(gone.runs, 0) as gone
       from unnest($3::text[]) as status left join ended using (status) left join gone_runs gone using (status)`,
      [from, to, RUN_STATUSES.filter(runHasEnded)],
    );
    return rows;
  }

  /** What goes on, and what has ended in a transaction that history does not hold yet. By runs_live and runs_changed. */
  private async unsettled(upTo: string): Promise<Map<RunStatus, number>> {
    const { rows } = await this.db.query<{ status: RunStatus; runs: number }>(
      `select status, count(*) as runs from runs where ended_at is null or changed >= $1::xid8 group by status`,
      [upTo],
    );
    return new Map(rows.map(({ status, runs }) => [status, runs]));
  }
}
