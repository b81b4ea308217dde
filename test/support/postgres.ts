import {
  createDatabase,
  dropDatabase,
  postgresBinaries,
  type PostgresServer,
  startOwnPostgres,
} from "../../bench/servers/postgres";

export type { PostgresServer } from "../../bench/servers/postgres";

interface Options {
  /** True: a server of our own even where DATABASE_URL names one, for tests that restart it. */
  own?: boolean;
  /** Server settings, e.g. `{ fsync: "on" }` for a measurement. */
  settings?: Record<string, string>;
}

/** True where PostgreSQL tests can run: DATABASE_URL is set, or binaries are installed. */
export const postgresIsAvailable = (): boolean => Boolean(process.env.DATABASE_URL) || postgresBinaries() !== null;

const NOT_AVAILABLE =
  "NOT RUN: the PostgreSQL tests. Neither DATABASE_URL is set nor are PostgreSQL binaries (15 or later) installed.";

/**
 * `describe` for tests on a real PostgreSQL. Where there is none it says loudly what is not run;
 * with CI=true it is a failing test instead.
 */
export const describeOnPostgres = (name: string, tests: () => void): void => {
  if (postgresIsAvailable()) return describe(name, tests);
  if (process.env.CI === "true") {
    return describe(name, () => {
      test("has a PostgreSQL to run on", () => {
        throw new Error(NOT_AVAILABLE);
      });
    });
  }
  process.stderr.write(`\n${"!".repeat(100)}\n${NOT_AVAILABLE}\n  ${name}\n${"!".repeat(100)}\n`);
  return describe.skip(name, tests);
};

const external = (url: string): PostgresServer => {
  const made: string[] = [];
  return {
    url,
    pid: null,
    newDatabase: async () => {
      made.push(await createDatabase(url));
      return made.at(-1)!;
    },
    stop: async () => {
      for (const own of made) await dropDatabase(own, url);
    },
    restart: () =>
      Promise.reject(new Error("DATABASE_URL's server is not ours to restart: startPostgres({ own: true }).")),
  };
};

/**
 * A PostgreSQL for tests: DATABASE_URL's server, else a cluster of our own from the installed binaries on a free
 * port and in a temporary folder. Fails where there is neither; guard suites with `describeOnPostgres`.
 */
export const startPostgres = async ({ own = false, settings = {} }: Options = {}): Promise<PostgresServer> => {
  const given = process.env.DATABASE_URL;
  if (given && !own) return external(given);
  if (postgresBinaries() === null) throw new Error(NOT_AVAILABLE);
  return startOwnPostgres(settings);
};
