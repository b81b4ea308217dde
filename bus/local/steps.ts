import type { Arrival, IntakeOptions, StepIntake } from "../carrier";
import type { QueueRef } from "../queues";
import type { LocalHub, StoredMessage } from "./hub";

const RETRY_MS = 1_000;

/** Takes steps from queues in memory: whenever a slot is free, the next message of the queues in turn. */
export class LocalSteps implements StepIntake {
  #used = 0;
  #stopped = false;
  #first = 0;
  readonly #paused = new Set<string>();
  readonly #inHand = new Set<Promise<void>>();

  constructor(
    private readonly hub: LocalHub,
    private readonly options: IntakeOptions,
  ) {
    for (const { name } of options.queues) hub.queue(name).consumers.add(this.#pull);
    setImmediate(this.#pull);
  }

  get used(): number {
    return this.#used;
  }

  async pause(queue: string): Promise<void> {
    this.#paused.add(queue);
  }

  async resume(queue: string): Promise<void> {
    this.#paused.delete(queue);
    this.#pull();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const { name } of this.options.queues) this.hub.queue(name).consumers.delete(this.#pull);
  }

  async close(ms: number): Promise<void> {
    await this.stop();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => (timer = setTimeout(resolve, ms)));
    await Promise.race([Promise.all(this.#inHand), late]);
    clearTimeout(timer);
  }

  #pull = (): void => {
    const { queues, slots } = this.options;
    for (let empty = 0; empty < queues.length && this.#used < slots && !this.#stopped;) {
      const queue = queues[this.#first++ % queues.length]!;
      const message = this.#paused.has(queue.label) ? undefined : this.hub.queue(queue.name).shift();
      empty = message ? 0 : empty + 1;
      if (message) this.#accept(queue, message);
    }
  };

  #accept(queue: QueueRef, message: StoredMessage): void {
    const from = this.hub.queue(queue.name);
    this.#used++;
    from.unacked++;
    const taking = this.#perform(queue, message).finally(() => {
      this.#used--;
      from.unacked--;
      this.#inHand.delete(taking);
      this.#pull();
    });
    this.#inHand.add(taking);
  }

  async #perform(queue: QueueRef, { body, redelivered }: StoredMessage): Promise<void> {
    let arrival: Arrival = { queue, body, redelivered, noSlot: false };
    while (true) {
      try {
        return await this.options.receive(arrival);
      } catch {
        // Again as redelivered, as on RabbitMQ: the worker gives it back by a report instead of running it twice.
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        arrival = { ...arrival, redelivered: true };
      }
    }
  }
}
