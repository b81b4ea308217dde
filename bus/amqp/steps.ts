import { randomUUID } from "node:crypto";
import type { Channel, ChannelModel, ConsumeMessage, GetMessage } from "amqplib";
import type { IntakeOptions, StepIntake } from "../carrier";
import { type Log, messageOf } from "../log";
import { Slots } from "../slots";
import { backoff } from "./backoff";
import { Unacked, closeChannel, consumerEnded, guardChannel } from "./channels";
import type { Declarer } from "./declare";
import { StepDelivery } from "./step-delivery";
import { Lane } from "./lane";
import type { Link } from "./link";

/**
 * Takes steps from one or more queues, never more than there are slots.
 *
 * One queue: RabbitMQ counts, prefetch = slots. Several queues (or slots that RabbitMQ does not count any more: acked
 * early, or held since before a reconnect): while all slots are taken nothing is consumed; when one is free, messages
 * are fetched one by one from the queues in turn, and only when these are empty does it listen again. Subscribing
 * anew with a prefetch instead would bring a message from every queue for each slot, to be given back.
 */
export class AmqpSteps implements StepIntake {
  readonly #slots: Slots;
  readonly #lanes: Lane[];
  readonly #inHand = new Set<Promise<void>>();
  /** Slots that the present channel's unacked deliveries hold. */
  #counted = 0;
  #channel: Channel | null = null;
  #stopped = false;
  #turn: Promise<void> | null = null;
  #again = false;
  #first = 0;
  readonly #leave: () => void;

  constructor(
    private readonly link: Link,
    private readonly declarer: Declarer,
    private readonly options: IntakeOptions,
    private readonly log: Log,
  ) {
    this.#slots = new Slots(options.slots);
    this.#lanes = options.queues.map((queue) => new Lane(queue));
    this.#leave = link.onUp((connection) => this.#openChannel(connection));
  }

  get used(): number {
    return this.#slots.used;
  }

  pause(queue: string): Promise<void> {
    return this.#setPaused(queue, true);
  }

  resume(queue: string): Promise<void> {
    return this.#setPaused(queue, false);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#slots.turnAway();
    await this.#adjust();
  }

