import type { Duplex } from "node:stream";
import {
  Client,
  Pool,
  type ClientBase,
  type ClientConfig,
  type PoolClient,
  type PoolConfig,
  type QueryResultRow,
} from "pg";
import { DqueueError } from "../core/errors";
import { startEmbedded, type Embedded } from "./embedded";
import { clearError } from "./errors";
import { renewPlans } from "./plan-age";
import { parsers } from "./types";

export interface Result<Row> {
  rows: Row[];
  /** Rows written or read. */
  rowCount: number;
}

/** Where a statement can run: the database itself, or a transaction. */
export interface Queryable {
  /** True: PGlite in this process. Then there is one session, and advisory locks and LISTEN do nothing. */
  readonly embedded: boolean;
  /**
   * Runs one statement. `name`: prepares it once per connection (ignored embedded, whose session is shared).
   * Fails with a DATABASE_* code where the server or the way to it is at fault, else with pg's own error.
   */
  query<Row extends QueryResultRow = QueryResultRow>(
    text: string,
    values?: readonly unknown[],
    name?: string,
  ): Promise<Result<Row>>;
}

/** A connection of its own, outside the pool, for what lives as long as the session does. */
export interface Session extends Queryable {
  /** Calls back once when the connection is lost other than by `close`. */
  onLost(callback: (error: Error) => void): void;
  close(): Promise<void>;
}

/** PostgreSQL, or the embedded database: one interface, the same SQL. */
export interface Database extends Queryable {
  /**
   * Runs `work` in a transaction (READ COMMITTED) and commits it; what it throws rolls back. Inside, query only by
   * the argument: embedded there is one connection, and another query waits for it until DATABASE_BUSY.
   */
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>;
  /** PostgreSQL only. */
  session(): Promise<Session>;
  /** How Sequelize reaches the same database; see `sequelizeOf`. */
  readonly sequelizeTarget: SequelizeTarget;
  /** Why it will not answer any more until a new start (embedded only); null while it may. */
  failure(): DqueueError | null;
  /** Connections of the pool by what they do, and statements that wait for one. */
  connections(): { idle: number; active: number; waiting: number };
  /** To be done, and waited for, before the connections are closed. */
  onClose(act: () => Promise<void>): void;
  /** Waits for queries in hand, then closes every connection and, embedded, the database. */
  close(): Promise<void>;
}

export type SequelizeTarget = { url: string; statementTimeoutMs: number } | { stream: () => Duplex };

export interface DatabaseOptions {
  /** A postgres:// URL; absent: the embedded database under `home`. */
  databaseUrl?: string | undefined;
  /** The home folder (DQUEUE_HOME). */
  home: string;
  /** Connections of the pool; PostgreSQL only. */
  maxConnections?: number;
  /** After this a statement is ended by the server, in milliseconds; PostgreSQL only. */
  statementTimeoutMs?: number;
}

const OLDEST_VERSION = 15;
const CONNECT_TIMEOUT_MS = 5_000;
const EMBEDDED_WAIT_MS = 30_000;

