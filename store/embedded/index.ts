import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Duplex } from "node:stream";
import { DqueueError } from "../../core/errors";
import { built } from "../built";
import { lockHome, type HomeLock } from "./lock";
import { watchPresence } from "./presence";
import type { FromEngine, ToEngine, WorkerData } from "./messages";
import { EmbeddedStream } from "./stream";

/** The embedded database of a home folder: PostgreSQL in WebAssembly, in a thread of its own. */
export interface Embedded {
  /** A new connection, for the `stream` option of `pg` and Sequelize. */
  stream(): Duplex;
  /** Why it is gone for good; null while it serves. Only a new start helps. */
  failure(): DqueueError | null;
  /** Ends all connections (open transactions are rolled back), then the thread, then the lock. */
  close(): Promise<void>;
}

/** Where the files of a home's database are. */
export const dataFolder = (home: string): string => join(home, "pgdata");

/** Where the template of a migrated database stands in the build. */
export const templatePath = (): string => built("store", "embedded", "template.tar.gz");

/**
 * Starts the embedded database under `home`, which is made if missing and locked for this process. It survives a kill
 * of the process, but a power loss may damage it: it does not wait for the disk.
 * Fails with HOME_IN_USE, EMBEDDED_VERSION, EMBEDDED_DAMAGED or EMBEDDED_FAILED.
 */
export const startEmbedded = async (home: string): Promise<Embedded> => {
  mkdirSync(home, { recursive: true });
  const lock = await lockHome(home);
  try {
    const thread = new EngineThread({ folder: dataFolder(home), template: templatePath() }, lock);
    await thread.ready;
    thread.watch(home);
    return thread;
  } catch (error) {
    await lock.release();
    throw error;
  }
};

class EngineThread implements Embedded {
  readonly ready: Promise<void>;
  private readonly worker: Worker;
  private readonly ended: Promise<void>;
  private readonly streams = new Map<number, EmbeddedStream>();
  private lastClient = 0;
  private why: DqueueError | null = null;
  private unwatch: () => void = () => undefined;

  constructor(
    data: WorkerData,
    private readonly lock: HomeLock,
  ) {
    this.worker = new Worker(built("store", "embedded", "worker.js"), { workerData: data });
    this.ended = new Promise((resolve) => this.worker.once("exit", () => resolve()));
    this.ready = new Promise((resolve, reject) => {
      this.worker.on("message", (message: FromEngine) => {
        if (message.type === "ready") resolve();
        else if (message.type === "failed") reject(new DqueueError(message.code, message.message));
        else this.deliver(message.client, message.bytes);
      });
      this.worker.on("error", (error) => {
        reject(this.fail(stopped(error.message)));
      });
      this.worker.on("exit", () => {
        reject(this.fail(stopped("its thread has ended")));
      });
    });
  }

  stream(): Duplex {
    const stream = new EmbeddedStream(++this.lastClient, {
      send: (client, bytes) => this.send({ type: "request", client, bytes }),
      leave: (client) => this.send({ type: "leave", client }),
      forget: (client) => {
        this.streams.delete(client);
        this.send({ type: "leave", client });
      },
      failure: () => this.why,
    });
    this.streams.set(stream.client, stream);
    return stream;
  }

  failure(): DqueueError | null {
    return this.why;
  }

  watch(home: string): void {
    this.unwatch = watchPresence(join(dataFolder(home), "PG_VERSION"), () => {
      this.fail(removed(home));
      void this.worker.terminate();
    });
  }

  async close(): Promise<void> {
    this.unwatch();
    this.why ??= stopped("it was closed");
    this.send({ type: "close" });
    await this.ended;
    await this.lock.release();
  }

  private send(message: ToEngine): void {
    this.worker.postMessage(message);
  }

  private deliver(client: number, bytes: Uint8Array | null): void {
    this.streams.get(client)?.deliver(bytes);
  }

  private fail(error: DqueueError): DqueueError {
    this.unwatch();
    const why = (this.why ??= error);
    for (const stream of [...this.streams.values()]) stream.destroy(why);
    return why;
  }
}

const stopped = (why: string): DqueueError =>
  new DqueueError(
    "DATABASE_UNREACHABLE",
    `The embedded database has stopped: ${why}. What was committed is kept; start again.`,
  );

const removed = (home: string): DqueueError =>
  new DqueueError(
    "DATABASE_REMOVED",
    `The folder ${home} of the embedded database has been removed or replaced while it was in use. Stop dqueue, put the ` +
      `folder back from a backup if you need what it held, and start again.`,
  );
