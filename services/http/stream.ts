import type { ServerResponse } from "node:http";
import { DqueueError } from "../../core/errors";
import type { Database } from "../../store/database";
import { getRun } from "../../store/queries/runs";
import { runNotFound } from "../../store/end-of-runs";
import { type Feed, feedOf } from "./feeds";
import { SharedReads } from "./shared-reads";

const MAX_TOPICS = 20;
const HEARTBEAT_MS = 15_000;
/** A reader whose key was revoked reads on for so long. */
const RECHECK_MS = 5_000;
/** A wake that got lost is made up for by then. */
const SWEEP_MS = 2_000;
const PAGE = 200;
/** A client that takes nothing for this long is gone. */
const STUCK_MS = 60_000;

interface Topic {
  feed: Feed;
  place: string;
}

/** The open streams of this node. */
export class Streams {
  private readonly open = new Set<Stream>();
  private readonly shared = new SharedReads();
  private timers: NodeJS.Timeout[] = [];
  private stopped = false;

  constructor(
    private readonly db: Database,
    private readonly warn: (message: string) => void,
  ) {}

  /**
   * @param stillAllowed asked while the stream is open: once it says no, the stream ends.
   * @throws DqueueError INVALID_PARAMETER, RUN_NOT_FOUND.
   */
  async add(
    response: ServerResponse,
    topics: string,
    lastEventId: string | undefined,
    stillAllowed: () => Promise<boolean>,
  ): Promise<void> {
    const wanted = await this.topicsOf(topics, lastEventId);
    // It has gone while its places were looked up, and will not say so again.
    if (response.destroyed) return;
    const stream = new Stream(response, wanted, this.warn, stillAllowed);
    // Asked for before the stop, and found its places after it.
    if (this.stopped) return stream.close();
    this.open.add(stream);
    response.once("close", () => {
      stream.close();
      this.open.delete(stream);
      if (this.open.size === 0) this.rest();
    });
    if (this.timers.length === 0) this.watch();
    stream.wake();
  }

  /** Something of these topics is new. */
  wake(topics: readonly string[]): void {
    for (const stream of this.open) stream.wake(topics);
  }

  get size(): number {
    return this.open.size;
  }

  stop(): void {
    this.stopped = true;
    this.rest();
    for (const stream of this.open) stream.close();
  }

  private watch(): void {
    this.timers = [
      setInterval(() => this.open.forEach((stream) => stream.wake()), SWEEP_MS),
      setInterval(() => this.open.forEach((stream) => stream.heartbeat()), HEARTBEAT_MS),
      setInterval(() => this.open.forEach((stream) => void stream.recheck()), RECHECK_MS),
    ];
  }

  private rest(): void {
    this.timers.forEach(clearInterval);
    this.timers = [];
  }

  private async topicsOf(list: string, lastEventId: string | undefined): Promise<Map<string, Topic>> {
    const names = [...new Set(list.split(","))];
    if (names.length > MAX_TOPICS) throw invalid("topics", `names ${names.length} topics; ${MAX_TOPICS} is the limit`);
    const places = readPlaces(lastEventId);
    const topics = new Map<string, Topic>();
    for (const name of names) {
      const feed = feedOf(this.db, this.shared, name);
      if (!feed) throw invalid("topics", `names "${name.slice(0, 100)}": there are runs, ticks and run:<id>`);
      const run = name.startsWith("run:") ? name.slice(4) : null;
      if (run !== null && !(await getRun(this.db, run))) throw runNotFound(run);
      const place = places.get(name);
      if (place !== undefined && !feed.accepts(place)) throw invalid("last_event_id", `has no place of "${name}"`);
      topics.set(name, { feed, place: place ?? (await feed.start()) });
    }
    return topics;
  }
}

const invalid = (parameter: string, problem: string): DqueueError =>
  new DqueueError("INVALID_PARAMETER", `The query parameter "${parameter}" ${problem}.`, { parameter });

/** An event's id says of each topic how far the reader is: `runs=912:0198…,run:0198…=17`. */
const readPlaces = (id = ""): Map<string, string> =>
  new Map(
    id.split(",").flatMap((part) => {
      const equals = part.lastIndexOf("=");
      return equals > 0 ? [[part.slice(0, equals), part.slice(equals + 1)] as const] : [];
    }),
  );

/** One client. It is given what the database has behind its places, as fast as it takes it. */
class Stream {
  private readonly stale: Set<string>;
  private pumping = false;
  private closed = false;
  private stuckSince: number | null = null;

  constructor(
    private readonly response: ServerResponse,
    private readonly topics: Map<string, Topic>,
    private readonly warn: (message: string) => void,
    private readonly stillAllowed: () => Promise<boolean>,
  ) {
    this.stale = new Set(topics.keys());
    response.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
    });
    response.socket?.setNoDelay(true);
    // With data, since parsers forget an id that comes without: the place of who has seen nothing yet.
    response.write(`retry: 1000\nevent: open\nid: ${this.places()}\ndata: {}\n\n`);
  }

  wake(topics: readonly string[] = [...this.topics.keys()]): void {
    for (const topic of topics) if (this.topics.has(topic)) this.stale.add(topic);
    if (!this.pumping && !this.closed && this.stale.size > 0) void this.pump();
  }

  heartbeat(): void {
    if (this.stuckSince !== null && performance.now() - this.stuckSince > STUCK_MS) return void this.response.destroy();
    if (this.stuckSince === null && !this.closed) this.response.write(": heartbeat\n\n");
  }

  /** Ends where its reader may not read any more. */
  async recheck(): Promise<void> {
    if (!(await this.stillAllowed())) this.close();
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.response.end();
  }

  private async pump(): Promise<void> {
    this.pumping = true;
    try {
      for (const topic of this.stale) {
        this.stale.delete(topic);
        if (await this.send(this.topics.get(topic)!)) this.stale.add(topic);
        if (this.closed) return;
      }
    } catch (error) {
      // The client comes again with its last event's id, and loses nothing.
      this.warn(`A stream was closed: ${(error as Error).message}`);
      this.close();
    } finally {
      this.pumping = false;
    }
    // Woken after the last look.
    if (this.stale.size > 0) this.wake([]);
  }

  /** True: there may be more. */
  private async send(topic: Topic): Promise<boolean> {
    const messages = await topic.feed.read(topic.place, PAGE);
    for (const { event, data, place } of messages) {
      topic.place = place;
      if (this.closed) return false;
      const taken = this.response.write(`event: ${event}\nid: ${this.places()}\ndata: ${data}\n\n`);
      if (!taken) await this.drained();
    }
    return messages.length >= PAGE;
  }

  private async drained(): Promise<void> {
    this.stuckSince = performance.now();
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.response.off("drain", done).off("close", done);
        resolve();
      };
      this.response.on("drain", done).on("close", done);
    });
    this.stuckSince = null;
  }

  private places(): string {
    return [...this.topics].map(([name, { place }]) => `${name}=${place}`).join(",");
  }
}
