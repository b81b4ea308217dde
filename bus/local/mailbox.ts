import type { OpenMailbox, Receiver } from "../carrier";
import type { QueueRef } from "../queues";
import type { LocalQueue, StoredMessage } from "./hub";

const PREFETCH = 50;
const RETRY_MS = 100;

/** Consumes a mailbox in memory. Only the first of its consumers is served, as RabbitMQ's single-active does. */
export class LocalMailbox implements OpenMailbox {
  readonly opened = Promise.resolve();
  /** In order of delivery: what `requeue` gives back. */
  #inHand = new Map<StoredMessage, Promise<void>>();
  #closed = false;
  #waiting = false;

  constructor(
    private readonly memory: LocalQueue,
    private readonly queue: QueueRef,
    private readonly receive: Receiver,
  ) {
    memory.consumers.add(this.#pull);
    setImmediate(this.#pull);
  }

  async close({ requeue }: { requeue: boolean }): Promise<void> {
    this.#closed = true;
    if (!requeue) await Promise.all(this.#inHand.values());
    this.memory.consumers.delete(this.#pull);
    this.#giveBack();
  }

  #pull = (): void => {
    if (this.#closed || this.#waiting || [...this.memory.consumers][0] !== this.#pull) return;
    while (this.#inHand.size < PREFETCH) {
      const message = this.memory.shift();
      if (!message) return;
      this.#inHand.set(message, this.#take(message));
    }
  };

  async #take(message: StoredMessage): Promise<void> {
    const inHand = this.#inHand;
    const { body, redelivered } = message;
    try {
      await this.receive({ queue: this.queue, body, redelivered, noSlot: false });
      inHand.delete(message);
      this.#pull();
    } catch {
      if (this.#inHand !== inHand) return; // given back already
      // All of it comes again, not this one alone: else a mark could overtake the report that failed.
      this.#waiting = true;
      this.#giveBack();
      setTimeout(() => {
        this.#waiting = false;
        this.#pull();
      }, RETRY_MS);
    }
  }

  #giveBack(): void {
    const messages = [...this.#inHand.keys()];
    this.#inHand = new Map();
    this.memory.putBack(messages);
  }
}
