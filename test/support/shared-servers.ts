import { postgresBinaries, startOwnPostgres } from "../../bench/servers/postgres";
import { rabbitInstalled, startRabbit } from "../../bench/servers/rabbitmq";

/** Kept where the end of the tests finds it: that is a module of its own world. */
export const SHARED = globalThis as { servers?: { stop(): Promise<void> }[] };

/**
 * Before the first suite, where all of them run: one broker and one PostgreSQL that they share, as with AMQP_URL and
 * DATABASE_URL set. A suite that runs alone starts what it needs, and one that restarts a server has its own anyway.
 */
const setup = async ({ nonFlagArgs }: { nonFlagArgs: string[] }): Promise<void> => {
  if (nonFlagArgs.length > 0) return;
  const [rabbit, postgres] = await Promise.all([
    !process.env.AMQP_URL && rabbitInstalled() ? startRabbit() : null,
    !process.env.DATABASE_URL && postgresBinaries() !== null ? startOwnPostgres({ max_connections: "500" }) : null,
  ]);
  SHARED.servers = [rabbit, postgres].filter((server) => server !== null);
  if (rabbit) process.env.AMQP_URL = rabbit.url;
  if (postgres) process.env.DATABASE_URL = postgres.url;
};

export default setup;
