import type { Channel, ChannelModel, ConsumeMessage } from "amqplib";
import { Errors, type ServiceBroker, Transporters } from "moleculer";
import { guardChannel } from "./amqp/channels";
import { Link } from "./amqp/link";
import type { Log } from "./log";
import { redirect } from "./returned-requests";

const HEARTBEAT_S = 10;
const QUIET_SUFFIX = "WORKERS";

/** What of Moleculer's own AMQP transporter is used here; its typings name none of it. */
interface AmqpBase {
  broker: ServiceBroker & { metadata: Record<string, unknown> };
  logger: Log;
  nodeID: string;
  prefix: string;
  connected: boolean;
  connection: ChannelModel | null;
  channel: Channel | null;
  bindings: unknown[];
  transit: { disconnecting: boolean; makeSubscriptions(): Promise<void> };
  init(transit: unknown, handler: PacketHandler, afterConnect: unknown): void;
  onConnected(wasReconnect: boolean): Promise<void>;
  receive(command: string, data: Buffer): unknown;
  subscribe(command: string, nodeID?: string): Promise<unknown>;
  send(topic: string, data: Buffer, meta: SendMeta): Promise<void>;
  getTopicName(command: string, nodeID?: string): string;
  _getQueueOptions(command: string, balanced?: boolean): object;
}
interface Packet {
  type: string;
  target?: string | null;
  payload?: { id?: string; metadata?: { quiet?: boolean } };
}
interface SendMeta {
  balanced?: boolean;
  packet: Packet;
}
type PacketHandler = (command: string, packet: Packet) => unknown;

/** Moleculer's own, which its typings leave out: retryable, so that a caller with a retry policy tries again. */
const Disconnected = (Errors as unknown as { BrokerDisconnectedError: new () => Error }).BrokerDisconnectedError;

const Base = Transporters.AMQP as unknown as new (options: object) => AmqpBase;

export interface TransporterOptions {
  /** One or more URLs, separated by ";". */
  url: string;
  /** Neither hears other quiet nodes nor is heard by them; everyone else hears it. */
  quiet: boolean;
}

/**
 * Moleculer's AMQP transporter without its traps: no Nagle, no acks (a late one closed the channel and left a node
 * that consumed nothing), a lost channel brings a new connection, a request that cannot be sent fails at once, and one to
 * a node that has died goes to another: Moleculer would send to it for up to 30 seconds more, and wait for each answer.
 * It connects by the amqplib that this project depends on, not by the one that Moleculer finds.
 */
export class AmqpTransporter extends Base {
  readonly #quiet: boolean;
  readonly #url: string;
  #link: Link | null = null;

  constructor({ url, quiet }: TransporterOptions) {
    super({ url: "", prefetch: 0, consumeOptions: { noAck: true } }); // the URL is kept from `$node.options`
    this.#quiet = quiet;
    this.#url = url;
  }

  override init(transit: unknown, handler: PacketHandler, afterConnect: unknown): void {
    super.init(
      transit,
      (command, packet) => (this.#ignores(command, packet) ? null : handler(command, packet)),
      afterConnect,
    );
    this.broker.metadata.quiet = this.#quiet;
  }

  /** Resolves when connected for the first time. Connects again by itself for as long as the broker runs. */
  connect(): Promise<void> {
    const name = `${this.nodeID} control`;
    const link = new Link({ url: this.#url, name, heartbeat: HEARTBEAT_S, log: this.logger });
    this.#link = link;
    let connects = 0;
    return new Promise((resolve) => {
      link.onUp(async (connection) => {
        await this.#up(link, connection, connects++ > 0);
        resolve();
      });
    });
  }

  async disconnect(): Promise<void> {
    this.connected = false;
    this.channel = null;
    this.connection = null;
    await this.#link?.close(); // its queues go by themselves: those of broadcasts at once, the others after 2 minutes
    this.#link = null;
  }

  override async subscribe(command: string, nodeID?: string): Promise<unknown> {
    const subscribed = await super.subscribe(command, nodeID);
    // Quiet nodes are not to hear each other, so their heartbeats have an exchange of their own.
    if (command === "HEARTBEAT" && !this.#quiet) await this.#hearQuietNodes();
    return subscribed;
  }

  override send(topic: string, data: Buffer, meta: SendMeta): Promise<void> {
    const refuse = (): Promise<void> =>
      meta.packet.type === "REQ" ? Promise.reject(new Disconnected()) : Promise.resolve();
    if (!this.channel) return refuse();
    const { type, payload } = meta.packet;
    const quietHeartbeat = this.#quiet && type === "HEARTBEAT";
    try {
      if (type === "REQ") {
        this.channel.sendToQueue(topic, data, { mandatory: true, messageId: payload!.id });
        return Promise.resolve();
      }
      return super.send(quietHeartbeat ? `${topic}.${QUIET_SUFFIX}` : topic, data, meta);
    } catch {
      return refuse(); // the channel is closing
    }
  }

  /** A node's queue for requests goes with its consumer, so that what is sent to a dead node comes back. */
  override _getQueueOptions(command: string, balanced?: boolean): object {
    return command === "REQ" ? { autoDelete: true } : super._getQueueOptions(command, balanced);
  }

  /** Called by Moleculer for every consumer. `null`: the queue was deleted, and only a new connection restores all. */
  _consumeCB(command: string): (message: ConsumeMessage | null) => unknown {
    return (message) => (message ? this.receive(command, message.content) : this.#link?.reset());
  }

  async #up(link: Link, connection: ChannelModel, isReconnect: boolean): Promise<void> {
    const channel = await connection.createChannel();
    guardChannel(channel, "Moleculer's packets", this.logger, () => {
      if (this.channel !== channel) return;
      this.channel = null;
      this.connected = false;
      if (link.connection === connection) link.reset();
    });
    channel.on("return", ({ properties }) => redirect(this.broker, String(properties.messageId)));
    this.connection = connection;
    this.channel = channel;
    this.bindings = [];
    const { exchange } = await channel.assertExchange(this.#quietTopic(), "fanout", {});
    this.logger.debug(`Quiet nodes are heard on ${exchange}.`);
    if (isReconnect) await this.transit.makeSubscriptions();
    await this.onConnected(isReconnect);
  }

  #quietTopic(): string {
    return `${this.getTopicName("HEARTBEAT")}.${QUIET_SUFFIX}`;
  }

  async #hearQuietNodes(): Promise<void> {
    const queue = `${this.prefix}.HEARTBEAT.${this.nodeID}`; // which `subscribe` has made
    await this.channel?.bindQueue(queue, this.#quietTopic(), "");
  }

  #ignores(command: string, { payload }: Packet): boolean {
    return this.#quiet && command === "INFO" && payload?.metadata?.quiet === true;
  }
}
