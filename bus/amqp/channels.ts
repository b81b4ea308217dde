import type { Channel, ChannelModel, ConsumeMessage } from "amqplib";
import { type Log, messageOf } from "../log";

/**
 * Makes a channel safe to hold: its errors are logged, and a listener that throws is logged instead of ending the
 * whole connection. `closed` is called once, when it has closed for whatever reason.
 */
export const guardChannel = <T extends Channel>(channel: T, what: string, log: Log, closed: () => void): T => {
  channel.on("error", (error) => log.warn(`The channel for ${what} was closed by RabbitMQ: ${messageOf(error)}`));
  channel.on("handler-error", (error) => log.error(`A consumer of ${what} failed: ${messageOf(error)}`));
  channel.setMaxListeners(0); // one for each delivery in hand
  channel.once("close", closed);
  return channel;
};

/** For the log, when amqplib delivers null. From 4.3 on RabbitMQ ends a consumer also for an ack that is late. */
export const consumerEnded = (queue: string): string =>
  `The consumer of queue "${queue}" was ended by RabbitMQ: the queue was deleted, or a delivery was not acknowledged in time. It starts again.`;

/** Closes a channel that may be closed already. */
export const closeChannel = async (channel: Channel | null | undefined): Promise<void> => {
  try {
    await channel?.close();
  } catch {
    // It was closed before, or the connection is gone: closed is what was wanted.
  }
};

/** Does something on a channel of its own, which an error may cost. */
export const onThrowawayChannel = async <T>(
  connection: ChannelModel,
  act: (channel: Channel) => Promise<T>,
): Promise<T> => {
  const channel = await connection.createChannel();
  channel.on("error", () => {}); // the caller gets it as a rejection
  try {
    return await act(channel);
  } finally {
    await closeChannel(channel);
  }
};

/** A delivery that can be acked once, on the channel that brought it, or not at all. */
export class Unacked {
  #open = true;

  constructor(
    private readonly channel: Channel,
    private readonly message: ConsumeMessage | { fields: { deliveryTag: number } },
  ) {
    channel.once("close", this.#forget);
  }

  /** False once it is acked or its channel is gone: then RabbitMQ has it again. */
  get isOpen(): boolean {
    return this.#open;
  }

  ack(): void {
    if (!this.#open) return;
    this.#forget();
    this.channel.removeListener("close", this.#forget);
    try {
      this.channel.ack(this.message as ConsumeMessage);
    } catch {
      // The channel is closing: RabbitMQ gives the message out again.
    }
  }

  #forget = (): void => {
    this.#open = false;
  };
}
