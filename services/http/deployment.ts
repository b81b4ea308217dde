import type { ServiceBroker } from "moleculer";
import type { Database } from "../../store/database";
import { pendingMigrations } from "../../store/migrate";
import { listCoordinators } from "../../store/queries/cluster";
import { appliedMigrations, tableSizes } from "../../store/queries/deployment";
import { liveCoordinators, readShards } from "../../store/shards";
import { listTakeovers } from "../../store/takeovers";
import type { ProcessDescription } from "../process.service";
import type { ToldSetting } from "../settings";
import type { WorkNow } from "../metrics/work-now";
import { fresh } from "./fresh";
import { settingItems } from "./setting-items";

/** What makes a process one of a role. */
const ROLE_OF = { api: "webserver", coordinator: "daemon", executor: "worker" } as const;

interface KnownNode {
  id: string;
  hostname: string | null;
  services: { name: string }[];
}

/** A process of this namespace. What it does not tell in time is null. */
export interface NodeItem {
  id: string;
  host: string | null;
  roles: string[];
  pid: number | null;
  up_seconds: number | null;
  rss: number | null;
  heap_used: number | null;
  cpu: number | null;
  /** Of each minute of the last hour, oldest first. */
  cpu_hour: readonly number[] | null;
  loop_p99_ms: number | null;
  /** Of a daemon: shards that it owns, and runs that go on in them. */
  shards: number | null;
  runs: number | null;
  work: WorkNow | null;
}

const PATIENCE_MS = 1_000;
/** Sizes of tables are asked for no more often. */
const SIZES_MS = 10_000;

/** Of all shards together, the newest. */
const TAKEOVERS = 100;

/** Processes with their settings, shards, takeovers, migrations and storage. */
export const deploymentReader = (db: Database, broker: ServiceBroker): (() => Promise<object>) => {
  const sizes = fresh(SIZES_MS, () => tableSizes(db));
  const told = fresh(PATIENCE_MS, () => nodesOf(db, broker));
  return async () => {
    const tables = await sizes();
    const nodes = await told();
    return {
      nodes: nodes.map(({ settings: _, ...node }) => node),
      settings: settingItems(nodes),
      shards: await shardsOf(db),
      takeovers: (await listTakeovers(db, TAKEOVERS)).map((taken) => ({ ...taken, at: taken.at.toISOString() })),
      migrations: {
        applied: (await appliedMigrations(db)).map(({ name, applied_at }) => ({
          name,
          applied_at: applied_at.toISOString(),
        })),
        pending: await pendingMigrations(db),
      },
      storage: {
        database: db.embedded ? "embedded" : "postgresql",
        bytes: tables.reduce((sum, { bytes }) => sum + bytes, 0),
        tables,
      },
    };
  };
};

type ToldNode = NodeItem & { settings: readonly ToldSetting[] };

const nodesOf = async (db: Database, broker: ServiceBroker): Promise<ToldNode[]> => {
  // Moleculer's types do not tell of it.
  const registry = broker.registry as unknown as { getNodeList(options: object): KnownNode[] };
  const known = registry.getNodeList({ onlyAvailable: true, withServices: true });
  const owners = new Map((await listCoordinators(db)).map((one) => [one.id, one]));
  const items = await Promise.all(
    known.map(async ({ id, hostname, services }) => {
      const names = services.map(({ name }) => name);
      const roles = Object.entries(ROLE_OF).flatMap(([service, role]) => (names.includes(service) ? [role] : []));
      const told = await broker
        .call<ProcessDescription, object>("process.describe", {}, { nodeID: id, timeout: PATIENCE_MS })
        .catch(() => null);
      const owner = owners.get(id);
      return {
        ...{ id, host: hostname, roles },
        pid: told?.pid ?? null,
        up_seconds: told?.up_seconds ?? null,
        rss: told?.rss ?? null,
        heap_used: told?.heap_used ?? null,
        cpu: told?.cpu ?? null,
        cpu_hour: told?.cpu_hour ?? null,
        loop_p99_ms: told?.loop_p99_ms ?? null,
        shards: owner?.shards.length ?? null,
        runs: owner?.runs ?? null,
        work: told?.work ?? null,
        settings: told?.settings ?? [],
      };
    }),
  );
  // What only looks on, such as a REPL, is no part of the deployment.
  return items.filter(({ roles }) => roles.length > 0).sort((a, b) => (a.id < b.id ? -1 : 1));
};

const shardsOf = async (db: Database) => {
  const live = new Set(await liveCoordinators(db));
  const { rows } = await db.query<{ shard: number; runs: number }>(
    `select shard, count(*) as runs from grants group by shard`,
  );
  const runs = new Map(rows.map((row) => [row.shard, row.runs]));
  return (await readShards(db)).map(({ id, owner, epoch }) => ({
    ...{ id, owner, epoch },
    live: owner !== null && live.has(owner),
    // An epoch is the time of its take-over in microseconds, or up to ten seconds behind it.
    since: epoch === 0 ? null : new Date(Math.min(Date.now(), epoch / 1_000)).toISOString(),
    runs: runs.get(id) ?? 0,
  }));
};
