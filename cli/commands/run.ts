import { readConfig, readTags, readWholeNumber } from "../arguments";
import { EXIT } from "../exit";
import { finalOutput } from "../final-output";
import { printJson, say } from "../print";
import type { RunView } from "../run-views";
import { Server } from "../server";
import { exitCodeOf, tellEnd, waitForRun } from "../wait-for-run";

export interface RunOptions {
  config?: string;
  tag: string[];
  priority?: string;
  runKey?: string;
  wait?: true;
  json?: true;
}

export const run = async (job: string, options: RunOptions): Promise<number> => {
  const config = readConfig(options.config);
  const tags = readTags(options.tag);
  const priority = readWholeNumber("--priority", options.priority);
  const server = new Server();
  const launched = await server.post<RunView>("/runs", { job, config, tags, priority, run_key: options.runKey });
  return follow(server, launched, options);
};

/** What a command does with a run that it has launched. */
export const follow = async (
  server: Server,
  launched: RunView,
  { wait, json }: { wait?: true; json?: true },
): Promise<number> => {
  if (!wait) {
    if (json) printJson(launched);
    else say(launched.id);
    return EXIT.ok;
  }
  const ended = await waitForRun(server, launched);
  const output = ended.status === "SUCCESS" ? await finalOutput(server, ended) : null;
  tellEnd(ended);
  if (json) printJson({ ...ended, output });
  else if (ended.status === "SUCCESS") printJson(output);
  return exitCodeOf(ended);
};
