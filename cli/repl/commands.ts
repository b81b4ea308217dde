import type { ServiceBroker } from "moleculer";
import type { CustomCommand } from "moleculer-repl";
import { colours } from "../colours";
import { queues, workers } from "../commands/insight";
import { printLine } from "../commands/logs";
import { cancel, printRuns } from "../commands/runs";
import { showShards } from "../commands/shards";
import { connect } from "../connect";
import { asCliError } from "../exit";
import { say } from "../print";
import { showActors } from "./actors";
import { why } from "./why";

/** Calls back at Ctrl-C. @returns a function that calls it off. */
export type OnInterrupt = (act: () => void) => () => void;

type Params = Record<string, string>;

/** Ours, beside Moleculer's. What is also a command of `dqueue` asks the API, as that does: by the same checks. */
export const replCommands = (broker: ServiceBroker, onInterrupt: OnInterrupt): CustomCommand[] => [
  command("runs [status]", "newest runs first, all or of a status", ({ status }) =>
    printRuns({ limit: "20", ...(status && { status: [status.toUpperCase()] }) }),
  ),
  command("launch <job> [config]", "launch a run; config as JSON, in single quotes", launch),
  command("tail <run>", "what the steps of a run print, until it ends or Ctrl-C", ({ run }) => tail(run!, onInterrupt)),
  command("cancel <run>", "cancel a run", ({ run }) => cancel(run, {})),
  command("workers", "live workers, their slots and what they do", () => workers({})),
  command("queues", "step queues: waiting, running, workers", () => queues({})),
  command("shards", "shards of the runs, and who owns them", () => showShards({})),
  command("why <run>", "what a run waits for, or why it failed", ({ run }) => why(run!)),
  command(
    "actors <node>",
    "run actors, or steps and step processes, of a node; the first letters of its id do",
    ({ node }) => showActors(broker, node!),
  ),
];

const command = (usage: string, description: string, act: (params: Params) => Promise<unknown>): CustomCommand => ({
  command: usage,
  description,
  action: async (_broker, params) => {
    try {
      await act(params);
    } catch (error) {
      say(colours.red(asCliError(error).message));
    }
  },
});

const launch = async ({ job, config }: Params): Promise<void> => {
  const { id, status } = await connect().runs.launch({ job: job!, ...(config && { config: configOf(config) }) });
  say(`${id} ${status}`);
};

const configOf = (text: string) => {
  try {
    return JSON.parse(text) as Record<string, never>;
  } catch (error) {
    throw new Error(`The config is no JSON: ${(error as Error).message}. Write it in single quotes: '{"n":3}'.`);
  }
};

const tail = async (run: string, onInterrupt: OnInterrupt): Promise<void> => {
  const end = new AbortController();
  const callOff = onInterrupt(() => end.abort());
  try {
    for await (const line of connect().runs.followLogs(run, { signal: end.signal })) printLine(line);
  } catch (error) {
    if (!end.signal.aborted) throw error;
  } finally {
    callOff();
  }
};
