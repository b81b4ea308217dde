import type { Carrier } from "./carrier";
import { DqueueError } from "../core/errors";
import { encodeItems, encodeMessage, type ItemContext, type Packet } from "./message";
import type { QueueRef } from "./queues";
import { Room } from "./room";

/** Items that leave in one message, with those who wait for its confirm. */
interface Batch {
  readonly action: string;
  readonly queue: QueueRef;
  readonly priority: number;
  readonly packets: Packet[];
  readonly settled: { resolve: () => void; reject: (error: unknown) => void }[];
  count: number;
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

/**
 * Gathers what is dispatched together into messages, and bounds what is unconfirmed. While messages are on their way,
 * what one turn of the event loop brings is together; else what one piece of work does, and it goes at once.
 */
export class Dispatcher {
  readonly #room: Room;
  readonly #open = new Map<string, Batch>();
  #full: Batch[] = [];
  #scheduled = false;
  /** Messages that are not confirmed yet. */
  #sending = 0;
  #closed = false;
  #idle: (() => void)[] = [];

  constructor(
    private readonly carrier: Carrier,
    private readonly limits: DispatchLimits,
  ) {
    this.#room = new Room(limits.maxInFlight, limits.maxInFlightBytes);
  }

  /** Resolves when the messages that carry the items, in this order, are confirmed; rejects if one of them fails. */
  dispatch(address: Address, items: readonly unknown[], context: ItemContext = {}): Promise<void> {
    if (this.#closed) return Promise.reject(stopped(address.action));
    if (items.length === 0) return Promise.resolve();
    const packets = encodeItems(items, context, { bytes: this.limits.maxMessageBytes, count: this.#itemsOf(address) });
    const bytes = packets.reduce((sum, packet) => sum + packet.bytes, 0);
    return new Promise((resolve, reject) => {
      let open = 0;
      const part = { resolve: () => void (--open === 0 && resolve()), reject };
      this.#room.take(items.length, bytes, () => {
        let last: Batch | null = null;
        for (const packet of packets) {
          const batch = this.#add(address, packet);
          if (batch === last) continue;
          last = batch;
          open++;
          batch.settled.push(part);
        }
      });
    });
  }

  /** How many items may share a message. */
  #itemsOf({ queue, bundle }: Address): number {
    if (queue.kind === "mailbox") return this.limits.maxMailboxItems;
    return bundle === null ? 1 : Infinity;
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

  /** Puts a packet into the message that leaves with the next flush; returns that. */
  #add(address: Address, packet: Packet): Batch {
    const { action, queue, priority } = address;
    const most = this.#itemsOf(address);
    const key = `${queue.name}\n${action}\n${priority}\n${address.bundle ?? ""}`;
    let batch = most === 1 ? undefined : this.#open.get(key);
    if (batch && (batch.bytes + packet.bytes > this.limits.maxMessageBytes || batch.count + packet.count > most)) {
      this.#full.push(batch);
      batch = undefined;
    }
    if (!batch) {
      batch = { action, queue, priority, packets: [], settled: [], count: 0, bytes: 0 };
      if (most === 1) this.#full.push(batch);
      else this.#open.set(key, batch);
    }
    batch.packets.push(packet);
    batch.count += packet.count;
    batch.bytes += packet.bytes;
    if (!this.#scheduled) {
      this.#scheduled = true;
      if (this.#sending === 0) queueMicrotask(() => this.#flush());
      else setImmediate(() => this.#flush());
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
    const { queue, priority, packets, settled, count, bytes } = batch;
    this.#sending++;
    try {
      await this.carrier.publish({ queue, priority, body: encodeMessage(batch.action, packets) });
      for (const waiting of settled) waiting.resolve();
    } catch (error) {
      for (const waiting of settled) waiting.reject(error);
    }
    this.#sending--;
    this.#room.give(count, bytes);
    if (this.#room.inFlight + this.#room.waiting > 0) return;
    for (const idle of this.#idle.splice(0)) idle();
  }
}

const stopped = (action: string): DqueueError =>
  new DqueueError("BUS_STOPPED", `Nothing can be dispatched to ${action}: this node has stopped.`);
