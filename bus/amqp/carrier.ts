import type { ChannelModel } from "amqplib";
import type {
  Carrier,
  Fanout,
  IntakeOptions,
  OpenMailbox,
  OutgoingMessage,
  QueueDepth,
  Receiver,
  StepIntake,
} from "../carrier";
import { type Log, messageOf } from "../log";
import type { QueueNames, QueueRef } from "../queues";
import { onThrowawayChannel } from "./channels";
import { Declarer } from "./declare";
import { AmqpFanout } from "./fanout";
import { Link } from "./link";
import { AmqpMailbox } from "./mailbox";
import { unackedReader } from "./management";
import { Publisher } from "./publisher";
import { AmqpSteps } from "./steps";

/** A paused owner must be freed of its mailboxes within some seconds; a busy worker's loop may be slower. */
const MAILBOX_HEARTBEAT_S = 2;
const HEARTBEAT_S = 10;

/**
 * The work plane on RabbitMQ. Publishing and consuming use different connections: under an alarm RabbitMQ stops
 * reading a connection that has published, and acks on it would be stuck.
 */
export class AmqpCarrier implements Carrier {
  readonly #outbound: Link;
  readonly #mailboxes: Link;
  readonly #steps: Link;
  readonly #declarer: Declarer;
  readonly #publisher: Publisher;
  readonly #fanouts = new Map<string, AmqpFanout<unknown>>();
  readonly #intakes: AmqpSteps[] = [];
  readonly #readUnacked: (() => Promise<Map<string, number>>) | null;
  #unackedUnknown = false;
  readonly #depths = new Map<string, Promise<QueueDepth>>();

  constructor(
    private readonly names: QueueNames,
    { url, name, managementUrl = null }: { url: string; name: string; managementUrl?: string | null },
    private readonly log: Log,
  ) {
    this.#readUnacked = managementUrl === null ? null : unackedReader(managementUrl, url);
    const link = (what: string, heartbeat: number): Link => new Link({ url, name: `${name} ${what}`, heartbeat, log });
    this.#outbound = link("publish", HEARTBEAT_S);
    this.#mailboxes = link("mailboxes", MAILBOX_HEARTBEAT_S);
    this.#steps = link("steps", HEARTBEAT_S);
    const anyConnection = (): ChannelModel | null =>
      this.#steps.connection ?? this.#mailboxes.connection ?? this.#outbound.connection;
    this.#declarer = new Declarer(names.type, log, anyConnection);
    this.#publisher = new Publisher(this.#outbound, this.#declarer, log);
  }

  start(): void {
    this.#publisher.open();
  }

  publish(message: OutgoingMessage): Promise<void> {
    return this.#publisher.publish(message);
  }

  openMailbox(queue: QueueRef, receive: Receiver): OpenMailbox {
    return new AmqpMailbox(this.#mailboxes, this.#declarer, queue, receive, this.log);
  }

  takeSteps(options: IntakeOptions): StepIntake {
    const intake = new AmqpSteps(this.#steps, this.#declarer, options, this.log);
    this.#intakes.push(intake);
    return intake;
  }

  queueDepth(queue: QueueRef): Promise<QueueDepth> {
    // In an outage a question stays open until its end: who asks again shares it, or all would be asked at once then.
    const open = this.#depths.get(queue.name);
    if (open) return open;
    const asked = this.#askDepth(queue).finally(() => this.#depths.delete(queue.name));
    this.#depths.set(queue.name, asked);
    return asked;
  }

  async #askDepth(queue: QueueRef): Promise<QueueDepth> {
    const connection = await this.#outbound.up();
    try {
      const found = await onThrowawayChannel(connection, (channel) => channel.checkQueue(queue.name));
      return { messages: found.messageCount, consumers: found.consumerCount };
    } catch (error) {
      // Nobody has dispatched to it or consumed it yet.
      if ((error as { code?: number }).code === 404) return { messages: 0, consumers: 0 };
      throw error;
    }
  }

  async unacked(): Promise<Map<string, number>> {
    if (!this.#readUnacked) return new Map();
    try {
      const known = await this.#readUnacked();
      this.#unackedUnknown = false;
      return known;
    } catch (error) {
      if (!this.#unackedUnknown)
        this.log.warn(`What RabbitMQ's queues have unacknowledged is not known: ${messageOf(error)}`);
      this.#unackedUnknown = true;
      return new Map();
    }
  }

  fanout<T>(name: string): Fanout<T> {
    const exchange = this.names.exchange(name);
    const known = this.#fanouts.get(exchange) as AmqpFanout<T> | undefined;
    if (known) return known;
    const fanout = new AmqpFanout<T>(exchange, this.#outbound, this.#steps, this.log);
    this.#fanouts.set(exchange, fanout as AmqpFanout<unknown>);
    return fanout;
  }

  problems(): string[] {
    const links = [this.#outbound, this.#mailboxes, this.#steps].flatMap((link) => link.problem ?? []);
    return [...new Set(links), ...this.#declarer.problems()];
  }

  ready(): Promise<void> {
    return this.#publisher.ready();
  }

  async endIntakes(ms: number): Promise<void> {
    await Promise.all(this.#intakes.map((intake) => intake.close(ms)));
  }

  async close(): Promise<void> {
    this.#declarer.close();
    this.#publisher.close();
    await this.#publisher.shut();
    await Promise.all([this.#outbound.close(), this.#mailboxes.close(), this.#steps.close()]);
  }
}
