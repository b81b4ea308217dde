import { readFilter, type RunFilter } from "../client";
import { usageError } from "./exit";

export const FILTER_EXAMPLES = `e.g. --filter 'status:queued job:nightly_*', --filter 'created:7d -tag:team=core'`;

/** Of `--filter`: the runs that its words stand for. @throws CliError telling what may stand there. */
export const readFilterText = (text: string): RunFilter => {
  // A variable of a script that was left empty would stand for every run that there is.
  if (text.trim() === "") throw usageError(`--filter is empty; say which runs, ${FILTER_EXAMPLES}.`);
  try {
    return readFilter(text);
  } catch (error) {
    throw usageError(`--filter: ${(error as RangeError).message}; ${FILTER_EXAMPLES}.`);
  }
};
