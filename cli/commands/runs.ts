import type { Command } from "commander";
import type { Reexecution, ReexecuteOptions, RunFilter, RunSummary, StepSummary } from "../../client";
import { CANCEL_GRACE_MS } from "../../core/grace";
import { readConfig, readLimit, readRunStatuses, readTags } from "../arguments";
import { coloured, errorColours } from "../colours";
import { connect } from "../connect";
import { EXIT, usageError } from "../exit";
import { readFilterText } from "../filter";
import { interruptible } from "../interrupt";
import { inOneLine, printJson, say, tell } from "../print";
import { type Column, printTable } from "../table";
import { shortTime, took } from "../times";
import { refuseWords } from "../words";
import { actOnFilter, type BulkFlags, refuseBulk } from "./bulk";
import { follow } from "./run";

interface ListOptions {
  status?: string[];
  job?: string;
  tag?: string[];
  filter?: string;
  limit: string;
  cursor?: string;
  json?: true;
}

const RUN_COLUMNS: Column<RunSummary>[] = [
  { title: "RUN", text: ({ id }) => id },
  { title: "JOB", text: ({ job }) => inOneLine(job), flexible: true },
  { title: "STATUS", text: ({ status }) => status, paint: (text) => coloured(text) },
  { title: "STEPS", text: (run) => `${run.steps_succeeded}/${run.steps_total}`, right: true },
  { title: "CREATED", text: ({ created_at }) => shortTime(created_at) },
  { title: "TOOK", text: took, right: true, optional: true },
];

export const list = async (words: string[], options: ListOptions, command: Command): Promise<number> => {
  refuseWords(words, command);
  return printRuns(options);
};

export const printRuns = async (options: ListOptions): Promise<number> => {
  const { limit, cursor, json } = options;
  const filter = { ...readWhich(options), limit: readLimit(limit), ...(cursor !== undefined && { cursor }) };
  const page = await connect().runs.list(filter);
  if (json) printJson(page);
  else if (page.items.length === 0) say("There are no such runs. `dqueue run <job>` launches one.");
  else {
    printTable(RUN_COLUMNS, page.items);
    if (page.next_cursor !== null && process.stderr.isTTY) tell(errorColours.dim("and more: -n says how many to show"));
  }
  return EXIT.ok;
};

const readWhich = ({ status, job, tag, filter }: ListOptions): RunFilter => {
  if (filter !== undefined) {
    if (status ?? job ?? tag)
      throw usageError("--status, --job and --tag go without --filter, which has words for each.");
    return readFilterText(filter);
  }
  const [statuses, tags] = [readRunStatuses(status), readTags(tag)];
  return { ...(statuses && { status: statuses }), ...(job !== undefined && { job }), ...(tags && { tags }) };
};

export const cancel = async (id: string | undefined, flags: BulkFlags): Promise<number> => {
  if (id === undefined) return actOnFilter({ verb: "cancel" }, flags);
  refuseBulk(flags);
  const { json } = flags;
  const { runs } = connect();
  const run = await runs.cancel(id);
  if (json) printJson(run);
  else if (run.status === "CANCELED") say(`Run ${run.id} is canceled.`);
  else say(`Run ${run.id} is being canceled${waitsFor((await runs.steps(id, { status: "STARTED" })).items)}.`);
  return EXIT.ok;
};

const STEPS_NAMED = 3;

/** What a cancel waits for: steps that run have been told, and are given a while to stop by themselves. */
const waitsFor = (steps: StepSummary[]): string => {
  if (steps.length === 0) return "";
  const named = steps.slice(0, STEPS_NAMED).map(({ key }) => key);
  const others = steps.length > named.length ? " and others" : "";
  const verb = steps.length > 1 ? "have" : "has";
  const seconds = CANCEL_GRACE_MS / 1_000;
  return `, once ${named.join(", ")}${others} ${verb} stopped; what does not heed its \`signal\` is killed after ${seconds} s`;
};

/** Deletes an ended run, with all that is known of it. */
export const remove = async (id: string | undefined, flags: BulkFlags): Promise<number> => {
  if (id === undefined) return actOnFilter({ verb: "delete" }, flags);
  refuseBulk(flags);
  await connect().runs.delete(id);
  if (flags.json) printJson({ id, deleted: true });
  else say(`Run ${id} is deleted.`);
  return EXIT.ok;
};

interface ReexecuteFlags extends BulkFlags {
  from?: string;
  step?: string[];
  config?: string;
  wait?: true;
}

export const reexecute = async (id: string | undefined, flags: ReexecuteFlags): Promise<number> => {
  if (id === undefined) return reexecuteAll(flags);
  refuseBulk(flags);
  const config = readConfig(flags.config);
  const what: ReexecuteOptions = { ...readStart(flags), ...(config && { config }) };
  const client = connect();
  const launched = await interruptible(
    () => client.runs.reexecute(id, what),
    () => `No answer came yet: a run may have been launched, and goes on. See \`dqueue runs list\`.`,
  );
  tellIdle(launched);
  return follow(client, launched, flags);
};

/** Of a filter each run goes on by itself, with its own config. */
const reexecuteAll = (flags: ReexecuteFlags): Promise<number> => {
  const { from = "failure", step, config, wait } = flags;
  if (step ?? config ?? wait) throw usageError("--step, --config and --wait go with one run, not with --filter.");
  if (from !== "failure" && from !== "start")
    throw usageError(`With --filter, --from must be failure or start; got "${from}".`);
  return actOnFilter({ verb: "reexecute", from }, flags);
};

/** A change that nothing will come of: whoever made it expects something. */
const tellIdle = ({ id, idle_config }: Reexecution): void => {
  for (const { key, nodes } of idle_config)
    tell(
      errorColours.yellow(
        `config.${key} acts only in ${nodes.join(", ")}, which run ${id} does not do again: the change does nothing ` +
          `there. \`--from start\` or \`--step '${nodes[0]}+'\` takes it in.`,
      ),
    );
};

const readStart = ({ from, step: steps = [] }: ReexecuteFlags): ReexecuteOptions => {
  const where = from ?? (steps.length > 0 ? "steps" : "failure");
  if (where === "steps") {
    if (steps.length > 0) return { from: where, steps };
    throw usageError("--from steps needs to know which: --step <key>, perhaps several times.");
  }
  if (where !== "failure" && where !== "start")
    throw usageError(`--from must be failure, start or steps; got "${where}".`);
  if (steps.length === 0) return { from: where };
  throw usageError(`--step goes with --from steps (or no --from at all), not with --from ${where}.`);
};
