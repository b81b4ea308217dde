import type { Carrier } from "./carrier";
import { DqueueError } from "../core/errors";
import { encodeMessage } from "./message";
import type { QueueRef } from "./queues";
import { Room } from "./room";

/** Items that leave in one message, with those who wait for its confirm. */
interface Batch {
  readonly action: string;
  readonly queue: QueueRef;
  readonly priority: number;
  readonly items: string[];
  readonly settled: { resolve: () => void; reject: (error: unknown) => void }[];
  bytes: number;
}

export interface DispatchLimits {
  /** Items dispatched and not yet confirmed; further dispatches wait. */
  maxInFlight: number;
  maxInFlightBytes: number;
  /** A message is closed at this size; a larger item travels alone. */
  maxMessageBytes: number;
  /** Items of a mailbox message; a bundle of steps is as long as its dispatcher made it. */
  maxMailboxItems: number;
}

export const DISPATCH_LIMITS: DispatchLimits = {
  maxInFlight: 2_000,
  maxInFlightBytes: 64 * 1024 * 1024,
  maxMessageBytes: 512 * 1024,
  maxMailboxItems: 200,
};

/** Where an item goes, and with which others it may share a message. */
export interface Address {
  action: string;
  queue: QueueRef;
  priority: number;
  /** Steps only: the name of their bundle, or null to travel alone. */
  bundle: string | null;
}

/** Gathers what is dispatched in one turn of the event loop into messages, and bounds what is unconfirmed. */
export class Dispatcher {
  readonly #room: Room;
  readonly #open = new Map<string, Batch>();
  #full: Batch[] = [];
  #scheduled = false;
  #closed = false;
  #idle: (() => void)[] = [];

  constructor(
    private readonly carrier: Carrier,
    private readonly limits: DispatchLimits,
  ) {
    this.#room = new Room(limits.maxInFlight, limits.maxInFlightBytes);
  }

  /** Resolves when the messages that carry the items, in this order, are confirmed; rejects if one of them fails. */
  dispatch(address: Address, items: readonly string[]): Promise<void> {
    if (this.#closed) return Promise.reject(stopped(address.action));
    if (items.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const sizes = items.map((item) => Buffer.byteLength(item));
      const bytes = sizes.reduce((sum, size) => sum + size, 0);
      let open = 0;
      const part = { resolve: () => void (--open === 0 && resolve()), reject };
      this.#room.take(items.length, bytes, () => {
        let last: Batch | null = null;
        items.forEach((item, index) => {
          const batch = this.#add(address, item, sizes[index]!);
          if (batch === last) return;
          last = batch;
          open++;
          batch.settled.push(part);
        });
      });
    });
  }

  /** Resolves when everything dispatched is confirmed, or false when `ms` have passed before. */
  async drain(ms: number): Promise<boolean> {
    if (this.#room.inFlight + this.#room.waiting === 0) return true;
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), ms);
      this.#idle.push(() => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }

  close(): void {
    this.#closed = true;
  }

  get unconfirmed(): number {
    return this.#room.inFlight + this.#room.waiting;
  }

  /** Puts an item into the message that leaves with the next flush; returns that. */
  #add(address: Address, item: string, bytes: number): Batch {
    const { action, queue, priority } = address;
    const mailbox = queue.kind === "mailbox";
    const alone = !mailbox && address.bundle === null;
    const key = `${queue.name}\n${action}\n${priority}\n${address.bundle ?? ""}`;
    let batch = alone ? undefined : this.#open.get(key);
    const full =
      batch &&
      (batch.bytes + bytes > this.limits.maxMessageBytes ||
        (mailbox && batch.items.length >= this.limits.maxMailboxItems));
    if (batch && full) {
      this.#full.push(batch);
      batch = undefined;
    }
    if (!batch) {
      batch = { action, queue, priority, items: [], settled: [], bytes: 0 };
      if (alone) this.#full.push(batch);
      else this.#open.set(key, batch);
    }
    batch.items.push(item);
    batch.bytes += bytes;
    if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => this.#flush());
    }
    return batch;
  }

  #flush(): void {
    this.#scheduled = false;
    const batches = [...this.#full, ...this.#open.values()];
    this.#full = [];
    this.#open.clear();
    for (const batch of batches) void this.#send(batch);
  }

  async #send(batch: Batch): Promise<void> {
    const { queue, priority, items, settled, bytes } = batch;
    try {
      await this.carrier.publish({ queue, priority, body: encodeMessage(batch.action, items) });
      for (const waiting of settled) waiting.resolve();
    } catch (error) {
      for (const waiting of settled) waiting.reject(error);
    }
    this.#room.give(items.length, bytes);
    if (this.#room.inFlight + this.#room.waiting > 0) return;
    for (const idle of this.#idle.splice(0)) idle();
  }
}

const stopped = (action: string): DqueueError =>
  new DqueueError("BUS_STOPPED", `Nothing can be dispatched to ${action}: this node has stopped.`);
