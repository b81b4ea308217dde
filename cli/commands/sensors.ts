import type { Command } from "commander";
import type { SensorSummary, SensorTrial } from "../../client";
import { framesOf } from "../../core/errors";
import { coloured, colours, errorColours } from "../colours";
import { connect } from "../connect";
import { EXIT } from "../exit";
import { inOneLine, printJson, say, tell } from "../print";
import { stoppedSensors } from "../stopped-sensors";
import { type Column, printTable } from "../table";
import { shortTime } from "../times";
import { refuseWords } from "../words";

interface Flags {
  json?: true;
}

const COLUMNS: Column<SensorSummary>[] = [
  { title: "SENSOR", text: ({ name }) => inOneLine(name), flexible: true },
  { title: "STATUS", text: ({ status }) => status, paint: (text) => coloured(text) },
  { title: "LAST TICK", text: ({ last_tick }) => (last_tick ? shortTime(last_tick.started_at) : "never") },
  { title: "RESULT", text: ({ last_tick }) => last_tick?.status ?? "", paint: (text) => coloured(text) },
  {
    title: "NEXT TICK",
    text: ({ status, next_tick_at }) => (status === "RUNNING" ? shortTime(next_tick_at) : ""),
    optional: true,
  },
  { title: "WHY", text: ({ last_tick }) => inOneLine(last_tick?.skip_reason ?? ""), flexible: true, optional: true },
];

export const list = async (words: string[], { json }: Flags, command: Command): Promise<number> => {
  refuseWords(words, command);
  const items: SensorSummary[] = [];
  for await (const sensor of connect().sensors.all()) items.push(sensor);
  if (json) printJson({ items });
  else if (items.length === 0)
    say("There are no sensors: the code location has none, or no daemon has published it yet.");
  else {
    printTable(COLUMNS, items);
    const stopped = stoppedSensors(items);
    if (stopped !== null) tell(errorColours.yellow(stopped));
  }
  return EXIT.ok;
};

const change =
  (what: "start" | "stop") =>
  async (name: string, { json }: Flags): Promise<number> => {
    const sensor = await connect().sensors[what](name);
    if (json) printJson(sensor);
    else say(`Sensor ${sensor.name} is ${coloured(sensor.status)}.`);
    return EXIT.ok;
  };

export const start = change("start");
export const stop = change("stop");

/** The exit code says whether the evaluation failed. */
export const test = async (name: string, { json }: Flags): Promise<number> => {
  const trial = await connect().sensors.test(name);
  if (json) printJson(trial);
  else sayTrial(name, trial);
  return trial.status === "FAILURE" ? EXIT.failure : EXIT.ok;
};

const sayTrial = (name: string, { status, skip_reason, error, cursor, run_requests, logs }: SensorTrial): void => {
  say(`A tick of ${name} would be ${coloured(status)}; nothing was launched.`);
  if (skip_reason) say(`  skipped: ${skip_reason}`);
  if (error) say([`  ${error.name}: ${error.message}`, ...framesOf(error.stack).map(colours.dim)].join("\n"));
  for (const { job, run_key, would_launch } of run_requests) {
    say(`  ${job}${run_key ? ` with run key ${run_key}` : ""}${would_launch ? "" : ": launched before, passed over"}`);
  }
  if (cursor !== null) say(colours.dim(`  cursor: ${cursor}`));
  for (const { text } of logs) say(colours.dim(`  | ${text}`));
};
