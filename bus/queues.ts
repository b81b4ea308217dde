import { DqueueError } from "../core/errors";

/** How an action is durable: steps for competing consumers, or a mailbox for each value of a key. */
export type Durable = { queue: string } | { key: string };

/** A queue of the work plane. Its name is permanent: it stands in brokers that outlive a release. */
export interface QueueRef {
  readonly name: string;
  readonly kind: "steps" | "mailbox";
  /** The name that dispatchers use: of the step queue, or of the mailbox's key ("shard"). */
  readonly label: string;
  /** Of a mailbox: the value of its key. */
  readonly key: string | null;
}

export type QueueType = "classic" | "quorum";

const MAX_NAME_BYTES = 255;

/** The names of a namespace's queues and exchanges. Quorum queues have names of their own: the arguments differ. */
export class QueueNames {
  readonly #prefix: string;

  constructor(
    namespace: string,
    readonly type: QueueType = "classic",
  ) {
    this.#prefix = `dqueue.${namespace}`;
  }

  steps(queue: string): QueueRef {
    return { name: this.#name("steps", queue), kind: "steps", label: queue, key: null };
  }

  mailbox(key: string, value: string | number): QueueRef {
    return { name: this.#name(key, String(value)), kind: "mailbox", label: key, key: String(value) };
  }

  exchange(name: string): string {
    return `${this.#prefix}.${name}`;
  }

  #name(group: string, queue: string): string {
    const name = `${this.#prefix}${this.type === "quorum" ? ".quorum" : ""}.${group}.${queue}`;
    if (queue !== "" && Buffer.byteLength(name) <= MAX_NAME_BYTES) return name;
    throw new DqueueError(
      "QUEUE_NAME_INVALID",
      `The queue name "${name.slice(0, 300)}" has ${Buffer.byteLength(name)} bytes; RabbitMQ takes 1 to ${MAX_NAME_BYTES}. Choose a shorter queue name.`,
    );
  }
}
