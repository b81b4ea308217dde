import type { LoggerInstance, ServiceBroker } from "moleculer";
import "../bus/durable-actions";
import type { MailboxItem } from "../core/messages";

type Look = Extract<MailboxItem, { type: "look" }>;

/**
 * Lines that say "look" to the owners of shards. Nobody waits for them: what a lost line asks for is found by the
 * owner's sweep. One line of a kind is under way at a time, and one more follows for all that came meanwhile.
 */
export class Lines {
  private readonly underWay = new Map<string, { again: boolean; sent: Promise<void> }>();

  constructor(
    private readonly broker: ServiceBroker,
    private readonly log: LoggerInstance,
  ) {}

  look(line: Look): void {
    const kind = `${line.shard} ${line.at} ${line.run ?? ""}`;
    const before = this.underWay.get(kind);
    if (before) before.again = true;
    else this.underWay.set(kind, { again: false, sent: this.send(kind, line) });
  }

  async settled(): Promise<void> {
    await Promise.all([...this.underWay.values()].map(({ sent }) => sent));
  }

  private async send(kind: string, line: Look): Promise<void> {
    do {
      const state = this.underWay.get(kind);
      if (state) state.again = false;
      await this.broker
        .dispatch("coordinator.receive", line, { key: line.shard })
        .catch((error: Error) => this.log.warn(`Shard ${line.shard} finds by its sweep what is new: ${error.message}`));
    } while (this.underWay.get(kind)?.again);
    this.underWay.delete(kind);
  }
}
