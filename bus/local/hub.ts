import type { OutgoingMessage, QueueDepth } from "../carrier";

/** A message in memory. `redelivered`: someone has had it in hand. */
export interface StoredMessage {
  readonly body: Buffer;
  readonly priority: number;
  redelivered: boolean;
}

const PRIORITIES = 10;

/** A queue in memory: by priority, then in order of arrival. Its consumers pull; each push wakes one after another. */
export class LocalQueue {
  readonly #lists: StoredMessage[][] = Array.from({ length: PRIORITIES }, () => []);
  /** Consumers in order of arrival; each returns whether it took something. */
  readonly consumers = new Set<() => void>();
  /** In hand of consumers. */
  unacked = 0;

  push(message: StoredMessage): void {
    this.#lists[message.priority]!.push(message);
    this.wake();
  }

  /** Gives messages back to the front, in the order given. */
  putBack(messages: StoredMessage[]): void {
    for (const message of messages.reverse()) {
      message.redelivered = true;
      this.#lists[message.priority]!.unshift(message);
    }
    this.wake();
  }

  shift(): StoredMessage | undefined {
    for (let priority = PRIORITIES - 1; priority >= 0; priority--) {
      const message = this.#lists[priority]!.shift();
      if (message) return message;
    }
    return undefined;
  }

  /** Lets consumers pull, the one that was served last at the end of the line. */
  wake(): void {
    for (const consumer of [...this.consumers]) consumer();
  }

  get length(): number {
    return this.#lists.reduce((sum, list) => sum + list.length, 0);
  }
}

/** The memory that local buses of one process share: what RabbitMQ is to the distributed ones. Empty at the start. */
export class LocalHub {
  readonly #queues = new Map<string, LocalQueue>();
  readonly #topics = new Map<string, Set<(body: string) => void>>();

  queue(name: string): LocalQueue {
    let queue = this.#queues.get(name);
    if (!queue) this.#queues.set(name, (queue = new LocalQueue()));
    return queue;
  }

  publish({ queue, body, priority }: OutgoingMessage): void {
    this.queue(queue.name).push({ body, priority, redelivered: false });
  }

  depth(name: string): QueueDepth {
    const queue = this.#queues.get(name);
    return { messages: queue?.length ?? 0, consumers: queue?.consumers.size ?? 0 };
  }

  /** By queue. */
  unacked(): Map<string, number> {
    return new Map([...this.#queues].map(([name, { unacked }]) => [name, unacked]));
  }

  topic(name: string): Set<(body: string) => void> {
    let listeners = this.#topics.get(name);
    if (!listeners) this.#topics.set(name, (listeners = new Set()));
    return listeners;
  }
}
