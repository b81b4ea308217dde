import type { ChannelModel, ConfirmChannel, ConsumeMessage } from "amqplib";
import type { Fanout } from "../carrier";
import { DqueueError } from "../../core/errors";
import { type Log, messageOf } from "../log";
import { guardChannel, closeChannel } from "./channels";
import type { Link } from "./link";

/** A listener that was away for longer has no use for what was said. */
const MESSAGE_TTL_MS = 30_000;
const MAX_UNHEARD = 10_000;
const MAX_UNCONFIRMED = 1_000;

/** A fanout exchange: transient messages, confirmed, to whoever listens now. */
export class AmqpFanout<T> implements Fanout<T> {
  #channel: Promise<ConfirmChannel> | null = null;
  #unconfirmed = 0;
  readonly #listeners = new Set<(message: T) => void>();
  #listening: Promise<void> | null = null;

  constructor(
    private readonly exchange: string,
    private readonly outbound: Link,
    private readonly inbound: Link,
    private readonly log: Log,
  ) {}

  async publish(message: T): Promise<void> {
    const { connection } = this.outbound;
    this.outbound.open();
    if (!connection) throw this.#unsent("there is no connection");
    if (this.#unconfirmed >= MAX_UNCONFIRMED) throw this.#unsent(`${MAX_UNCONFIRMED} are unconfirmed`);
    const body = Buffer.from(JSON.stringify(message));
    this.#channel ??= this.#openChannel(connection);
    const channel = await this.#channel.catch((error: unknown) => {
      this.#channel = null;
      throw this.#unsent(messageOf(error));
    });
    this.#unconfirmed++;
    try {
      await new Promise<void>((resolve, reject) => {
        channel.publish(this.exchange, "", body, { contentType: "application/json" }, (error: Error | null) =>
          error ? reject(error) : resolve(),
        );
      });
    } catch (error) {
      throw this.#unsent(messageOf(error));
    } finally {
      this.#unconfirmed--;
    }
  }

  async subscribe(listener: (message: T) => void): Promise<() => void> {
    this.#listeners.add(listener);
    this.#listening ??= new Promise((resolve) => {
      this.inbound.onUp(async (connection) => {
        await this.#listen(connection);
        resolve();
      });
    });
    await this.#listening;
    return () => void this.#listeners.delete(listener);
  }

  async #openChannel(connection: ChannelModel): Promise<ConfirmChannel> {
    const channel = await connection.createConfirmChannel();
    guardChannel(channel, this.exchange, this.log, () => (this.#channel = null));
    await channel.assertExchange(this.exchange, "fanout", { durable: true });
    return channel;
  }

  /** On a queue of this connection alone. If it goes without the connection, both are made anew. */
  async #listen(connection: ChannelModel): Promise<void> {
    const channel = await connection.createChannel();
    const anew = (): void => {
      if (this.inbound.connection === connection) this.inbound.reset();
    };
    guardChannel(channel, this.exchange, this.log, anew);
    await channel.assertExchange(this.exchange, "fanout", { durable: true });
    const limits = { messageTtl: MESSAGE_TTL_MS, maxLength: MAX_UNHEARD };
    const { queue } = await channel.assertQueue("", { exclusive: true, autoDelete: true, ...limits });
    await channel.bindQueue(queue, this.exchange, "");
    const hear = (message: ConsumeMessage | null): void => {
      if (message) this.#hear(message.content);
      else void closeChannel(channel);
    };
    await channel.consume(queue, hear, { noAck: true });
  }

  #hear(body: Buffer): void {
    let message: T;
    try {
      message = JSON.parse(body.toString()) as T;
    } catch {
      this.log.warn(`A message on ${this.exchange} is not JSON and was dropped (${body.length} bytes).`);
      return;
    }
    for (const listener of [...this.#listeners]) {
      try {
        listener(message);
      } catch (error) {
        this.log.error(`A listener of ${this.exchange} failed: ${messageOf(error)}`);
      }
    }
  }

  #unsent(why: string): DqueueError {
    return new DqueueError(
      "NOT_PUBLISHED",
      `A message for ${this.exchange} was not confirmed: ${why}. It is not kept.`,
    );
  }
}
