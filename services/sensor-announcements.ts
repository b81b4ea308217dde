import type { LoggerInstance, ServiceBroker } from "moleculer";
import type {} from "../bus";
import { tellApi } from "./tell-api";

const COALESCE_MS = 100;

/** Tells others what sensors have done: who shows ticks, and who admits runs. What is lost is found by their sweeps. */
export class Announcements {
  private readonly names = new Set<string>();
  private timer: NodeJS.Timeout | null = null;
  private looking: Promise<void> | null = null;
  private lookAgain = false;

  constructor(
    private readonly broker: ServiceBroker,
    private readonly log: LoggerInstance,
  ) {}

  /** A sensor's tick or state has changed; `launched`: runs wait to be admitted. */
  ticked(sensor: string, launched: boolean): void {
    this.names.add(sensor);
    this.timer ??= setTimeout(() => this.flush(), COALESCE_MS);
    if (launched) this.look();
  }

  /** Says what is left to say and waits for it. */
  async settled(): Promise<void> {
    this.flush();
    await this.looking;
  }

  private flush(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    if (this.names.size === 0) return;
    const instigators = [...this.names];
    this.names.clear();
    void tellApi(this.broker, "ticks.changed", { instigators }).catch(() => {});
  }

  /** One line at a time, and one more for all that came meanwhile. */
  private look(): void {
    if (this.looking) {
      this.lookAgain = true;
      return;
    }
    this.looking = this.broker
      .dispatch("coordinator.receive", { type: "look", shard: 0, at: "queue" }, { key: 0 })
      .catch((error: Error) => this.log.warn(`The admitter finds the new runs by its sweep: ${error.message}`))
      .then(() => {
        this.looking = null;
        if (!this.lookAgain) return;
        this.lookAgain = false;
        this.look();
      });
  }
}