/** Opens the database and makes sure that it answers. Fails with a DATABASE_* code or, embedded, HOME_IN_USE and its like. */
export const openDatabase = async (options: DatabaseOptions): Promise<Database> => {
  if (!options.databaseUrl) return new PooledDatabase(embeddedConfig(await startEmbedded(options.home)));
  const database = new PooledDatabase(serverConfig({ ...options, databaseUrl: options.databaseUrl }));
  try {
    await refuseOldServer(database);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
};

interface Config {
  embedded: Embedded | null;
  pool: PoolConfig;
  sequelizeTarget: SequelizeTarget;
}

const serverConfig = ({
  databaseUrl,
  maxConnections = 10,
  statementTimeoutMs = 30_000,
}: DatabaseOptions & { databaseUrl: string }): Config => {
  const session = [
    `statement_timeout = ${statementTimeoutMs}`,
    // A paused owner must not block its own takeover.
    `idle_in_transaction_session_timeout = 2000`,
    // The server notices within some 12 s that a machine is gone, and frees its locks.
    `tcp_keepalives_idle = 5`,
    `tcp_keepalives_interval = 2`,
    `tcp_keepalives_count = 3`,
    // Compiling a statement takes longer than any of ours runs.
    `jit = off`,
  ];
  return {
    embedded: null,
    pool: {
      connectionString: databaseUrl,
      application_name: "dqueue",
      max: maxConnections,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      // Where the network swallows the answer, the server's own timeout does not reach us.
      query_timeout: statementTimeoutMs + 5_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 5_000,
      types: parsers,
      onConnect: async (client: ClientBase) => void (await client.query(session.map((set) => `set ${set}`).join("; "))),
    },
    sequelizeTarget: { url: databaseUrl, statementTimeoutMs },
  };
};

const embeddedConfig = (embedded: Embedded): Config => ({
  embedded,
  pool: {
    // Named, since pg would take what is missing from the environment (PGHOST, PGSSLMODE, …).
    user: "postgres",
    database: "postgres",
    password: "none",
    host: "embedded",
    port: 5432,
    ssl: false,
    stream: () => embedded.stream() as never,
    max: 1,
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: EMBEDDED_WAIT_MS,
    types: parsers,
  },
  sequelizeTarget: { stream: () => embedded.stream() },
});

class PooledDatabase implements Database {
  readonly embedded: boolean;
  private readonly pool: Pool;
  private readonly closing: (() => Promise<void>)[] = [];
  private closed: Promise<void> | null = null;

  constructor(private readonly config: Config) {
    this.embedded = config.embedded !== null;
    this.pool = new Pool(config.pool);
    // An idle connection that breaks is replaced at the next query, which fails or succeeds by itself.
    this.pool.on("error", () => {});
    // One that breaks between two statements of a transaction, too: unheard, its error would end the process.
    this.pool.on("connect", (client) => client.on("error", () => {}));
  }

  get sequelizeTarget(): SequelizeTarget {
    return this.config.sequelizeTarget;
  }

  failure(): DqueueError | null {
    return this.config.embedded?.failure() ?? null;
  }

  connections(): { idle: number; active: number; waiting: number } {
    const { idleCount: idle, totalCount, waitingCount: waiting } = this.pool;
    return { idle, active: totalCount - idle, waiting };
  }

  onClose(act: () => Promise<void>): void {
    this.closing.push(act);
  }

  async query<Row extends QueryResultRow>(
    text: string,
    values?: readonly unknown[],
    name?: string,
  ): Promise<Result<Row>> {
    const client = await this.connect();
    try {
      const result = await runOn<Row>(client, this.embedded, text, values, name);
      client.release();
      return result;
    } catch (error) {
      client.release(breaksConnection(error));
      throw error;
    }
  }

  async transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
    const client = await this.connect();
    const tx = queryableOn(client, this.embedded);
    let result: T;
    try {
      await tx.query("begin");
      result = await work(tx);
      await commit(client);
    } catch (error) {
      // A rollback that fails leaves a connection that nobody may use again.
      const broken = await client.query("rollback").then(
        () => breaksConnection(error),
        () => true,
      );
      client.release(broken);
      throw error;
    }
    client.release();
    return result;
  }

  async session(): Promise<Session> {
    const { max: _max, onConnect, ...config } = this.config.pool;
    const client = new Client(config as ClientConfig);
    const lost = onceLost(client);
    try {
      await client.connect();
      await onConnect?.(client);
    } catch (error) {
      await client.end().catch(() => {});
      throw clearError(error);
    }
    return {
      ...queryableOn(client, this.embedded),
      onLost: lost.listen,
      close: async () => {
        lost.expect();
        await client.end();
      },
    };
  }

  close(): Promise<void> {
    return (this.closed ??= this.closeAll());
  }

  private async closeAll(): Promise<void> {
    for (const act of this.closing) await act();
    await this.pool.end();
    await this.config.embedded?.close();
  }

  private async connect(): Promise<PoolClient> {
    try {
      return await this.pool.connect();
    } catch (error) {
      throw clearError(error);
    }
  }
}

const runOn = async <Row extends QueryResultRow>(
  client: ClientBase,
  embedded: boolean,
  text: string,
  values?: readonly unknown[],
  name?: string,
): Promise<Result<Row>> => {
  try {
    const prepared = name !== undefined && !embedded ? { name } : {};
    if (prepared.name) await renewPlans(client);
    const result = await client.query<Row>({ text, ...(values && { values: values as unknown[] }), ...prepared });
    return { rows: result.rows, rowCount: result.rowCount ?? 0 };
  } catch (error) {
    throw clearError(error);
  }
};

/** The server answers "ROLLBACK" to the commit of a transaction in which a statement had failed. */
const commit = async (client: ClientBase): Promise<void> => {
  try {
    const { command } = await client.query("commit");
    if (command === "COMMIT") return;
  } catch (error) {
    throw clearError(error);
  }
  throw new DqueueError("DATABASE_CONFLICT", "The transaction was undone: one of its statements had failed.");
};

const queryableOn = (client: ClientBase, embedded: boolean): Queryable => ({
  embedded,
  query: (text, values, name) => runOn(client, embedded, text, values, name),
});

/** After these the connection's state is unknown: an answer may still come, or none ever. */
const breaksConnection = (error: unknown): boolean =>
  error instanceof DqueueError && (error.code === "DATABASE_UNREACHABLE" || error.code === "DATABASE_TIMEOUT");

/** Tells once that a client's connection ended, even to who asks afterwards. */
const onceLost = (client: Client) => {
  let state: Error | "expected" | null = null;
  const callbacks: ((error: Error) => void)[] = [];
  const end = (error: Error): void => {
    if (state !== null) return;
    state = error;
    for (const callback of callbacks) callback(error);
  };
  client.on("error", (error) => end(clearError(error) as Error));
  client.on("end", () => end(new DqueueError("DATABASE_UNREACHABLE", "The database has closed the connection.")));
  return {
    expect: () => void (state ??= "expected"),
    listen: (callback: (error: Error) => void): void => {
      if (state instanceof Error) callback(state);
      else callbacks.push(callback);
    },
  };
};

const refuseOldServer = async (database: Database): Promise<void> => {
  const { rows } = await database.query<{ version: string; number: number }>(
    `select current_setting('server_version') as version, current_setting('server_version_num')::int as number`,
  );
  const { version, number } = rows[0]!;
  if (number >= OLDEST_VERSION * 10_000) return;
  throw new DqueueError(
    "DATABASE_TOO_OLD",
    `The database is PostgreSQL ${version}; dqueue needs PostgreSQL ${OLDEST_VERSION} or later.`,
  );
};
