import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { realpathSync, renameSync, rmSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DqueueError } from "../../core/errors";

/** Held while a process uses a home folder. */
export interface HomeLock {
  release(): Promise<void>;
}

/** Unix socket paths end at some 104 bytes. */
const LONGEST_SOCKET_PATH = 100;
const TRIES = 5;
const PID_WAIT_MS = 300;

/**
 * Locks a home folder (which must exist) for this process by a listening socket: unlike a file with a process id, it
 * is gone with the process, however that ends. Fails with HOME_IN_USE.
 */
export const lockHome = async (home: string): Promise<HomeLock> => {
  const folder = realpathSync(home);
  const paths = socketPaths(folder);
  for (const path of paths) {
    const server = await take(folder, path, path === paths.at(-1));
    if (server) return { release: () => release(server) };
  }
  throw new DqueueError(
    "HOME_NOT_LOCKABLE",
    `No lock could be taken for the folder ${folder}: it has no place for a socket.`,
  );
};

/** Where the socket may stand, best first: in the folder itself, else under a hash of its path. */
const socketPaths = (folder: string): string[] => {
  const hash = createHash("sha256").update(folder).digest("hex").slice(0, 24);
  if (process.platform === "win32") return [`\\\\.\\pipe\\dqueue-${hash}`];
  const inside = join(folder, "lock.sock");
  const outside = join(tmpdir(), `dqueue-${hash}.sock`);
  return Buffer.byteLength(inside) <= LONGEST_SOCKET_PATH ? [inside, outside] : [outside];
};

/** null: sockets cannot stand at this path (some network file systems). */
const take = async (folder: string, path: string, last: boolean): Promise<Server | null> => {
  for (let tries = 0; tries < TRIES; tries++) {
    const server = createServer((socket) => socket.on("error", () => {}).end(String(process.pid)));
    try {
      server.listen(path);
      await once(server, "listening");
      return server.unref();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") {
        if (last) throw error;
        return null;
      }
    }
    await clearStale(folder, path);
  }
  throw inUse(folder, null);
};

/**
 * Removes the socket of a process that is gone. It is moved away first and looked at there: only one of several
 * starters can move it, and one who finds that he moved a live one puts it back.
 */
const clearStale = async (folder: string, path: string): Promise<void> => {
  const holder = await ask(path);
  if (holder) throw inUse(folder, holder.pid);
  const aside = `${path}.${randomBytes(4).toString("hex")}`;
  try {
    renameSync(path, aside);
  } catch {
    return; // Another starter moved it: the next try tells who holds it now.
  }
  const moved = await ask(aside);
  if (moved) {
    renameSync(aside, path);
    throw inUse(folder, moved.pid);
  }
  rmSync(aside, { force: true });
};

/** Who listens at the path: null = nobody. */
const ask = (path: string): Promise<{ pid: string | null } | null> =>
  new Promise((resolve) => {
    let connected = false;
    let pid = "";
    const socket = connect(path);
    socket.setTimeout(PID_WAIT_MS, () => socket.destroy());
    socket.on("connect", () => (connected = true));
    socket.on("data", (data) => (pid += data.toString()));
    socket.on("error", () => {});
    socket.on("close", () => resolve(connected ? { pid: /^\d+$/.test(pid) ? pid : null } : null));
  });

const inUse = (folder: string, pid: string | null): DqueueError =>
  new DqueueError(
    "HOME_IN_USE",
    `The folder ${folder} is in use by another dqueue${pid ? ` (process ${pid})` : ""}. ` +
      `Stop that one, or give this one a folder of its own with DQUEUE_HOME.`,
  );

const release = async (server: Server): Promise<void> => {
  const closed = once(server, "close");
  server.close();
  await closed;
};
