import type { Context, ServiceBroker, ServiceSchema } from "moleculer";
import pc from "picocolors";
import { coloured, duration } from "./print";
import { hasEnded, type RunView, tookMs } from "./run-views";

interface TickView {
  id: string;
  status: string;
  run_ids: string[];
  error: { message?: string } | null;
}

type RunsChanged = Context<{ runs: { id: string; status: string }[] }>;
type TicksChanged = Context<{ instigators: string[] }>;

const REMEMBERED = 10_000;

/** A service that writes a line for each run that ends, and for each sensor tick that launches or fails. */
export const terminalService = (broker: ServiceBroker, write: (line: string) => void): ServiceSchema => {
  const runs = new Seen();
  const ticks = new Seen();
  const lastFailures = new Map<string, string>();
  const line = (mark: string, text: string): void =>
    write(`${pc.dim(new Date().toTimeString().slice(0, 8))} ${mark} ${text}`);

  return {
    name: "terminal",
    events: {
      "runs.changed": {
        group: "api",
        handler: async (ctx: RunsChanged) => {
          for (const { id } of ctx.params.runs.filter((run) => hasEnded(run) && runs.isNew(run.id))) {
            const run = await broker.call<RunView, { id: string }>("runs.get", { id });
            line(markOf(run.status), runLine(run));
          }
        },
      },
      "ticks.changed": {
        group: "api",
        handler: async (ctx: TicksChanged) => {
          for (const name of ctx.params.instigators) {
            const page = await broker.call<{ items: TickView[] }, object>("sensors.ticks", { name, limit: 5 });
            for (const tick of page.items.reverse().filter(({ id }) => ticks.isNew(id))) {
              const text = tickLine(name, tick);
              // A sensor that fails over and over for one reason says so once.
              const repeated = tick.status === "FAILURE" && lastFailures.get(name) === text;
              if (text && !repeated) line(pc.cyan("→"), text);
              if (tick.status === "FAILURE") lastFailures.set(name, text!);
              else lastFailures.delete(name);
            }
          }
        },
      },
    },
  };
};

const markOf = (status: string): string =>
  status === "SUCCESS" ? pc.green("✓") : status === "FAILURE" ? pc.red("✗") : pc.yellow("–");

const runLine = (run: RunView): string => {
  const ms = tookMs(run);
  const facts = [`${run.steps_succeeded}/${run.steps_total} steps`, ...(ms === null ? [] : [duration(ms)])];
  const why = run.error?.message ? `: ${run.error.message.split("\n")[0]!}` : "";
  return `${run.job} ${coloured(run.status)} ${pc.dim(`${facts.join(", ")} · ${run.id}`)}${why}`;
};

const tickLine = (sensor: string, { status, run_ids, error }: TickView): string | null => {
  if (status === "FAILURE") return `${sensor} ${coloured(status)}: ${error?.message?.split("\n")[0] ?? ""}`;
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
