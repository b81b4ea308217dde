const MEANINGS = {
  ok: "0    success",
  succeeded: "0    success (with --wait: the run ended in SUCCESS)",
  failure: "1    failure",
  failed: "1    failure (with --wait: the run ended in FAILURE)",
  refused: "1    failure (with --filter: a run was refused, or it was stopped)",
  usage: "2    wrong command line, setting, job, config or id",
  canceled: "3    with --wait: the run was CANCELED",
  unreachable: "4    no server answers, or it cannot serve now",
  forbidden: "5    the server wants an API key (DQUEUE_API_KEY), or one with a higher role",
  interrupted: "130  interrupted by Ctrl-C; what was launched goes on",
} as const;

type Meaning = keyof typeof MEANINGS;

/** Of a command that asks a server. */
export const ASKS: Meaning[] = ["ok", "failure", "usage", "unreachable", "forbidden"];
/** Of a command that may wait for a run. */
export const WAITS: Meaning[] = ["succeeded", "failed", "usage", "canceled", "unreachable", "forbidden", "interrupted"];
/** Of a command that follows a run. */
export const FOLLOWS: Meaning[] = [...ASKS, "interrupted"];
/** Of a command that may be for all runs of a filter. */
export const BULK: Meaning[] = ["ok", "refused", "usage", "unreachable", "forbidden", "interrupted"];
/** Of a command that works by itself. */
export const WORKS: Meaning[] = ["ok", "failure", "usage"];

export const exitCodes = (meanings: Meaning[]): string =>
  `\nExit codes:\n${meanings.map((meaning) => `  ${MEANINGS[meaning]}`).join("\n")}`;

/** What stands below a command's options. */
export const examples = (meanings: Meaning[], ...lines: string[]): string =>
  `\nExamples:\n${lines.map((line) => `  $ ${line}`).join("\n")}\n${exitCodes(meanings)}`;
