import type { JsonSchema } from "../../../core/json";
import { boolean, integer, list, nullable, number, object, oneOf, text, time } from "./common";

/** What the deployment is made of, by name. */
export const DEPLOYMENT: Record<string, JsonSchema> = {
  Deployment: object({
    nodes: list(
      object({
        id: text(),
        host: nullable(text()),
        roles: list(oneOf(["webserver", "daemon", "worker"])),
        pid: nullable(integer()),
        up_seconds: nullable(integer("null, as all that follows, where the process did not answer in time.")),
        rss: nullable(integer("Bytes.")),
        heap_used: nullable(integer("Bytes.")),
        cpu: nullable(number("Percent of one core, in the last seconds.")),
        loop_p99_ms: nullable(number("How late its event loop was in the last seconds, for the slowest hundredth.")),
        shards: nullable(integer("Of a daemon.")),
        runs: nullable(integer("Of a daemon: those that go on in its shards.")),
      }),
    ),
    settings: list(
      object({
        name: text(),
        about: text(),
        shared: boolean("All processes need the same."),
        values: list(
          object({
            value: text("Passwords are replaced by `***`."),
            origin: oneOf(["default", "environment", "file", "flag"]),
            nodes: list(text()),
          }),
          "Each value that there is, with the processes that have it.",
        ),
      }),
    ),
    shards: list(
      object({
        id: integer(),
        owner: nullable(text()),
        live: boolean("Its owner lives."),
        epoch: integer(),
        since: nullable(time("When it was taken, to some ten seconds; null: never.")),
        runs: integer("Admitted runs that have not ended."),
      }),
    ),
    migrations: object({
      applied: list(object({ name: text(), applied_at: time() })),
      pending: list(text()),
    }),
    storage: object({
      database: oneOf(["embedded", "postgresql"]),
      bytes: integer(),
      tables: list(
        object({
          name: text(),
          bytes: integer("With indexes and days."),
          rows: integer("As the database estimates it."),
          partitions: integer(),
        }),
        "Largest first.",
      ),
    }),
  }),
};
