import type { LoggerInstance } from "moleculer";
import type { Database } from "../../store/database";
import { fromWire } from "../wire-errors";

const LOOK_MS = 1_000;
/** So long after the last failure the database counts as there again. */
const QUIET_MS = 5_000;

/** What is said of a database that is away: one line when it goes and one when it is back, not one for each request. */
export class Outage {
  private lastFailureAt = 0;
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly db: Database,
    private readonly log: Pick<LoggerInstance, "error" | "warn">,
  ) {}

  /** Whether this error is the database's: then all has been said of it. */
  explains(error: unknown): boolean {
    const { code = "", message = "" } = fromWire(error) ?? {};
    if (!code.startsWith("DATABASE_")) return false;
    this.lastFailureAt = performance.now();
    if (this.timer) return true;
    this.log.error(`Requests fail for want of the database. ${message} This is said once, and when it is over.`);
    this.timer = setInterval(() => void this.look(), LOOK_MS).unref();
    return true;
  }

  stop(): void {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
  }

  private async look(): Promise<void> {
    if (performance.now() - this.lastFailureAt < QUIET_MS) return;
    const answers = await this.db.query("select 1").then(
      () => true,
      () => false,
    );
    if (!answers || !this.timer) return;
    this.stop();
    this.log.warn("The database answers again.");
  }
}
