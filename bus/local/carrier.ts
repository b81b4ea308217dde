import type {
  Carrier,
  Fanout,
  IntakeOptions,
  OpenMailbox,
  OutgoingMessage,
  QueueDepth,
  Receiver,
  StepIntake,
} from "../carrier";
import { type Log, messageOf } from "../log";
import type { QueueNames, QueueRef } from "../queues";
import type { LocalHub } from "./hub";
import { LocalMailbox } from "./mailbox";
import { LocalSteps } from "./steps";

/** The work plane in memory, for the embedded mode: one process, nothing survives it, takeover repairs the rest. */
export class LocalCarrier implements Carrier {
  readonly #intakes: LocalSteps[] = [];

  constructor(
    private readonly hub: LocalHub,
    private readonly names: QueueNames,
    private readonly log: Log,
  ) {}

  start(): void {}

  async publish(message: OutgoingMessage): Promise<void> {
    this.hub.publish(message);
  }

  openMailbox(queue: QueueRef, receive: Receiver): OpenMailbox {
    return new LocalMailbox(this.hub.queue(queue.name), queue, receive);
  }

  takeSteps(options: IntakeOptions): StepIntake {
    const intake = new LocalSteps(this.hub, options);
    this.#intakes.push(intake);
    return intake;
  }

  async queueDepth(queue: QueueRef): Promise<QueueDepth> {
    return this.hub.depth(queue.name);
  }

  async unacked(): Promise<Map<string, number>> {
    return this.hub.unacked();
  }

  fanout<T>(name: string): Fanout<T> {
    const listeners = this.hub.topic(this.names.exchange(name));
    return {
      publish: async (message) => {
        const body = JSON.stringify(message); // a copy for each listener, as over the wire
        setImmediate(() => {
          for (const hear of [...listeners]) hear(body);
        });
      },
      subscribe: async (listener) => {
        const hear = (body: string): void => {
          try {
            listener(JSON.parse(body) as T);
          } catch (error) {
            this.log.error(`A listener of ${name} failed: ${messageOf(error)}`);
          }
        };
        listeners.add(hear);
        return () => void listeners.delete(hear);
      },
    };
  }

  problems(): string[] {
    return [];
  }

  async ready(): Promise<void> {}

  async endIntakes(ms: number): Promise<void> {
    await Promise.all(this.#intakes.map((intake) => intake.close(ms)));
  }

  async close(): Promise<void> {}
}
