import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Client } from "pg";
import { freePort } from "./free-port";

/** A PostgreSQL server of the caller's own, for a test suite or a measurement. */
export interface PostgresServer {
  /** Of the maintenance database: for a database of your own take `newDatabase()`. */
  readonly url: string;
  /** The process that all of the server's processes descend from; null where the server is not ours. */
  readonly pid: number | null;
  /** Creates an empty database and returns its URL. It goes with `stop()`. */
  newDatabase(): Promise<string>;
  /** Stops the server as an operator would (clients are disconnected) and starts it again on the same port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const BIN_FOLDERS = ["/usr/lib/postgresql", "/usr/pgsql", "/opt/homebrew/opt", "/usr/local/opt"];

/** The newest installed folder of PostgreSQL binaries (15 or later), or null. */
export const postgresBinaries = (): string | null => {
  const installed = BIN_FOLDERS.filter(existsSync)
    .flatMap((folder) => readdirSync(folder).map((name) => ({ version: Number(/\d+$/.exec(name)?.[0]), folder, name })))
    .filter(({ version }) => version >= 15)
    .sort((a, b) => b.version - a.version)
    .map(({ folder, name }) => join(folder, name, "bin"));
  const onPath = (process.env.PATH ?? "").split(":");
  return [...installed, ...onPath].find((folder) => existsSync(join(folder, "initdb"))) ?? null;
};

/** PostgreSQL refuses to run as root: then its processes run as `postgres`, or as nobody where there is no such user. */
const serverUser = (): { uid: number; gid: number } | undefined => {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string, user: string): number => Number(execFileSync("id", [flag, user], { encoding: "utf8" }));
  for (const user of ["postgres", "nobody"]) {
    try {
      return { uid: id("-u", user), gid: id("-g", user) };
    } catch {
      // No such user here: the next one.
    }
  }
  throw new Error("This runs as root, and there is neither a user postgres nor nobody to run PostgreSQL as.");
};

/** The shell outlives neither us nor the server: when our end of its stdin closes, it stops the server. */
const SUPERVISED = `"$@" </dev/null & server=$!; read _; kill -INT $server; wait $server`;

const launch = async (bin: string, args: string[], user: ReturnType<typeof serverUser>): Promise<ChildProcess> => {
  const server = spawn("sh", ["-c", SUPERVISED, "sh", join(bin, "postgres"), ...args], {
    ...user,
    stdio: ["pipe", "ignore", "pipe"],
  });
  const seen: string[] = [];
  const lines = createInterface({ input: server.stderr! });
  await new Promise<void>((resolve, reject) => {
    lines.on("line", (line) => {
      if (seen.length < 50) seen.push(line);
      if (line.includes("ready to accept connections")) resolve();
      if (line.includes("FATAL") && line.includes("could not")) reject(new Error(seen.join("\n")));
    });
    server.once("exit", () => reject(new Error(`PostgreSQL did not start:\n${seen.join("\n")}`)));
  });
  return server;
};

const halt = async (server: ChildProcess): Promise<void> => {
  if (server.exitCode !== null) return;
  const gone = once(server, "exit");
  server.stdin!.end();
  await gone;
};

const onServer = async (url: string, sql: string): Promise<void> => {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
};

/** Creates an empty database on the server and returns its URL. */
export const createDatabase = async (url: string): Promise<string> => {
  const own = new URL(url);
  own.pathname = `/dqueue_test_${randomBytes(6).toString("hex")}`;
  await onServer(url, `create database ${own.pathname.slice(1)}`);
  return own.href;
};

/** Drops a database that `createDatabase` has made, whoever uses it. */
export const dropDatabase = (own: string, server: string): Promise<void> =>
  onServer(server, `drop database if exists ${new URL(own).pathname.slice(1)} with (force)`);

/**
 * A cluster of our own from the installed binaries, on a free port and in a temporary folder, without fsync unless
 * `settings` say otherwise. Fails where no binaries are installed (see `postgresBinaries`).
 */
export const startOwnPostgres = async (settings: Record<string, string> = {}): Promise<PostgresServer> => {
  const bin = postgresBinaries();
  if (bin === null)
    throw new Error(`PostgreSQL 15 or later is not installed (looked in ${BIN_FOLDERS.join(", ")} and on PATH).`);
  const user = serverUser();
  const home = mkdtempSync(join(tmpdir(), "dqueue-postgres-"));
  const data = join(home, "data");
  mkdirSync(data, { mode: 0o700 });
  if (user) for (const folder of [home, data]) chownSync(folder, user.uid, user.gid);
  chmodSync(home, 0o755);
  execFileSync(
    join(bin, "initdb"),
    ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"],
    { ...user, cwd: home, stdio: "ignore" },
  );
  const port = await freePort();
  const options = { fsync: "off", max_connections: "200", listen_addresses: "127.0.0.1", ...settings };
  const args = ["-D", data, "-p", String(port), "-k", home];
  for (const [name, value] of Object.entries(options)) args.push("-c", `${name}=${value}`);

  let server = await launch(bin, args, user);
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  return {
    url,
    get pid() {
      return server.pid!;
    },
    newDatabase: () => createDatabase(url),
    restart: async () => {
      await halt(server);
      server = await launch(bin, args, user);
    },
    stop: async () => {
      await halt(server);
      rmSync(home, { recursive: true, force: true });
    },
  };
};
