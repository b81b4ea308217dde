import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { LoggerInstance } from "moleculer";
import { type Counter } from "prom-client";
import type { Database } from "../store/database";
import { keptDays } from "../store/retention/expiry";
import { shrinkRuns, sweepRuns, type Swept } from "../store/retention/sweep";
import { sweepAudit, sweepTicks } from "../store/retention/sweep-rows";
import { vacuumTables } from "../store/retention/vacuum";
import { leaveTask, renewTask, takeTask } from "../store/upkeep-tasks";

/** What is kept how long; null: for ever, and as much as comes. */
export interface Retention {
  readonly days: number | null;
  readonly bytes: number | null;
  readonly auditDays: number | null;
}

const EVERY_MS = 3_600_000;
const RENEW_MS = 10_000;
/** Between two transactions: as long as the first one took, within these. */
const SHORTEST_REST_MS = 5;
const LONGEST_REST_MS = 1_000;

/** What a step of a sweep tells, if anything. */
type Sweep = AsyncGenerator<Swept | number | void>;

/** Removes what is past its time, once an hour, in one process of all, with rests in which all others go on. */
export class RetentionWork {
  private readonly owner = randomUUID();
  private readonly stopping = new AbortController();

  constructor(
    private readonly db: Database,
    private readonly retention: Retention,
    private readonly removed: Counter,
    private readonly log: LoggerInstance,
  ) {}

  /** Does it where it is due and nobody else does. Never fails: what is left is done the next time. */
  async look(): Promise<void> {
    const task = { task: "retention", owner: this.owner } as const;
    try {
      if (!(await takeTask(this.db, { ...task, everyMs: EVERY_MS }))) return;
      let done = false;
      try {
        done = await this.sweep();
      } finally {
        await leaveTask(this.db, { ...task, done });
      }
    } catch (error) {
      this.log.warn(`What is past its time is removed later: ${(error as Error).message}`);
    }
  }

  /** What it does now ends after the transaction in hand. */
  stop(): void {
    this.stopping.abort();
  }

  /** @returns false where it was broken off. */
  private async sweep(): Promise<boolean> {
    const { days, bytes, auditDays } = this.retention;
    const now = await this.now();
    const sum: Swept = { runs: 0, days: 0 };
    const sweeps: Sweep[] = [
      sweepRuns(this.db, { kept: await keptDays(this.db, days), now }),
      ...(bytes === null ? [] : [shrinkRuns(this.db, { bytes, now })]),
      sweepTicks(this.db, days),
      ...(auditDays === null ? [] : [sweepAudit(this.db, auditDays)]),
    ];
    for (const sweep of sweeps) if (!(await this.goThrough(sweep, sum))) return false;
    if (sum.runs + sum.days === 0) return true;
    this.log.info(`Removed ${sum.runs} runs that were past their time, and the tables of ${sum.days} days.`);
    // PostgreSQL does so by itself.
    return this.db.embedded ? this.goThrough(vacuumTables(this.db), sum) : true;
  }

  private async goThrough(sweep: Sweep, sum: Swept): Promise<boolean> {
    let renewedAt = performance.now();
    let began = renewedAt;
    for await (const swept of sweep) {
      if (typeof swept === "object") {
        sum.runs += swept.runs;
        sum.days += swept.days;
        this.removed.inc(swept.runs);
      }
      await this.rest(performance.now() - began);
      if (this.stopping.signal.aborted) return false;
      began = performance.now();
      if (began - renewedAt < RENEW_MS) continue;
      if (!(await renewTask(this.db, "retention", this.owner))) return false;
      renewedAt = began;
    }
    return true;
  }

  private async rest(ms: number): Promise<void> {
    const bounded = Math.min(LONGEST_REST_MS, Math.max(SHORTEST_REST_MS, ms));
    await sleep(bounded, undefined, { signal: this.stopping.signal, ref: false }).catch(() => undefined);
  }

  private async now(): Promise<number> {
    const { rows } = await this.db.query<{ now: Date }>("select now() as now");
    return rows[0]!.now.getTime();
  }
}
