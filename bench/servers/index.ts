import { type PostgresServer, startOwnPostgres } from "./postgres";
import { type Rabbit, startRabbit } from "./rabbitmq";

/** The servers that a measurement runs on: as durable as in production, and nobody else's. */
export interface Servers {
  readonly postgres: PostgresServer;
  readonly rabbit: Rabbit;
  stop(): Promise<void>;
}

/** Starts both from installed binaries. Fails, with nothing left behind, where one is not installed. */
export const startServers = async (): Promise<Servers> => {
  const rabbit = await startRabbit();
  try {
    const postgres = await startOwnPostgres({
      fsync: "on",
      synchronous_commit: "on",
      // When a run's end was committed is what a measurement ends with.
      track_commit_timestamp: "on",
      max_wal_size: "2GB",
    });
    return {
      postgres,
      rabbit,
      stop: async () => {
        await Promise.all([postgres.stop(), rabbit.stop()]);
      },
    };
  } catch (error) {
    await rabbit.stop();
    throw error;
  }
};
