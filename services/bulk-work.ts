import { randomUUID } from "node:crypto";
import type { LoggerInstance } from "moleculer";
import { DqueueError } from "../core/errors";
import { endBulkAction, type Refusal } from "../store/bulk-actions";
import {
  BulkActionLost,
  type BulkRun,
  type HeldBulkAction,
  nextBulkRuns,
  noteProgress,
  releaseBulkActions,
  renewBulkActions,
  takeBulkActions,
} from "../store/bulk-progress";
import type { Database } from "../store/database";
import { clearError } from "../store/errors";
import { BULK_ACTS } from "./bulk-acts";
import type { Lines } from "./lines";

/** How often an owner says that it lives, and looks for what nobody holds. */
const LOOK_MS = 5_000;
const AT_ONCE = 4;
const PAGE = 500;

/** Does what bulk actions say, a few runs at a time. Of any number of web servers one holds an action. */
export class BulkWork {
  private readonly owner = randomUUID();
  private readonly inHand = new Map<string, Promise<void>>();
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly db: Database,
    private readonly lines: Lines,
    private readonly log: LoggerInstance,
  ) {}

  start(): void {
    this.timer = setInterval(() => this.look(), LOOK_MS).unref();
    this.look();
  }

  /** There may be something to do. */
  look(): void {
    this.looking = this.looking
      .then(() => this.take())
      .catch((error: Error) => this.log.warn(`Bulk actions wait: ${error.message}`));
  }

  /** Waits for the runs in hand; what is left is another's, or this server's when it is back. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.looking;
    await Promise.all(this.inHand.values());
    await releaseBulkActions(this.db, this.owner).catch(() => undefined);
  }

  private async take(): Promise<void> {
    if (this.stopped) return;
    if (this.inHand.size > 0) await renewBulkActions(this.db, this.owner);
    const inHand = [...this.inHand.keys()];
    for (const action of await takeBulkActions(this.db, { owner: this.owner, inHand, atMost: AT_ONCE - inHand.length }))
      this.inHand.set(action.id, this.workOn(action));
  }

  private async workOn(action: HeldBulkAction): Promise<void> {
    try {
      await this.goThrough(action);
    } catch (error) {
      // Lost: stopped, or another's. Else the next look takes it again, where it stands.
      if (!(error instanceof BulkActionLost))
        this.log.warn(`Bulk action ${action.id} goes on later: ${(error as Error).message}`);
    } finally {
      this.inHand.delete(action.id);
    }
  }

  private async goThrough(action: HeldBulkAction): Promise<void> {
    const { atOnce } = BULK_ACTS[action.verb];
    for (;;) {
      const runs = await nextBulkRuns(this.db, action, PAGE);
      if (runs.length === 0) return endBulkAction(this.db, action.id, "DONE");
      for (let at = 0; at < runs.length; at += atOnce) {
        if (this.stopped) return;
        await this.doTo(action, runs.slice(at, at + atOnce));
      }
      action.position = runs.at(-1)!;
    }
  }

  /** What is done and that it is done are one transaction. */
  private async doTo(action: HeldBulkAction, runs: readonly BulkRun[]): Promise<void> {
    const ids = runs.map(({ id }) => id);
    const progress = { id: action.id, owner: this.owner, reached: runs.at(-1)! };
    try {
      const act = await BULK_ACTS[action.verb].prepare(this.db, action, ids);
      const look = await this.db.transaction(async (tx) => {
        const { refusals, look } = await act(tx);
        await noteProgress(tx, { ...progress, done: ids.length - refusals.length, refusals });
        return look;
      });
      look.forEach((line) => this.lines.look(line));
    } catch (error) {
      const refusals = ids.map((id) => this.refusalOf(id, error));
      await noteProgress(this.db, { ...progress, done: 0, refusals });
    }
  }

  /** @throws what a later try may mend. */
  private refusalOf(run_id: string, error: unknown): Refusal {
    const clear = clearError(error);
    if (clear instanceof BulkActionLost) throw clear;
    if (!(clear instanceof DqueueError)) {
      this.log.error("A bulk action could not deal with a run:", error, { run: run_id });
      return { run_id, code: "INTERNAL_ERROR", detail: "The server has logged what happened." };
    }
    const { code, message } = clear;
    // A run that is too much for the database in one statement stays so; everything else passes.
    if (code.startsWith("DATABASE_") && code !== "DATABASE_TIMEOUT") throw clear;
    return { run_id, code, detail: message };
  }
}
