import type { JsonSchema } from "../../../core/json";
import { integer, list, nullable, object, text, time } from "./common";

const keptFor = "Days that runs are kept after their end; null: for ever.";

/** What runs take, by name. */
export const STORAGE: Record<string, JsonSchema> = {
  Storage: object({
    measured_at: nullable(time("When the figures by job were measured; null: not yet.")),
    oldest_run_at: nullable(time("When the oldest run was launched; null: there is none.")),
    growth_per_day: nullable(integer("Bytes, the mean of the last seven days that are over; null: none is.")),
    retention: object({
      days: nullable(integer(keptFor)),
      bytes: nullable(integer("What the days may take in all; null: no limit.")),
    }),
    jobs: list(
      object({
        job: text(),
        bytes: integer(),
        steps: integer("Steps with their outputs and items."),
        events: integer(),
        logs: integer(),
        values: integer("Values too large to stand inline: their JSON, before the database compresses it."),
        retention_days: nullable(integer(keptFor)),
      }),
      "Largest first. What tables take is shared among jobs by samples of their rows, and right to a few percent.",
    ),
    days: list(
      object({
        day: text("UTC, by the launch of runs: 2025-11-25."),
        bytes: integer("Its tables with indexes, and values. Exact."),
        goes_at: nullable(time("When it is dropped at the earliest; null: never.")),
      }),
      "Oldest first.",
    ),
  }),
};
