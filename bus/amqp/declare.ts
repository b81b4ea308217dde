import type { ChannelModel, Options } from "amqplib";
import { DqueueError } from "../../core/errors";
import { type Log, messageOf } from "../log";
import type { QueueRef, QueueType } from "../queues";
import { onThrowawayChannel } from "./channels";

/** RabbitMQ keeps a list per level, so no more of them than are used. */
const MAX_PRIORITY = 10;
/** RabbitMQ 4 drops from a quorum queue what came back 20 times; a requeued mailbox may come back more often. */
const NO_DELIVERY_LIMIT = 1_000_000;
/** How often an unusable queue is tried again, and at most written about. */
const RETRY_MS = 1_000;
const PROBE_MS = 2_000;
const REPEAT_LINE_MS = 30_000;

interface Trouble {
  queue: QueueRef;
  text: string;
  error: DqueueError;
  triedAt: number;
  loggedAt: number;
}

/**
 * Declares queues, each on a channel of its own: a refusal closes the channel that it happens on, and on a channel
 * with confirms everything in flight would go again.
 */
export class Declarer {
  readonly #troubles = new Map<string, Trouble>();
  #lastLine = 0;
  #probe: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(
    private readonly type: QueueType,
    private readonly log: Log,
    /** For trying refused queues again though nobody asks for them; absent: only when they are asked for. */
    private readonly anyConnection?: () => ChannelModel | null,
  ) {}

  /** Resolves when the queue exists as it must. Rejects with QUEUE_UNUSABLE if it exists otherwise, at once if known. */
  async declare(connection: ChannelModel, queue: QueueRef): Promise<void> {
    const known = this.#troubles.get(queue.name);
    if (known && Date.now() - known.triedAt < RETRY_MS) throw known.error;
    if (known) known.triedAt = Date.now();
    try {
      await onThrowawayChannel(connection, (channel) => channel.assertQueue(queue.name, declaration(queue, this.type)));
    } catch (error) {
      throw isRefusal(error) ? this.#refused(queue, error) : error;
    }
    if (this.#troubles.delete(queue.name)) this.log.info(`Queue "${queue.name}" can be used again.`);
  }

  close(): void {
    this.#closed = true;
    if (this.#probe) clearTimeout(this.#probe);
  }

  problems(): string[] {
    return [...this.#troubles.values()].map((trouble) => trouble.text);
  }

  #refused(queue: QueueRef, refusal: Error): DqueueError {
    const text = explain(queue, refusal);
    const error = new DqueueError("QUEUE_UNUSABLE", text, { queue: queue.name });
    const before = this.#troubles.get(queue.name);
    const now = Date.now();
    const trouble: Trouble = {
      queue,
      text,
      error,
      triedAt: now,
      loggedAt: before?.text === text ? before.loggedAt : 0,
    };
    this.#troubles.set(queue.name, trouble);
    this.#probeLater();
    if (now - trouble.loggedAt < REPEAT_LINE_MS || now - this.#lastLine < 1_000) return error;
    trouble.loggedAt = this.#lastLine = now;
    this.log.error(text);
    return error;
  }

  /** So that a queue that was mended is no longer called a problem, though nobody dispatches to it. */
  #probeLater(): void {
    const { anyConnection } = this;
    if (!anyConnection || this.#closed || this.#probe || this.#troubles.size === 0) return;
    this.#probe = setTimeout(() => {
      this.#probe = null;
      const connection = anyConnection();
      const troubles = connection ? [...this.#troubles.values()] : [];
      void Promise.allSettled(troubles.map(({ queue }) => this.declare(connection!, queue))).then(() =>
        this.#probeLater(),
      );
    }, PROBE_MS);
  }
}

const declaration = (queue: QueueRef, type: QueueType): Options.AssertQueue => {
  const args: Record<string, unknown> = {};
  if (queue.kind === "mailbox") args["x-single-active-consumer"] = true;
  else if (type === "classic") args["x-max-priority"] = MAX_PRIORITY;
  if (type === "quorum") Object.assign(args, { "x-queue-type": "quorum", "x-delivery-limit": NO_DELIVERY_LIMIT });
  return { durable: true, arguments: args };
};

/** PRECONDITION_FAILED: other arguments. RESOURCE_LOCKED: exclusive to someone. NOT_ALLOWED, ACCESS_REFUSED: rights. */
const isRefusal = (error: unknown): error is Error =>
  error instanceof Error && [403, 405, 406, 530].includes((error as Error & { code?: number }).code ?? 0);

const INEQUIVALENT =
  /inequivalent arg '([^']+)'.*received (none|(?:the value )?'([^']*)').*but current is (none|(?:the value )?'([^']*)')/;

/** One line: which queue, which argument, found and wanted, what to do. */
const explain = (queue: QueueRef, refusal: Error): string => {
  const found = INEQUIVALENT.exec(refusal.message);
  if (!found) return `Queue "${queue.name}" cannot be used: ${messageOf(refusal)}. Other queues go on.`;
  const [, argument, wanted, wantedValue, current, currentValue] = found;
  return (
    `Queue "${queue.name}" exists with another ${argument}: found ${currentValue ?? current}, wanted ${wantedValue ?? wanted}. ` +
    `Delete it (rabbitmqctl delete_queue ${queue.name}) or use another NAMESPACE; until then nothing goes through it, other queues go on.`
  );
};
