import type { Page, Run, RunEvent, StepError, StepSummary } from "../../client";
import { framesOf } from "../../core/errors";
import { readLimit, readStepStatuses } from "../arguments";
import { coloured, colours } from "../colours";
import { connect } from "../connect";
import { EXIT } from "../exit";
import { inOneLine, printJson, say } from "../print";
import { type Column, printTable } from "../table";
import { clock, dayAndClock, took } from "../times";

interface ShowOptions {
  status?: string[];
  limit: string;
  json?: true;
}

const STEP_COLUMNS: Column<StepSummary>[] = [
  { title: "STEP", text: ({ key }) => key, flexible: true },
  { title: "STATUS", text: ({ status }) => status, paint: (text) => coloured(text) },
  { title: "TRY", text: ({ attempt }) => String(attempt), right: true },
  { title: "TOOK", text: took, right: true },
  { title: "WORKER", text: ({ worker }) => worker ?? "", flexible: true, optional: true },
  { title: "WHY", text: whyOf, flexible: true, optional: true },
];

/** A run, and its steps: with --json all of them, else as many as `--limit` says. */
export const show = async (id: string, { status, limit: given, json }: ShowOptions): Promise<number> => {
  const statuses = readStepStatuses(status);
  const filter = statuses ? { status: statuses } : {};
  const limit = readLimit(given);
  const client = connect();
  const run = await client.runs.get(id);
  if (json) {
    const steps: StepSummary[] = [];
    for await (const step of client.runs.allSteps(id, filter)) steps.push(step);
    printJson({ ...run, steps });
    return EXIT.ok;
  }
  const { items: steps, next_cursor } = await client.runs.steps(id, { ...filter, limit });
  sayRun(run);
  if (steps.length > 0) {
    say("");
    printTable(STEP_COLUMNS, steps);
  }
  if (next_cursor !== null) say(colours.dim(`and more of its ${run.steps_total}: -n says how many, -s which to show`));
  sayLosses(await client.runs.events(id, { type: "STEP_LOST", limit: LOSSES_SHOWN }));
  steps
    .filter(({ error }) => error !== null)
    .slice(0, FAILURES_SHOWN)
    .forEach(sayFailure);
  return EXIT.ok;
};

const sayRun = (run: Run): void => {
  say(`${run.job} ${run.id} ${[coloured(run.status), run.failure_reason].filter(Boolean).join(" ")}`);
  const tags = Object.entries(run.tags).map(([key, value]) => `${key}=${value}`);
  const facts = [
    `created ${dayAndClock(run.created_at)}`,
    run.started_at !== null && `${run.ended_at === null ? "running for" : "took"} ${took(run)}`,
    `${run.steps_succeeded}/${run.steps_total} steps`,
    run.priority !== 0 && `priority ${run.priority}`,
    run.parent_run_id !== null && `re-execution of ${run.parent_run_id}`,
    ...tags,
  ];
  say(colours.dim(facts.filter(Boolean).join(" · ")));
  if (Object.keys(run.config).length > 0) say(colours.dim(`config ${shortened(JSON.stringify(run.config))}`));
  if (run.error) say(colours.red(run.error.message));
};

const LONGEST_CONFIG = 500;
const shortened = (text: string): string => (text.length > LONGEST_CONFIG ? `${text.slice(0, LONGEST_CONFIG)}…` : text);

function whyOf({ error, skip_reason, reused_from, status, items }: StepSummary): string {
  if (error) return inOneLine(error.message);
  if (skip_reason) return skip_reason;
  if (reused_from) return `from run ${reused_from}`;
  return status === "SUCCESS" && items !== null ? `${items} items` : "";
}

const LOSSES_SHOWN = 10;

/** Attempts that ended with their worker or process; the step has run again since, or failed. */
const sayLosses = ({ items, next_cursor }: Page<RunEvent>): void => {
  if (items.length === 0) return;
  say(colours.yellow("\nLost while they ran:"));
  for (const { at, step, data } of items) {
    const { worker, error } = (data ?? {}) as { worker?: string | null; error?: StepError };
    const where = worker ? ` on ${worker}` : "";
    say(`  ${clock(at)} ${step}${where}: ${inOneLine(error?.message ?? "")}`);
  }
  if (next_cursor !== null) say(colours.dim("  and more"));
};

const FAILURES_SHOWN = 3;

/** The error in full, down to the frames of the user's own code. */
const sayFailure = ({ key, error }: StepSummary): void => {
  const { name, message, stack } = error!;
  const frames = framesOf(stack);
  say(`\n${colours.red(`✗ ${key}`)}\n  ${`${name}: ${message}`.trim().replaceAll("\n", "\n  ")}`);
  if (frames.length > 0) say(colours.dim(frames.join("\n")));
};
