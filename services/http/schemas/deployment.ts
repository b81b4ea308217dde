import type { JsonSchema } from "../../../core/json";
import { CHECKS, FINDING_STATES } from "../../doctor/finding";
import { TAKEOVER_REASONS } from "../../../store/takeovers";
import { boolean, integer, list, nullable, number, object, oneOf, text, time } from "./common";

const TAKEOVER = object({
  shard: integer(),
  epoch: integer("That it was taken at."),
  at: time(),
  owner: text("Who took it."),
  former: nullable(text("Who had it before; null: nobody.")),
  how: oneOf(
    TAKEOVER_REASONS,
    "first: nobody had ever had it; given: its owner gave it away, to balance or as it stopped; handed: its owner " +
      "was asked to; ended: its owner's process or connection to the database was gone; silent: its owner stood " +
      "still; itself: its owner took it anew, after a commit of unknown outcome or a time without the database.",
  ),
  stalled_ms: nullable(
    integer("From its former owner's last sign of life until its runs were served again; null: not known, or not yet."),
  ),
  runs: nullable(integer("That went on in it; null, as what follows: it has not come so far.")),
  sent_again: nullable(integer("Steps that were dispatched again, as no worker had them.")),
  had_begun: nullable(
    integer("Of these, the ones that had begun, as far as their workers had told: they run for the second time."),
  ),
});

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
        cpu_hour: nullable(list(number(), "The same of each minute of the last hour, oldest first; the last goes on.")),
        loop_p99_ms: nullable(number("How late its event loop was in the last seconds, for the slowest hundredth.")),
        shards: nullable(integer("Of a daemon.")),
        runs: nullable(integer("Of a daemon: those that go on in its shards.")),
        work: nullable(
          object({
            ticks_per_second: nullable(number("Of a daemon: ticks of sensors in the last minute.")),
            requests_per_second: nullable(number("Of a web server: requests that it answered in the last minute.")),
            streams: nullable(integer("Of a web server: open live streams.")),
          }),
        ),
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
    takeovers: list(TAKEOVER, "The last 100 times that a shard was taken, newest first."),
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
  RunTakeovers: object({
    items: list(TAKEOVER, "Of the run's shard while the run went on, in order; 100 at most."),
  }),
  Diagnosis: object({
    node: text("The process that looked."),
    ok: boolean("There is no problem; warnings stop nothing."),
    findings: list(
      object({
        check: oneOf(CHECKS),
        state: oneOf(FINDING_STATES),
        text: text(),
        todo: nullable(text("What to do about it; null: nothing, or the text says it.")),
      }),
    ),
  }),
};
