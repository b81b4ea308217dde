/** Processes, settings, shards, migrations and storage. What a process does not tell in time is null. */
export interface Deployment {
  nodes: {
    id: string;
    host: string | null;
    roles: ("webserver" | "daemon" | "worker")[];
    pid: number | null;
    up_seconds: number | null;
    /** Bytes. */
    rss: number | null;
    heap_used: number | null;
    /** Percent of one core, in the last seconds. */
    cpu: number | null;
    /** How late its event loop was in the last seconds, for the slowest hundredth. */
    loop_p99_ms: number | null;
    /** Of a daemon. */
    shards: number | null;
    runs: number | null;
  }[];
  settings: {
    name: string;
    about: string;
    /** All processes need the same. */
    shared: boolean;
    /** Each value that there is, passwords replaced, with the processes that have it. */
    values: { value: string; origin: "default" | "environment" | "file" | "flag"; nodes: string[] }[];
  }[];
  shards: {
    id: number;
    owner: string | null;
    live: boolean;
    epoch: number;
    /** When it was taken, to some ten seconds; null: never. */
    since: string | null;
    runs: number;
  }[];
  migrations: { applied: { name: string; applied_at: string }[]; pending: string[] };
  storage: {
    database: "embedded" | "postgresql";
    bytes: number;
    /** Largest first; rows as the database estimates them. */
    tables: { name: string; bytes: number; rows: number; partitions: number }[];
  };
}
