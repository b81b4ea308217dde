import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { DqueueError } from "../../core/errors";

/** Held while a process uses a home folder. */
export interface HomeLock {
  release(): Promise<void>;
}

/** Unix socket paths end at some 104 bytes. */
const LONGEST_SOCKET_PATH = 100;
const ANSWER_MS = 500;
const LOOK_AGAIN_MS = 20;
const TRIES = 5;

/**
 * Locks a home folder (which must exist) for this process by a listening socket: unlike a file with a process id, it
 * is gone with the process, however that ends. Fails with HOME_IN_USE.
 *
 * Each process listens on a socket of its own name and then asks those of all others. Names are never used twice, so
 * that a dead one can be removed without harm. Of any two, at least the later sees the other: it gives way to one that
 * holds the lock; of two that both still try, the one with the greater name gives way.
 */
export const lockHome = async (home: string): Promise<HomeLock> => {
  const folder = realpathSync(home);
  if (process.platform === "win32") return lockPipe(folder);
  for (let tries = 0; tries < TRIES; tries++) {
    const claim = await Claim.make(folder);
    try {
      if (await claim.prevails()) return claim;
    } catch (error) {
      await claim.release();
      throw error;
    }
    // Someone took it for dead in the instant before it could answer.
    await claim.release();
  }
  throw inUse(folder, null);
};

const hashOf = (folder: string): string => createHash("sha256").update(folder).digest("hex").slice(0, 20);

/** Where sockets may stand, best first: in the folder itself, else under a hash of its path. */
const places = (folder: string): { folder: string; prefix: string }[] => {
  const inside = { folder, prefix: "lock-" };
  const outside = { folder: tmpdir(), prefix: `dqueue-${hashOf(folder)}-` };
  const longest = Buffer.byteLength(join(folder, "lock-00000000.sock"));
  return longest <= LONGEST_SOCKET_PATH ? [inside, outside] : [outside];
};

type Answer = { state: "held" | "trying"; pid: string | null } | "dead";

class Claim implements HomeLock {
  private held = false;

  private constructor(
    private readonly home: string,
    private readonly place: { folder: string; prefix: string },
    private readonly name: string,
    private readonly server: Server,
  ) {
    server.on("connection", (socket) => {
      socket.on("error", () => {});
      socket.end(`${this.held ? "held" : "trying"} ${process.pid}`);
    });
    server.unref();
  }

  /** Listens in the first place that takes sockets (some network file systems do not). */
  static async make(home: string): Promise<Claim> {
    const candidates = places(home);
    for (const place of candidates) {
      const name = `${place.prefix}${randomBytes(4).toString("hex")}.sock`;
      const server = createServer();
      try {
        server.listen(join(place.folder, name));
        await once(server, "listening");
        return new Claim(home, place, name, server);
      } catch (error) {
        if (place === candidates.at(-1)) throw error;
      }
    }
    throw new Error("unreachable");
  }

  /** Fails with HOME_IN_USE where another prevails; false: this claim cannot be seen, make a new one. */
  async prevails(): Promise<boolean> {
    for (const other of this.others()) await this.waitFor(other);
    this.held = existsSync(join(this.place.folder, this.name));
    return this.held;
  }

  async release(): Promise<void> {
    const closed = once(this.server, "close");
    this.server.close();
    await closed;
  }

  private others(): string[] {
    const { folder, prefix } = this.place;
    return readdirSync(folder).filter(
      (name) => name.startsWith(prefix) && name.endsWith(".sock") && name !== this.name,
    );
  }

  /** Resolves once the other is gone. */
  private async waitFor(other: string): Promise<void> {
    for (;;) {
      const answer = await ask(join(this.place.folder, other));
      if (answer === "dead") return rmSync(join(this.place.folder, other), { force: true });
      if (answer.state === "held" || other < this.name) throw inUse(this.home, answer.pid);
      await delay(LOOK_AGAIN_MS);
    }
  }
}

/** Asks who listens at a path. Who does not answer in time (a stopped process) holds the lock. */
const ask = (path: string): Promise<Answer> =>
  new Promise((resolve) => {
    let text = "";
    let dead = false;
    const socket = connect(path);
    socket.setTimeout(ANSWER_MS, () => socket.destroy());
    socket.on("data", (data) => (text += data.toString()));
    socket.on(
      "error",
      (error: NodeJS.ErrnoException) => (dead = error.code === "ECONNREFUSED" || error.code === "ENOENT"),
    );
    socket.on("close", () => {
      const [, state, pid] = /^(held|trying) (\d+)$/.exec(text) ?? [];
      resolve(dead ? "dead" : { state: state === "trying" ? "trying" : "held", pid: pid ?? null });
    });
  });

/** Named pipes of Windows have one listener, and are gone with it. */
const lockPipe = async (folder: string): Promise<HomeLock> => {
  const path = `\\\\.\\pipe\\dqueue-${hashOf(folder)}`;
  const server = createServer((socket) => socket.on("error", () => {}).end(`held ${process.pid}`)).unref();
  try {
    server.listen(path);
    await once(server, "listening");
  } catch {
    const answer = await ask(path);
    throw inUse(folder, answer === "dead" ? null : answer.pid);
  }
  return {
    release: async () => {
      server.close();
      await once(server, "close");
    },
  };
};

const inUse = (folder: string, pid: string | null): DqueueError =>
  new DqueueError(
    "HOME_IN_USE",
    `The folder ${folder} is in use by another dqueue${pid ? ` (process ${pid})` : ""}. ` +
      `Stop that one, or give this one a folder of its own with DQUEUE_HOME.`,
    { ...(pid !== null && { pid }) },
  );
