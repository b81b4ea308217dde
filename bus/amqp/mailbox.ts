import type { Channel, ChannelModel, ConsumeMessage } from "amqplib";
import type { OpenMailbox, Receiver } from "../carrier";
import { DqueueError } from "../../core/errors";
import { type Log, messageOf } from "../log";
import type { QueueRef } from "../queues";
import { backoff } from "./backoff";
import { Unacked, closeChannel, consumerEnded, guardChannel } from "./channels";
import type { Declarer } from "./declare";
import type { Link } from "./link";

/** Reports of 256 KB each: 50 of them bound what an owner holds. */
const PREFETCH = 50;

/**
 * Consumes one mailbox on a channel of its own, so that closing the channel requeues what is in hand, in order and
 * without touching other mailboxes. Whatever ends the channel, the consumer comes back until `close`.
 */
export class AmqpMailbox implements OpenMailbox {
  readonly opened: Promise<void>;
  #settleOpened!: { resolve: () => void; reject: (error: Error) => void };
  #channel: Channel | null = null;
  #tag: string | null = null;
  #closed = false;
  #failures = 0;
  #retry: NodeJS.Timeout | null = null;
  readonly #inHand = new Set<Promise<void>>();
  readonly #leave: () => void;

  constructor(
    private readonly link: Link,
    private readonly declarer: Declarer,
    private readonly queue: QueueRef,
    private readonly receive: Receiver,
    private readonly log: Log,
  ) {
    this.opened = new Promise((resolve, reject) => (this.#settleOpened = { resolve, reject }));
    this.opened.catch(() => {}); // whoever waits gets it
    this.#leave = link.onUp((connection) => this.#consume(connection));
  }

  async close({ requeue }: { requeue: boolean }): Promise<void> {
    this.#closed = true;
    this.#leave();
    if (this.#retry) clearTimeout(this.#retry);
    this.#settleOpened.reject(
      new DqueueError("MAILBOX_CLOSED", `Mailbox ${this.queue.name} was closed before it opened.`),
    );
    const channel = this.#channel;
    if (channel && !requeue) {
      if (this.#tag) await channel.cancel(this.#tag).catch(() => {});
      await Promise.all(this.#inHand);
    }
    this.#channel = null;
    await closeChannel(channel);
  }

  async #consume(connection: ChannelModel): Promise<void> {
    try {
      await this.declarer.declare(connection, this.queue);
      if (this.#closed || this.#channel || this.link.connection !== connection) return;
      const channel = guardChannel(await connection.createChannel(), this.queue.name, this.log, () =>
        this.#lost(channel),
      );
      this.#channel = channel;
      await channel.prefetch(PREFETCH);
      const { consumerTag } = await channel.consume(this.queue.name, (message) => this.#onMessage(channel, message));
      this.#tag = consumerTag;
      this.#failures = 0;
      this.#settleOpened.resolve();
      if (this.#closed) await closeChannel(channel);
    } catch (error) {
      this.log.debug(`Consuming ${this.queue.name} failed: ${messageOf(error)}`);
      const channel = this.#channel;
      this.#channel = null;
      await closeChannel(channel);
      this.#later();
    }
  }

  #lost(channel: Channel): void {
    if (this.#channel !== channel) return;
    this.#channel = null;
    this.#tag = null;
    this.#later();
  }

  /** Consumes again after a while, unless the link is down: it then tells when it is up. */
  #later(): void {
    if (this.#closed || this.#retry) return;
    this.#retry = setTimeout(() => {
      this.#retry = null;
      const { connection } = this.link;
      if (!this.#closed && connection && !this.#channel) void this.#consume(connection);
    }, backoff(this.#failures++));
  }

  #onMessage(channel: Channel, message: ConsumeMessage | null): void {
    if (!message) {
      // If the queue was deleted, what is in hand is gone from it: the owner's own rules find what that cost.
      this.log.warn(consumerEnded(this.queue.name));
      void closeChannel(channel);
      return;
    }
    const taking = this.#take(channel, message).finally(() => this.#inHand.delete(taking));
    this.#inHand.add(taking);
  }

  async #take(channel: Channel, message: ConsumeMessage): Promise<void> {
    const unacked = new Unacked(channel, message);
    try {
      await this.receive({
        queue: this.queue,
        body: message.content,
        redelivered: message.fields.redelivered,
        noSlot: false,
      });
      unacked.ack();
    } catch {
      // All of it comes again, not this one alone: else a mark could overtake the report that failed.
      if (!unacked.isOpen || this.#channel !== channel) return;
      this.#channel = null;
      this.#tag = null;
      await closeChannel(channel);
      this.#later();
    }
  }
}
