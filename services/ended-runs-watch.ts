import type { LoggerInstance } from "moleculer";
import type { RunStatus } from "../core/status";

const COALESCE_MS = 200;

/** Makes run-status sensors due soon after runs have ended, many of them at once. */
export class EndedRunsWatch {
  private readonly statuses = new Set<RunStatus>();
  private timer: NodeJS.Timeout | null = null;
  private waking: Promise<void> = Promise.resolve();

  constructor(
    private readonly wake: (statuses: RunStatus[]) => Promise<void>,
    private readonly log: LoggerInstance,
  ) {}

  ended(statuses: readonly RunStatus[]): void {
    for (const status of statuses) this.statuses.add(status);
    if (statuses.length > 0) this.timer ??= setTimeout(() => this.flush(), COALESCE_MS);
  }

  async stop(): Promise<void> {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    await this.waking;
  }

  private flush(): void {
    this.timer = null;
    const statuses = [...this.statuses];
    this.statuses.clear();
    this.waking = this.wake(statuses).catch((error: Error) =>
      this.log.warn(`Run-status sensors see ended runs at their next interval: ${error.message}`),
    );
  }
}
