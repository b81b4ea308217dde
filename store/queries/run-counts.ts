import { RUN_STATUSES, runHasEnded, type RunStatus } from "../../core/status";
import type { Queryable } from "../database";

/** Deleted runs are noticed by then. */
const RECOUNT_MS = 3_600_000;

/**
 * How many runs have which status. History is counted once; afterwards only what has ended since is added, since
 * counting millions of rows at each scrape would be felt.
 */
export class RunCounts {
  private ended: { counts: Map<RunStatus, number>; upTo: string; at: number } | null = null;
  private reading: Promise<Map<RunStatus, number>> | null = null;

  constructor(private readonly db: Queryable) {}

  read(): Promise<Map<RunStatus, number>> {
    return (this.reading ??= this.count().finally(() => (this.reading = null)));
  }

  private async count(): Promise<Map<RunStatus, number>> {
    const upTo = await this.horizon();
    const fresh = !this.ended || performance.now() - this.ended.at > RECOUNT_MS;
    const counts = fresh ? new Map<RunStatus, number>() : this.ended!.counts;
    for (const { status, runs } of await this.endedBetween(fresh ? null : this.ended!.upTo, upTo))
      counts.set(status, (counts.get(status) ?? 0) + runs);
    this.ended = { counts, upTo, at: fresh ? performance.now() : this.ended!.at };
    const live = await this.live();
    return new Map(RUN_STATUSES.map((s) => [s, (runHasEnded(s) ? counts.get(s) : live.get(s)) ?? 0]));
  }

  private async horizon(): Promise<string> {
    const { rows } = await this.db.query<{ xmin: string }>(
      `select pg_snapshot_xmin(pg_current_snapshot())::text as xmin`,
    );
    return rows[0]!.xmin;
  }

  /** A run's status changes for the last time when it ends. By runs_ended at first, then by runs_changed. */
  private async endedBetween(from: string | null, to: string): Promise<{ status: RunStatus; runs: number }[]> {
    const { rows } = await this.db.query<{ status: RunStatus; runs: number }>(
      `select status, count(*) as runs from runs
       where ended_at is not null and changed < $2::xid8 and ($1::xid8 is null or changed >= $1::xid8)
       group by status`,
      [from, to],
    );
    return rows;
  }

  /** By runs_live. */
  private async live(): Promise<Map<RunStatus, number>> {
    const { rows } = await this.db.query<{ status: RunStatus; runs: number }>(
      `select status, count(*) as runs from runs where ended_at is null group by status`,
    );
    return new Map(rows.map(({ status, runs }) => [status, runs]));
  }
}
