import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { accessSync, constants, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "./free-port";

/** A RabbitMQ of the caller's own: free ports, temporary folder, nothing left behind. */
export interface Rabbit {
  readonly url: string;
  /** Of its management API, with user and password; null where it was started without. */
  readonly managementUrl: string | null;
  /** The process that all of the server's processes descend from; null while it is down. */
  readonly pid: number | null;
  /** Starts it again after `kill9` or `down`; its queues and persistent messages are still there. */
  start(): Promise<void>;
  /** Shuts it down in order, keeping its folder. */
  down(): Promise<void>;
  /** `down` and `start`. Resolves when it accepts connections again. */
  restart(): Promise<void>;
  /** Ends it as a crash would. A queue that it was told of in the last two seconds it may forget, with all in it. */
  kill9(): Promise<void>;
  /** Resolves when every queue that it was told of would outlive `kill9`: mnesia, which 4.3 has no more, writes late. */
  storeQueues(): Promise<void>;
  /** Runs rabbitmqctl (about a second) and returns what it printed. */
  ctl(...args: string[]): Promise<string>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

const run = promisify(execFile);
const USER = "dqueue";
/** One that is found wherever it is told. */
export const BROKER_PASSWORD = "password-of-the-broker";
const START_TIMEOUT_MS = 100_000;
// The wrappers that distributions put into /usr/sbin drop the environment (and demand root), so these come first.
const FOLDERS = ["/usr/lib/rabbitmq/bin", "/opt/rabbitmq/sbin", "/opt/homebrew/sbin", "/usr/local/sbin", "/usr/sbin"];
export const RABBIT_ABSENT =
  "RabbitMQ is not installed here. Install rabbitmq-server, or name its folder in RABBITMQ_BIN.";

const folderOfBinaries = (): string | null => {
  const folders = process.env.RABBITMQ_BIN ? [process.env.RABBITMQ_BIN] : FOLDERS;
  return folders.find((folder) => isExecutable(join(folder, "rabbitmq-server"))) ?? null;
};

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Whether `startRabbit` can work here. */
export const rabbitInstalled = (): boolean => folderOfBinaries() !== null;

const settings = (folder: string, ports: { amqp: number; epmd: number; dist: number }): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HOME: folder, // of the Erlang cookie
  LANG: "C.UTF-8",
  ERL_EPMD_PORT: String(ports.epmd),
  ERL_EPMD_ADDRESS: "127.0.0.1",
  RABBITMQ_NODENAME: `test${ports.amqp}@localhost`,
  RABBITMQ_NODE_IP_ADDRESS: "127.0.0.1",
  RABBITMQ_NODE_PORT: String(ports.amqp),
  RABBITMQ_DIST_PORT: String(ports.dist),
  RABBITMQ_MNESIA_BASE: join(folder, "mnesia"),
  RABBITMQ_LOG_BASE: join(folder, "log"),
  RABBITMQ_CONFIG_FILE: join(folder, "rabbitmq"),
  RABBITMQ_CONF_ENV_FILE: join(folder, "env"),
  RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, "enabled_plugins"),
  RABBITMQ_PID_FILE: join(folder, "pid"),
  // Erlang's schedulers spin when idle by default, which the other processes of a small machine pay for.
  RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "+sbwt none +sbwtdcpu none +sbwtdio none",
});

/** Starts a RabbitMQ of the caller's own in some seconds: share one per test file, and `stop()` it in `afterAll`. */
export const startRabbit = async ({ management = false } = {}): Promise<Rabbit> => {
  const bin = folderOfBinaries();
  if (!bin) throw new Error(RABBIT_ABSENT);
  const folder = mkdtempSync(join(tmpdir(), "dqueue-rabbit-"));
  for (const name of ["mnesia", "log"]) mkdirSync(join(folder, name));
  const web = management ? await freePort() : null;
  const managed =
    web === null
      ? ""
      : `management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = ${web}\ncollect_statistics_interval = 500\n`;
  writeFileSync(
    join(folder, "rabbitmq.conf"),
    `disk_free_limit.absolute = 50MB\ndefault_user = ${USER}\ndefault_pass = ${BROKER_PASSWORD}\n${managed}`,
  );
  writeFileSync(join(folder, "env"), "");
  writeFileSync(join(folder, "enabled_plugins"), management ? "[rabbitmq_management].\n" : "[].\n");
  const ports = { amqp: await freePort(), epmd: await freePort(), dist: await freePort() };
  const urls = {
    url: `amqp://${USER}:${BROKER_PASSWORD}@127.0.0.1:${ports.amqp}`,
    managementUrl: web === null ? null : `http://${USER}:${BROKER_PASSWORD}@127.0.0.1:${web}`,
  };
  return openRabbit(bin, folder, urls, settings(folder, ports));
};

