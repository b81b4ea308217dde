import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { shipped } from "../store/built";
import { measureDisk } from "./disk";
import { measureLimits } from "./limits";
import { diskHeading, diskLine, limitLines, shapeHeading, shapeLine, workflowHeading, workflowLine } from "./print";
import { startServers } from "./servers";
import { runShape, SHAPES, type ShapeResult } from "./shapes";
import type * as UiPart from "./ui";
import { runWorkflows } from "./workflows";

const ROUNDS = 5;
const USAGE = `npm run bench -- [options]
  --quick               one round of each instead of the median of ${ROUNDS}
  --only <parts>        some of: limits, shapes, workflows, disk, ui (with Chromium), or the number of a shape (1 to ${SHAPES.length}); separated by commas
  --minutes <n>         of events at 100 a second before a page of the ui part; 0.5
  --workflows <folder>  recorded workflows (*.json, *.json.gz) to run, instead of those of the tests
  --json                one JSON document on stdout`;

/** Everything that is claimed about speed and memory, measured on servers of its own (installed binaries are needed). */
const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
      only: { type: "string", default: "limits,shapes,workflows" },
      minutes: { type: "string", default: "0.5" },
      workflows: { type: "string", default: shipped("test", "data") },
    },
  });
  if (values.help) return void process.stdout.write(`${USAGE}\n`);
  const minutes = Number(values.minutes);
  if (!(minutes > 0)) throw new Error(`--minutes takes a number above 0; got "${values.minutes}".`);
  const only = new Set(values.only.split(",").map((part) => part.trim()));
  const rounds = values.quick ? 1 : ROUNDS;
  const say = (line: string): void => void (values.json ? process.stderr : process.stdout).write(`${line}\n`);
  const servers = await startServers();
  try {
    const limits = only.has("limits") ? await measureLimits(servers) : null;
    if (limits) limitLines(limits).forEach(say);
    const wanted = SHAPES.filter((_, index) => only.has("shapes") || only.has(String(index + 1)));
    const shapes: ShapeResult[] = [];
    if (wanted.length > 0) say(shapeHeading());
    for (const shape of wanted) {
      shapes.push(await runShape(servers, shape, rounds));
      say(shapeLine(shapes.at(-1)!));
    }
    const folder = only.has("workflows") && existsSync(values.workflows) ? values.workflows : null;
    if (folder) say(workflowHeading());
    const workflows = folder && (await runWorkflows(servers, folder, rounds, (result) => say(workflowLine(result))));
    if (only.has("disk")) say(diskHeading());
    const disk = only.has("disk") ? await measureDisk(servers, (result) => say(diskLine(result))) : null;
    const ui = only.has("ui") ? await runUi(servers, { rounds, minutes }, say) : null;
    if (values.json)
      process.stdout.write(`${JSON.stringify({ rounds, limits, shapes, workflows, disk, ui }, null, 2)}\n`);
  } finally {
    await servers.stop();
  }
};

/** Loaded here alone: what drives the browser is not there where the package is used. */
const runUi = async (...args: Parameters<typeof UiPart.measureUi>): Promise<UiPart.UiFigures> => {
  const { measureUi } = await import("./ui/index.js");
  return measureUi(...args);
};

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
});
