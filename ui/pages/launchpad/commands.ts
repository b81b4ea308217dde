import type { LaunchOptions } from "../../../client";

/** For a POSIX shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** The launch of exactly this, for a terminal. */
export const curlOf = (launch: LaunchOptions): string =>
  `curl -X POST ${quoted(`${location.origin}/api/runs`)} -H 'content-type: application/json' -d ${quoted(JSON.stringify(launch))}`;

export const cliOf = ({ job, config = {}, tags = {}, priority, run_key, steps = [] }: LaunchOptions): string =>
  [
    `npx dqueue run ${quoted(job)} --config ${quoted(JSON.stringify(config))}`,
    ...Object.entries(tags).map(([key, value]) => `--tag ${quoted(`${key}=${value}`)}`),
    ...(priority === undefined ? [] : [`--priority ${priority}`]),
    ...(run_key === undefined ? [] : [`--run-key ${quoted(run_key)}`]),
    ...steps.map((step) => `--step ${quoted(step)}`),
  ].join(" ");
