import type { Duplex } from "node:stream";
import { type ChannelModel, connect } from "amqplib";
import { type Log, messageOf } from "../log";
import { redact, whyNotConnected } from "./address";
import { backoff } from "./backoff";

export interface LinkOptions {
  /** One or more URLs, separated by ";": tried in turn. */
  url: string;
  /** Shown in the broker's list of connections. */
  name: string;
  /** Seconds; the broker drops a connection that was silent for about twice as long. */
  heartbeat: number;
  log: Log;
}

type UpListener = (connection: ChannelModel) => Promise<void>;

const HANDSHAKE_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 2_000;
/** A connection that lived this long was a good one: the next attempt starts without back-off. */
const GOOD_LIFE_MS = 2_000;

/** A connection to RabbitMQ that comes back by itself: jittered, after at most 2 s. */
export class Link {
  #connection: ChannelModel | null = null;
  #opened = false;
  #closed = false;
  #attempt = 0;
  #failures = 0;
  #retry: NodeJS.Timeout | null = null;
  readonly #listeners = new Set<UpListener>();
  #waiting: ((connection: ChannelModel) => void)[] = [];

  constructor(private readonly options: LinkOptions) {}

  get connection(): ChannelModel | null {
    return this.#connection;
  }

  /** What keeps it from being connected now, or null. Links that meet the same say the same: it names none of them. */
  problem: string | null = null;

  /** Calls `listener` at once if the link is up, and at each reconnect. Opens the link. Returns how to end it. */
  onUp(listener: UpListener): () => void {
    this.#listeners.add(listener);
    this.open();
    if (this.#connection) this.#tell(this.#connection, listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The connection, as soon as there is one. */
  up(): Promise<ChannelModel> {
    this.open();
    if (this.#connection) return Promise.resolve(this.#connection);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  open(): void {
    if (this.#opened || this.#closed) return;
    this.#opened = true;
    void this.#connect();
  }

  /** Drops the connection so that it is made anew: for a state that only a fresh start repairs. */
  reset(): void {
    if (this.#connection) destroy(this.#connection);
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#retry) clearTimeout(this.#retry);
    const connection = this.#connection;
    this.#connection = null;
    if (connection) await closeWithin(connection, CLOSE_TIMEOUT_MS);
  }

  async #connect(): Promise<void> {
    const { name, heartbeat, log } = this.options;
    const urls = this.options.url.split(";");
    const url = urls[this.#attempt++ % urls.length]!;
    try {
      const connection = await connect(withHeartbeat(url, heartbeat), {
        noDelay: true,
        keepAlive: true,
        timeout: HANDSHAKE_TIMEOUT_MS,
        clientProperties: { connection_name: name },
      });
      if (this.#closed) return void closeWithin(connection, CLOSE_TIMEOUT_MS);
      this.#adopt(connection, url);
    } catch (error) {
      const { what, todo } = whyNotConnected(url, error);
      if (what !== this.problem) log.warn(`${what} (${name}). ${todo} Trying again at least every 2 s.`);
      this.problem = what;
      this.#again();
    }
  }

  #adopt(connection: ChannelModel, url: string): void {
    const { name, log } = this.options;
    const since = Date.now();
    connection.on("error", (error) => log.debug(`${name}: ${messageOf(error)}`));
    connection.on("handler-error", (error) => log.error(`${name}: a listener failed: ${messageOf(error)}`));
    connection.on("blocked", (reason) => {
      this.problem = `RabbitMQ takes no messages for now (${reason})`;
      log.warn(`${this.problem}; ${name} waits.`);
    });
    connection.on("unblocked", () => {
      this.problem = null;
      log.info(`RabbitMQ takes messages again (${name}).`);
    });
    connection.on("close", (error) => {
      destroy(connection); // a half-open socket would stay for hours
      if (this.#connection !== connection) return;
      this.#connection = null;
      this.problem = `The connection to RabbitMQ at ${redact(url)} was lost: ${error ? messageOf(error) : "closed"}`;
      log.warn(`${this.problem} (${name}). Reconnecting.`);
      if (Date.now() - since > GOOD_LIFE_MS) this.#failures = 0;
      this.#again();
    });
    if (this.problem) log.info(`Connected to RabbitMQ at ${redact(url)} again (${name}).`);
    else log.debug(`Connected to RabbitMQ at ${redact(url)} (${name}).`);
    this.problem = null;
    this.#connection = connection;
    for (const waiting of this.#waiting.splice(0)) waiting(connection);
    for (const listener of this.#listeners) this.#tell(connection, listener);
  }

  #tell(connection: ChannelModel, listener: UpListener): void {
    listener(connection).catch((error: unknown) => {
      if (this.#connection !== connection) return; // it failed because the connection went
      this.options.log.warn(
        `${this.options.name}: a set-up failed, so the connection is made anew: ${messageOf(error)}`,
      );
      destroy(connection);
    });
  }

  #again(): void {
    if (this.#closed) return;
    this.#retry = setTimeout(() => void this.#connect(), backoff(this.#failures++));
  }
}

const withHeartbeat = (url: string, seconds: number): string => {
  const parsed = new URL(url);
  parsed.searchParams.set("heartbeat", String(seconds));
  return parsed.toString();
};

/** Ends the socket without a word. With an error, since amqplib listens to that alone, and then reports the close. */
const destroy = (connection: ChannelModel): void => {
  const { stream } = connection.connection as unknown as { stream: Duplex };
  stream.destroy(new Error("The connection was dropped by this node"));
};

const closeWithin = async (connection: ChannelModel, ms: number): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([connection.close().catch(() => {}), late]);
  clearTimeout(timer);
  destroy(connection);
};
