import type { Carrier, OpenMailbox } from "./carrier";
import type { QueueNames } from "./queues";
import type { Receiving } from "./receive";

/** The mailboxes of one action on this node. */
export interface MailboxDoor {
  /**
   * Resolves when the mailbox is consumed. At most one node gets its messages at a time; a second that opens it waits
   * behind the first. Pending while the broker cannot be reached or the queue cannot be used (`bus.problems()`).
   */
  open(key: string | number): Promise<void>;
  /**
   * `requeue`: at once, and what is in hand goes back in its order, also where a close without it waits. Otherwise what
   * is in hand ends and is acked.
   */
  close(key: string | number, how?: { requeue?: boolean }): Promise<void>;
}

/** The mailboxes that this node has open. */
export class Mailboxes {
  readonly #open = new Map<string, OpenMailbox>();
  /** Those that wait for what they have in hand. */
  readonly #closing = new Map<string, OpenMailbox>();

  constructor(
    private readonly carrier: Carrier,
    private readonly receiving: Receiving,
  ) {}

  of(action: string, key: string, names: QueueNames): MailboxDoor {
    return {
      open: async (value) => {
        const queue = names.mailbox(key, value);
        const mailbox = this.#open.get(queue.name) ?? this.carrier.openMailbox(queue, this.receiving.receive);
        this.#open.set(queue.name, mailbox);
        await mailbox.opened;
      },
      close: async (value, { requeue = false } = {}) => {
        const { name } = names.mailbox(key, value);
        const mailbox = this.#open.get(name);
        this.#open.delete(name);
        if (requeue) await Promise.all([mailbox?.close({ requeue }), this.#closing.get(name)?.close({ requeue })]);
        else if (mailbox) await this.#closeInOrder(name, mailbox);
      },
    };
  }

  async #closeInOrder(name: string, mailbox: OpenMailbox): Promise<void> {
    this.#closing.set(name, mailbox);
    try {
      await mailbox.close({ requeue: false });
    } finally {
      if (this.#closing.get(name) === mailbox) this.#closing.delete(name);
    }
  }

  /** Closes what its owners have left open. */
  async close(): Promise<void> {
    const all = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(all.map((mailbox) => mailbox.close({ requeue: true })));
  }
}
