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
const MAX_KNOWN = 10_000;

/** The names of a namespace's queues and exchanges. Quorum queues have names of their own: the arguments differ. */
export class QueueNames {
  readonly #prefix: string;
  /** Of queues that were named before: there are few, and each message names one. */
  readonly #known = new Map<string, QueueRef>();

  constructor(
    namespace: string,
    readonly type: QueueType = "classic",
  ) {
    this.#prefix = `dqueue.${namespace}`;
  }

  steps(queue: string): QueueRef {
    return this.#ref("steps", "steps", queue, { label: queue, key: null });
  }

  mailbox(key: string, value: string | number): QueueRef {
    return this.#ref("mailbox", key, String(value), { label: key, key: String(value) });
  }

  exchange(name: string): string {
    return `${this.#prefix}.${name}`;
  }

  #ref(kind: QueueRef["kind"], group: string, queue: string, of: Pick<QueueRef, "label" | "key">): QueueRef {
    const known = this.#known.get(`${kind}\n${group}\n${queue}`);
    if (known) return known;
    const ref = { name: this.#name(group, queue), kind, ...of };
    if (this.#known.size < MAX_KNOWN) this.#known.set(`${kind}\n${group}\n${queue}`, ref);
    return ref;
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
