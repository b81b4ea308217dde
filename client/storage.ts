/** What runs take in the database, in bytes. */
export interface Storage {
  /** When the figures by job were measured; null: not yet. */
  measured_at: string | null;
  oldest_run_at: string | null;
  /** The mean of the last seven days that are over; null: none is. */
  growth_per_day: number | null;
  /** null: for ever, and as much as comes. */
  retention: { days: number | null; bytes: number | null };
  /** Largest first, right to a few percent. */
  jobs: {
    job: string;
    bytes: number;
    steps: number;
    events: number;
    logs: number;
    values: number;
    /** null: for ever. */
    retention_days: number | null;
  }[];
  /** Oldest first; exact. */
  days: {
    /** UTC, by the launch of runs: 2025-11-25. */
    day: string;
    bytes: number;
    /** When it is dropped at the earliest; null: never. */
    goes_at: string | null;
  }[];
}
