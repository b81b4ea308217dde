import type { Context, ServiceBroker, ServiceSchema } from "moleculer";
import type { Page, Run, RunStatus, Tick } from "../client";
import { runHasEnded } from "../core/status";
import { coloured, type Palette } from "./colours";
import { inOneLine } from "./print";
import { clock, took } from "./times";

type RunsChanged = Context<{ runs: Pick<Run, "id" | "status">[] }>;
type TicksChanged = Context<{ instigators: string[] }>;

const REMEMBERED = 10_000;

/** A service that writes a line for each run that ends, and for each sensor tick that launches or fails. */
export const terminalService = (
  broker: ServiceBroker,
  write: (line: string) => void,
  paint: Palette,
): ServiceSchema => {
  const runs = new Seen();
  const ticks = new Seen();
  const lastFailures = new Map<string, string>();
  const line = (mark: string, text: string): void => write(`${paint.dim(clock(new Date()))} ${mark} ${text}`);

  return {
    name: "terminal",
    events: {
      "runs.changed": {
        group: "api",
        handler: async (ctx: RunsChanged) => {
          for (const { id } of ctx.params.runs.filter((run) => runHasEnded(run.status) && runs.isNew(run.id))) {
            const run = await broker.call<Run, { id: string }>("runs.get", { id });
            line(markOf(run.status, paint), runLine(run, paint));
          }
        },
      },
      "ticks.changed": {
        group: "api",
        handler: async (ctx: TicksChanged) => {
          for (const name of ctx.params.instigators) {
            const page = await broker.call<Page<Tick>, object>("sensors.ticks", { name, limit: 5 });
            for (const tick of page.items.reverse().filter(({ id }) => ticks.isNew(id))) {
              const text = tickLine(name, tick, paint);
              // A sensor that fails over and over for one reason says so once.
              const repeated = tick.status === "FAILURE" && lastFailures.get(name) === text;
              if (text && !repeated) line(paint.cyan("→"), text);
              if (tick.status === "FAILURE") lastFailures.set(name, text!);
              else lastFailures.delete(name);
            }
          }
        },
      },
    },
  };
};

const markOf = (status: RunStatus, paint: Palette): string =>
  status === "SUCCESS" ? paint.green("✓") : status === "FAILURE" ? paint.red("✗") : paint.yellow("–");

const runLine = (run: Run, paint: Palette): string => {
  const facts = [`${run.steps_succeeded}/${run.steps_total} steps`, took(run)].filter(Boolean);
  const why = run.error ? `: ${inOneLine(run.error.message)}` : "";
  return `${run.job} ${coloured(run.status, paint)} ${paint.dim(`${facts.join(", ")} · ${run.id}`)}${why}`;
};

const tickLine = (sensor: string, { status, run_ids, error }: Tick, paint: Palette): string | null => {
  if (status === "FAILURE") return `${sensor} ${coloured(status, paint)}: ${inOneLine(error?.message ?? "")}`;
  if (run_ids.length === 0) return null;
  return `${sensor} launched ${run_ids.length === 1 ? "a run" : `${run_ids.length} runs`}`;
};

/** Ids that were met, the latest of them. */
class Seen {
  private readonly ids = new Set<string>();

  isNew(id: string): boolean {
    if (this.ids.has(id)) return false;
    this.ids.add(id);
    if (this.ids.size > REMEMBERED) this.ids.delete(this.ids.values().next().value!);
    return true;
  }
}