  /** Waits up to `ms` for what is in hand, then closes the channel; the rest is redelivered elsewhere. */
  async close(ms: number): Promise<void> {
    await this.stop();
    this.#leave();
    for (const lane of this.#lanes) lane.clear();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => (timer = setTimeout(resolve, ms)));
    await Promise.race([Promise.all(this.#inHand), late]);
    clearTimeout(timer);
    const channel = this.#channel;
    this.#channel = null;
    await closeChannel(channel);
  }

  async #setPaused(queue: string, paused: boolean): Promise<void> {
    for (const lane of this.#lanes) if (lane.queue.label === queue) lane.paused = paused;
    await this.#adjust();
  }

  async #openChannel(connection: ChannelModel): Promise<void> {
    const channel = await connection.createChannel();
    guardChannel(channel, "steps", this.log, () => {
      if (this.#channel !== channel) return;
      this.#channel = null;
      // Alone if only the channel went, as when a queue vanishes between two commands.
      setTimeout(() => {
        if (this.link.connection === connection && !this.#channel && !this.#stopped) {
          this.#openChannel(connection).catch((error: unknown) => {
            this.log.debug(`Reopening the channel for steps failed: ${messageOf(error)}`);
            if (this.link.connection === connection) this.link.reset();
          });
        }
      }, backoff(1));
    });
    await channel.prefetch(this.options.slots);
    this.#channel = channel;
    this.#counted = 0;
    for (const lane of this.#lanes) {
      lane.forget();
      void this.#declare(channel, lane);
    }
  }

  /** Makes a lane usable, trying until it is: its queue may exist with other arguments, and be deleted later. */
  async #declare(channel: Channel, lane: Lane): Promise<void> {
    const { connection } = this.link;
    if (this.#channel !== channel || !connection || this.#stopped) return;
    try {
      await this.declarer.declare(connection, lane.queue);
      if (this.#channel !== channel) return;
      lane.ready = true;
      lane.failures = 0;
      await this.#adjust();
    } catch (error) {
      this.log.debug(`Declaring ${lane.queue.name} failed: ${messageOf(error)}`);
      lane.later(backoff(lane.failures++), () => void this.#declare(channel, lane));
    }
  }

  /** Brings the consumers in line with slots, pauses and stop; one turn at a time. */
  #adjust(): Promise<void> {
    this.#again = true;
    this.#turn ??= this.#turns().finally(() => (this.#turn = null));
    return this.#turn;
  }

  async #turns(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      const channel = this.#channel;
      if (!channel) return;
      try {
        await this.#adjustOn(channel);
      } catch (error) {
        this.log.debug(`Adjusting the step consumers failed: ${messageOf(error)}`);
        if (this.#channel === channel) await closeChannel(channel);
      }
    }
  }

  async #adjustOn(channel: Channel): Promise<void> {
    // Slots that RabbitMQ's prefetch does not know of: it must then be kept from sending by us.
    const uncounted = this.#slots.used - this.#counted;
    const full = this.#slots.free <= 0 && (this.#lanes.length > 1 || uncounted > 0);
    for (const lane of this.#lanes) {
      if (lane.tag && (full || lane.paused || this.#stopped)) await this.#silence(channel, lane);
    }
    if (full || this.#stopped) return;
    const silent = this.#lanes.filter((lane) => lane.ready && !lane.paused && !lane.tag);
    if (silent.length === 0) return;
    if (this.#lanes.length > 1 || uncounted > 0) await this.#fetch(channel, silent);
    if (this.#stopped || this.#slots.free <= 0) return;
    for (const lane of silent) await this.#listen(channel, lane);
  }

  /** One message at a time from each queue in turn, until all slots are taken or all queues are empty. */
  async #fetch(channel: Channel, lanes: Lane[]): Promise<void> {
    for (let empty = 0; empty < lanes.length && this.#slots.free > 0 && !this.#stopped;) {
      const lane = lanes[this.#first++ % lanes.length]!;
      const message = lane.paused ? false : await channel.get(lane.queue.name);
      if (message) this.#accept(channel, lane, message);
      empty = message ? 0 : empty + 1;
    }
  }

  async #listen(channel: Channel, lane: Lane): Promise<void> {
    if (lane.paused || lane.tag) return;
    // Chosen by us, so that it is known before the first message, or the queue's deletion, can arrive.
    const tag = (lane.tag = randomUUID());
    const hear = (message: ConsumeMessage | null): void => {
      if (message) return this.#accept(channel, lane, message);
      if (lane.tag !== tag) return;
      this.log.warn(consumerEnded(lane.queue.name));
      lane.forget();
      lane.later(backoff(0), () => void this.#declare(channel, lane));
    };
    await channel.consume(lane.queue.name, hear, { consumerTag: tag });
  }

  async #silence(channel: Channel, lane: Lane): Promise<void> {
    const { tag } = lane;
    lane.tag = null;
    if (tag) await channel.cancel(tag);
  }

  #accept(channel: Channel, lane: Lane, message: ConsumeMessage | GetMessage): void {
    const taking = this.#take(channel, lane, message).finally(() => this.#inHand.delete(taking));
    this.#inHand.add(taking);
  }

  async #take(channel: Channel, lane: Lane, message: ConsumeMessage | GetMessage): Promise<void> {
    const unacked = new Unacked(channel, message as ConsumeMessage);
    const delivery = new StepDelivery(unacked, lane.queue, message, this.options, this.log);
    const taken = this.#stopped ? false : this.#slots.tryTake() || (await this.#waitForSlot());
    if (!taken) return delivery.handOver(true);
    let counted = this.#channel === channel && unacked.isOpen;
    if (counted) this.#counted++;
    const uncount = async (): Promise<void> => {
      if (counted && this.#channel === channel) this.#counted--;
      counted = false;
      await this.#adjust();
    };
    if (this.#slots.free <= 0) void this.#adjust();
    await delivery.perform(uncount);
    if (counted && this.#channel === channel) this.#counted--;
    this.#slots.give();
    void this.#adjust();
  }

  #waitForSlot(): Promise<boolean> {
    return this.#slots.takeWithin(this.options.slotWaitMs);
  }
}
