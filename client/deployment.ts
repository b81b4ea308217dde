/** Processes, settings, shards, takeovers, migrations and storage. What a process does not tell in time is null. */
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
    /** The processor of each minute of the last hour, oldest first; the last minute goes on. */
    cpu_hour: number[] | null;
    /** Of a daemon. */
    shards: number | null;
    runs: number | null;
    /** What it did in the last minute; null, as a part: it does not say, or its roles have no such work. */
    work: { ticks_per_second: number | null; requests_per_second: number | null; streams: number | null } | null;
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
  /** The last 100 times that a shard was taken, newest first. */
  takeovers: Takeover[];
  migrations: { applied: { name: string; applied_at: string }[]; pending: string[] };
  storage: {
    database: "embedded" | "postgresql";
    bytes: number;
    /** Largest first; rows as the database estimates them. */
    tables: { name: string; bytes: number; rows: number; partitions: number }[];
  };
}

/** What `dqueue doctor` says of the web server that was asked. */
export interface Diagnosis {
  /** The process that looked. */
  node: string;
  /** There is no problem; warnings stop nothing. */
  ok: boolean;
  findings: {
    check:
      | "settings"
      | "node"
      | "memory"
      | "disk"
      | "database"
      | "migrations"
      | "clock"
      | "transactions"
      | "retention"
      | "access"
      | "broker"
      | "code"
      | "port";
    state: "ok" | "warning" | "problem";
    text: string;
    /** What to do about it; null: nothing, or the text says it. */
    todo: string | null;
  }[];
}

/** A shard that was given to another coordinator. */
export interface HandedOver {
  shard: number;
  from: string;
  to: string;
}

/** A shard taken. */
export interface Takeover {
  shard: number;
  /** That it was taken at. */
  epoch: number;
  at: string;
  owner: string;
  /** Who had it before; null: nobody. */
  former: string | null;
  /**
   * `first`: nobody had ever had it; `given`: its owner gave it away, to balance or as it stopped; `handed`: its owner
   * was asked to; `ended`: its owner's process or connection to the database was gone; `silent`: its owner stood still;
   * `itself`: its owner took it anew, after a commit of unknown outcome or a time without the database.
   */
  how: "first" | "given" | "handed" | "ended" | "silent" | "itself";
  /** From its former owner's last sign of life until its runs were served again; null: not known, or not yet. */
  stalled_ms: number | null;
  /** That went on in it; null, as what follows: it has not come so far. */
  runs: number | null;
  /** Steps that were dispatched again, as no worker had them. */
  sent_again: number | null;
  /** Of these, the ones that had begun, as far as their workers had told: they run for the second time. */
  had_begun: number | null;
}
