import { createInterface } from "node:readline/promises";
import { SingleBar } from "cli-progress";
import {
  type BulkAct,
  type BulkAction,
  bulkStatuses,
  type DqueueClient,
  type RunFilter,
  type RunStatus,
} from "../../client";
import { counted } from "../../core/counted";
import { coloured, errorColours } from "../colours";
import { connect } from "../connect";
import { CliError, EXIT, usageError } from "../exit";
import { FILTER_EXAMPLES, readFilterText } from "../filter";
import { interruptible } from "../interrupt";
import { inOneLine, printJson, say, tell } from "../print";

/** Of commands that are for one run or for all runs of a filter. */
export interface BulkFlags {
  filter?: string;
  yes?: true;
  json?: true;
}

const WORDS = {
  cancel: { act: "cancel", doing: "Canceling", done: "canceled" },
  reexecute: { act: "re-execute", doing: "Re-executing", done: "re-executed" },
  delete: { act: "delete", doing: "Deleting", done: "deleted" },
} as const;

const runs = (n: number): string => counted(n, "run");

/** @throws CliError where flags for many are given with one run. */
export const refuseBulk = ({ filter, yes }: BulkFlags): void => {
  if (filter !== undefined) throw usageError("Either the id of a run or --filter, not both.");
  if (yes) throw usageError("--yes goes with --filter: one run is not asked about.");
};

/** Does something to all runs of a filter, once their number has been confirmed, and waits until it is done. */
export const actOnFilter = async (act: BulkAct, { filter: text, yes, json }: BulkFlags): Promise<number> => {
  if (text === undefined) throw usageError(`Which runs? The id of one, or --filter, ${FILTER_EXAMPLES}.`);
  const filter = readFilterText(text);
  const client = connect();
  const counts = await countOf(client, act, filter);
  const count = counts.reduce((sum, [, n]) => sum + n, 0);
  if (count === 0) {
    if (json) printJson({ total: 0, done: 0, refused: 0, refusals: [] });
    else say(`The filter finds no run to ${WORDS[act.verb].act}.`);
    return EXIT.ok;
  }
  if (!yes) await confirm(act, counts, count);
  const action = await interruptible(
    () => client.runs.startBulk({ ...act, filter, count }),
    () => "No answer came yet: it may have begun, and goes on without this command.",
  );
  return printEnd(await wait(client, action), json);
};

const countOf = async (client: DqueueClient, act: BulkAct, filter: RunFilter): Promise<[RunStatus, number][]> => {
  const { status: _status, ...others } = filter;
  const { counts } = await client.runs.counts({ ...others, whole: true });
  return bulkStatuses(act, filter)
    .map((status): [RunStatus, number] => [status, counts[status]])
    .filter(([, n]) => n > 0);
};

/** @throws CliError unless their number is typed. */
const confirm = async ({ verb }: BulkAct, counts: readonly [RunStatus, number][], count: number): Promise<void> => {
  const { act } = WORDS[verb];
  const byStatus = counts.map(([status, n]) => `${n} ${coloured(status, errorColours)}`).join(", ");
  if (!process.stdin.isTTY)
    throw usageError(`It would ${act} ${runs(count)} (${byStatus}): --yes does so without asking.`);
  const asked = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const typed = await interruptible(
      (signal) => asked.question(`${byStatus}\nType ${count} to ${act} ${runs(count)}: `, { signal }),
      () => "Nothing was done.",
    );
    if (typed.trim() !== String(count)) throw new CliError(EXIT.failure, "NOT_CONFIRMED", "Nothing was done.");
  } finally {
    asked.close();
  }
};

const wait = (client: DqueueClient, begun: BulkAction): Promise<BulkAction> => {
  const { doing } = WORDS[begun.verb];
  const bar = new SingleBar({
    format: "{bar} {value}/{total} runs{refused}",
    ...{ barsize: 24, stream: process.stderr, clearOnComplete: true, hideCursor: true, gracefulExit: false },
    ...{ barCompleteChar: "█", barIncompleteChar: "░" },
  });
  const seen = process.stderr.isTTY;
  return interruptible(
    async (signal) => {
      tell(`${doing} ${runs(begun.total)} as bulk action ${begun.id}.`);
      if (seen) bar.start(begun.total, 0, { refused: "" });
      let last = begun;
      try {
        for await (last of client.runs.followBulk(begun.id, { signal }))
          if (seen)
            bar.update(last.done + last.refused, { refused: last.refused > 0 ? ` · ${last.refused} refused` : "" });
      } finally {
        if (seen) bar.stop();
      }
      return last;
    },
    () => `It goes on without this command. Stop it with \`dqueue runs bulk ${begun.id} --stop\`.`,
    { bulk_action: begun.id },
  );
};

const printEnd = (action: BulkAction, json: true | undefined): number => {
  if (json) printJson(action);
  else sayHow(action);
  return action.refused === 0 && action.status !== "STOPPED" ? EXIT.ok : EXIT.failure;
};

const REFUSALS_SAID = 10;

const sayHow = ({ id, verb, status, total, done, refused, refusals }: BulkAction): void => {
  const left = total - done - refused;
  const rest =
    left > 0 && status !== "RUNNING"
      ? `, ${left} ${status === "DONE" ? "had left the filter" : "left as they were"}`
      : "";
  const state = { RUNNING: "Under way: ", STOPPED: "Stopped: ", DONE: "" }[status];
  say(`${state}${done} of ${runs(total)} ${WORDS[verb].done}${refused > 0 ? `, ${refused} refused` : ""}${rest}.`);
  for (const { detail } of refusals.slice(0, REFUSALS_SAID)) say(`  ${inOneLine(detail)}`);
  if (refused > REFUSALS_SAID) say(`  and ${refused - REFUSALS_SAID} more`);
  if (done > 0 && verb !== "delete") tell(errorColours.dim(`See \`dqueue runs list --tag dqueue/bulk=${id}\`.`));
};

/** How far a bulk action is; stops it where that is asked. */
export const bulk = async (id: string, { stop, json }: { stop?: true; json?: true }): Promise<number> => {
  const client = connect();
  const action = stop ? await client.runs.stopBulk(id) : await client.runs.bulk(id);
  if (json) printJson(action);
  else sayHow(action);
  return EXIT.ok;
};
