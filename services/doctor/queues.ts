import { type ChannelModel, connect } from "amqplib";
import { onThrowawayChannel } from "../../bus/amqp/channels";
import { Declarer } from "../../bus/amqp/declare";
import { LateLog } from "../../bus/log";
import type { QueueNames, QueueRef } from "../../bus/queues";
import { DqueueError } from "../../core/errors";

const CONNECT_TIMEOUT_MS = 5_000;

/** A broker that answers. */
export interface Broker {
  readonly version: string;
  /** Why step queues that exist cannot be used, a line each. */
  readonly unusable: readonly string[];
}

/** Looks at step queues; one that does not exist is not made. Rejects when the broker cannot be reached. */
export const lookAtQueues = async (urls: string, names: QueueNames, queues: readonly string[]): Promise<Broker> => {
  const connection = await connectToAny(urls.split(";"));
  const declarer = new Declarer(names.type, new LateLog());
  const lines: string[] = [];
  try {
    for (const queue of queues.map((name) => names.steps(name))) {
      if (!(await exists(connection, queue))) continue;
      await declarer.declare(connection, queue).catch((error: unknown) => {
        if (!(error instanceof DqueueError)) throw error;
        lines.push(error.message);
      });
    }
    return { version: versionOf(connection), unusable: lines };
  } finally {
    await connection.close();
  }
};

const versionOf = ({ connection }: ChannelModel): string => String(connection.serverProperties.version);

const connectToAny = async ([url, ...others]: string[]): Promise<ChannelModel> => {
  try {
    const connection = await connect(url!, { timeout: CONNECT_TIMEOUT_MS });
    connection.on("error", () => {}); // whoever uses it gets a rejection
    return connection;
  } catch (error) {
    if (others.length > 0) return connectToAny(others);
    throw error;
  }
};

const exists = (connection: ChannelModel, queue: QueueRef): Promise<boolean> =>
  onThrowawayChannel(connection, (channel) => channel.checkQueue(queue.name)).then(
    () => true,
    (error: { code?: number }) => {
      if (error.code === 404) return false;
      throw error;
    },
  );
