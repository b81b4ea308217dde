import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DqueueClient } from "../../client";
import { type Running, type Workspace, workspace } from "../cli/command";
import { freePort } from "./free-port";
import { type PostgresServer, startPostgres } from "./postgres";
import { type Rabbit, rabbitForTests, startRabbit } from "./rabbitmq";

/** dqueue as its users run it: real processes from the build, with jobs of the test's own. */
export interface Cluster {
  readonly client: DqueueClient;
  /** Of the web server. */
  readonly url: string;
  readonly place: Workspace;
  /** Starts one more process of a role; resolves when it is ready. Embedded there is one, "dev". */
  start(role: Role): Promise<Running>;
  /** The processes of a role that were started, oldest first. */
  processes(role: Role): Running[];
  /** Where a process of its own role shows its figures. */
  metricsUrl(running: Running): string;
  /** Lines of a file that ops append to with `appendFileSync(process.env.MARKS + "/" + name, line)`. */
  lines(name: string): string[];
  readonly rabbit: Rabbit | null;
  readonly postgres: PostgresServer | null;
  stop(): Promise<void>;
}

export type Role = "webserver" | "daemon" | "worker" | "dev";

export interface ClusterOptions {
  /** The text of jobs/index.ts. */
  jobs: string;
  settings?: NodeJS.ProcessEnv;
  /** Puts more beside the jobs, in the workspace's folder, before anything starts. */
  prepare?: (folder: string) => void;
  /** Distributed: how many of each to begin with; 1, 1 and 1 by default. */
  daemons?: number;
  workers?: number;
  /** A broker that the test may restart. */
  ownBroker?: boolean;
  /** … and whose management API is told to dqueue. */
  managedBroker?: boolean;
  /** A PostgreSQL that the test may restart. */
  ownDatabase?: boolean;
}

/** Node alone: everything in one process. */
export const embedded = (options: ClusterOptions): Promise<Cluster> => open(options, null, null, ["dev"]);

/** RabbitMQ, PostgreSQL, and a process for each role. */
export const distributed = async (options: ClusterOptions): Promise<Cluster> => {
  const { daemons = 1, workers = 1, ownBroker = false, managedBroker = false, ownDatabase = false } = options;
  const [postgres, rabbit] = await Promise.all([
    startPostgres({ own: ownDatabase }),
    ownBroker || managedBroker ? startRabbit({ management: managedBroker }) : rabbitForTests(),
  ]);
  const roles: Role[] = ["webserver", ...Array<Role>(daemons).fill("daemon"), ...Array<Role>(workers).fill("worker")];
  return open(options, postgres, rabbit as Rabbit, roles);
};

/** One that has none lets in whoever comes; some password is sent along, as it is where people work. */
const withPassword = (text: string): string => {
  const url = new URL(text);
  url.password ||= "password-of-the-database";
  return url.href;
};

const open = async (
  { jobs, settings, prepare }: ClusterOptions,
  postgres: PostgresServer | null,
  rabbit: Rabbit | null,
  roles: Role[],
): Promise<Cluster> => {
  const port = await freePort();
  const servers =
    postgres && rabbit ? { DATABASE_URL: withPassword(await postgres.newDatabase()), AMQP_URL: rabbit.url } : {};
  const managed = rabbit?.managementUrl ? { AMQP_MANAGEMENT_URL: rabbit.managementUrl } : {};
  const place = workspace({
    ...servers,
    ...managed,
    PORT: `${port}`,
    NAMESPACE: `t${port}`,
    DQUEUE_PROCESSES: "1",
    ...settings,
  });
  place.env.MARKS = place.folder;
  place.write("jobs/index.ts", jobs);
  prepare?.(place.folder);
  const processes = new Map<Role, Running[]>();
  const start = async (role: Role): Promise<Running> => {
    const running = role === "dev" ? place.start("dev") : place.start("start", role, "--json");
    processes.set(role, [...(processes.get(role) ?? []), running]);
    await running.printed(role === "dev" ? /dqueue is at/ : /"metrics": [^}]*}/);
    return running;
  };
  const cluster: Cluster = {
    client: new DqueueClient(`http://127.0.0.1:${port}`),
    url: `http://127.0.0.1:${port}`,
    place,
    start,
    processes: (role) => processes.get(role) ?? [],
    metricsUrl: (running) => /"metrics": "([^"]+)"/.exec(running.text())![1]!,
    lines: (name) => {
      const file = join(place.folder, name);
      return existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1) : [];
    },
    rabbit,
    postgres,
    stop: async () => {
      await place.remove();
      await Promise.all([rabbit?.stop(), postgres?.stop()]);
    },
  };
  try {
    await Promise.all(roles.map(start));
  } catch (error) {
    await cluster.stop();
    throw error;
  }
  return cluster;
};
