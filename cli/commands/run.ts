import type { DqueueClient, Json, Run } from "../../client";
import { patiently } from "../../client/patience";
import { readConfig, readTags, readWholeNumber } from "../arguments";
import { connect } from "../connect";
import { EXIT } from "../exit";
import { interruptible } from "../interrupt";
import { printJson, say } from "../print";
import { exitCodeOf, tellEnd, waitForRun } from "../wait-for-run";

export interface RunOptions {
  config?: string;
  tag?: string[];
  priority?: string;
  runKey?: string;
  step?: string[];
  wait?: true;
  json?: true;
}

export const run = async (job: string, options: RunOptions): Promise<number> => {
  const config = readConfig(options.config);
  const tags = readTags(options.tag);
  const priority = readWholeNumber("--priority", options.priority);
  const client = connect();
  const launched = await interruptible(
    () =>
      client.runs.launch({
        job,
        ...(config && { config }),
        ...(tags && { tags }),
        ...(priority !== undefined && { priority }),
        ...(options.runKey !== undefined && { run_key: options.runKey }),
        ...(options.step && { steps: options.step }),
      }),
    () => `No answer came yet: a run may have been launched, and goes on. See \`dqueue runs list --job ${job}\`.`,
  );
  return follow(client, launched, options);
};

/** What a command does with a run that it has launched. */
export const follow = async (
  client: DqueueClient,
  launched: Run,
  { wait, json }: { wait?: true; json?: true },
): Promise<number> => {
  if (!wait) {
    if (json) printJson(launched);
    else say(launched.id);
    return EXIT.ok;
  }
  const ended = await waitForRun(client, launched);
  // A pipe that is closed from here on takes nothing from how the run has ended.
  process.exitCode = exitCodeOf(ended);
  const output: Json = ended.status === "SUCCESS" ? await patiently(() => client.runs.output(ended.id)) : null;
  await tellEnd(client, ended);
  if (json) printJson({ ...ended, output });
  else if (ended.status === "SUCCESS") printJson(output);
  return exitCodeOf(ended);
};