type Urls = Pick<Rabbit, "url" | "managementUrl">;

const openRabbit = async (bin: string, folder: string, urls: Urls, env: NodeJS.ProcessEnv): Promise<Rabbit> => {
  // As a child of ours, or the server would start one that outlives it.
  const epmd = spawn(pathOfEpmd(), ["-port", env.ERL_EPMD_PORT!], { env, stdio: "ignore" });
  epmd.on("error", () => {}); // the server then starts its own
  let server: ChildProcess | null = null;

  const signal = (name: NodeJS.Signals): void => {
    try {
      if (server?.pid) process.kill(-server.pid, name);
    } catch {
      // It is gone already.
    }
  };
  const end = async (name: NodeJS.Signals): Promise<void> => {
    const ending = server;
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
    // Not "exit", which is the shell's: the pipes close when the last of its group is gone, and writes no more.
    const exited = new Promise((resolve) => ending.once("close", resolve));
    signal(name);
    await exited;
    server = null;
  };
  const lastResort = (): void => {
    signal("SIGKILL");
    epmd.kill("SIGKILL");
  };
  process.once("exit", lastResort);

  const rabbit: Rabbit = {
    ...urls,
    get pid() {
      return server?.pid ?? null;
    },
    start: async () => {
      server = await bootServer(bin, env);
    },
    down: () => end("SIGTERM"),
    restart: async () => {
      await rabbit.down();
      await rabbit.start();
    },
    kill9: () => end("SIGKILL"),
    storeQueues: async () =>
      void (await rabbit.ctl("eval", "[ok = mnesia:sync_log() || mnesia:system_info(is_running) =:= yes].")),
    ctl: async (...args) => {
      const { stdout } = await run(join(bin, "rabbitmqctl"), ["--quiet", ...args], { env, cwd: folder });
      return stdout;
    },
    stop: async () => {
      process.removeListener("exit", lastResort);
      await end("SIGKILL");
      epmd.kill();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  try {
    await rabbit.start();
  } catch (error) {
    await rabbit.stop();
    throw error;
  }
  return rabbit;
};

const pathOfEpmd = (): string => {
  try {
    return execFileSync("sh", ["-c", "command -v epmd"], { encoding: "utf8" }).trim();
  } catch {
    return "epmd";
  }
};

/** Resolves at the line with which the server says that its start is complete. */
const bootServer = (bin: string, env: NodeJS.ProcessEnv): Promise<ChildProcess> =>
  new Promise((resolve, reject) => {
    const server = spawn(join(bin, "rabbitmq-server"), [], { env, cwd: env.HOME, detached: true });
    let printed = "";
    const fail = (why: string): void => {
      clearTimeout(timer);
      reject(new Error(`RabbitMQ did not start: ${why}.\n${printed.slice(-4000)}`));
    };
    const timer = setTimeout(() => {
      if (server.pid) process.kill(-server.pid, "SIGKILL");
      fail(`nothing for ${START_TIMEOUT_MS} ms`);
    }, START_TIMEOUT_MS);
    const read = (chunk: Buffer): void => {
      if (printed.length < 100_000) printed += chunk.toString();
      if (!/completed with \d+ plugins/.test(printed)) return;
      clearTimeout(timer);
      resolve(server);
    };
    server.stdout.on("data", read);
    server.stderr.on("data", read);
    server.once("error", (error) => fail(error.message));
    server.once("exit", (code) => fail(`it exited with code ${code}`));
  });
