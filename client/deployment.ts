/** Processes, shards, migrations and storage. What a process does not tell in time is null. */
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
    /** Of a daemon. */
    shards: number | null;
    runs: number | null;
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
