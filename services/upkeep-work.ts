import { randomUUID } from "node:crypto";
import type { LoggerInstance } from "moleculer";
import type { Counter } from "prom-client";
import { counted } from "../core/counted";
import type { Database } from "../store/database";
import { keptDays } from "../store/retention/expiry";
import { shrinkRuns, sweepRuns, type Swept } from "../store/retention/sweep";
import { sweepGraphs } from "../store/retention/sweep-graphs";
import { sweepAudit, sweepTakeovers, sweepTicks } from "../store/retention/sweep-rows";
import { vacuumTables } from "../store/retention/vacuum";
import { measureStorage } from "../store/storage/measure";
import { leaveTask, takeTask, type UpkeepTask } from "../store/upkeep-tasks";
import { goThrough } from "./upkeep-turn";

/** What is kept how long; null: for ever, and as much as comes. */
export interface Retention {
  readonly days: number | null;
  readonly bytes: number | null;
  readonly auditDays: number | null;
}

const REMOVE_EVERY_MS = 3_600_000;
const MEASURE_EVERY_MS = 600_000;

/** Removes what is past its time and measures what is there, now and then, each in one process of all. */
export class UpkeepWork {
  private readonly owner = randomUUID();
  private readonly stopping = new AbortController();

  constructor(
    private readonly db: Database,
    private readonly retention: Retention,
    private readonly removed: Counter,
    private readonly log: LoggerInstance,
  ) {}

  /** Does what is due and what nobody else does. Never fails: what is left is done the next time. */
  async look(): Promise<void> {
    await this.inTurn("retention", REMOVE_EVERY_MS, () => this.remove());
    await this.inTurn("storage", MEASURE_EVERY_MS, () => this.through("storage", measureStorage(this.db)));
  }

  /** What it does now ends after the transaction in hand. */
  stop(): void {
    this.stopping.abort();
  }

  /** @param work tells whether it is done. */
  private async inTurn(task: UpkeepTask, everyMs: number, work: () => Promise<boolean>): Promise<void> {
    const { db, owner } = this;
    try {
      if (this.stopping.signal.aborted || !(await takeTask(db, { task, owner, everyMs }))) return;
      let done = false;
      try {
        done = await work();
      } finally {
        await leaveTask(db, { task, owner, done });
      }
    } catch (error) {
      this.log.warn(`The upkeep of the database (${task}) goes on later: ${(error as Error).message}`);
    }
  }

  private async remove(): Promise<boolean> {
    const { days, bytes, auditDays } = this.retention;
    const now = await this.now();
    const sum: Swept = { runs: 0, days: 0 };
    const count = ({ runs, days }: Swept): void => {
      sum.runs += runs;
      sum.days += days;
      this.removed.inc(runs);
    };
    // Before runs go: whoever reads one of those now still finds its graph.
    if (!(await this.through("retention", sweepGraphs(this.db)))) return false;
    const kept = await keptDays(this.db, days);
    if (!(await this.through("retention", sweepRuns(this.db, { kept, now }), count))) return false;
    if (bytes !== null && !(await this.through("retention", shrinkRuns(this.db, { bytes, now }), count))) return false;
    if (!(await this.through("retention", sweepTicks(this.db, days)))) return false;
    if (auditDays !== null && !(await this.through("retention", sweepAudit(this.db, auditDays)))) return false;
    if (days !== null && !(await this.through("retention", sweepTakeovers(this.db, days)))) return false;
    if (sum.runs + sum.days === 0) return true;
    const tables = sum.days === 0 ? "" : `, and the tables of ${counted(sum.days, "day")}`;
    this.log.info(`Removed ${counted(sum.runs, "run")} past their time${tables}.`);
    // PostgreSQL does so by itself.
    return this.db.embedded ? this.through("retention", vacuumTables(this.db)) : true;
  }

  private through<Step>(task: UpkeepTask, work: AsyncGenerator<Step>, each?: (step: Step) => void): Promise<boolean> {
    return goThrough({ db: this.db, task, owner: this.owner, signal: this.stopping.signal }, work, each);
  }

  private async now(): Promise<number> {
    const { rows } = await this.db.query<{ now: Date }>("select now() as now");
    return rows[0]!.now.getTime();
  }
}
