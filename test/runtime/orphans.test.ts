import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { builtFile } from "../../runtime/built";
import { buildBundle } from "../../runtime/bundle";
import { toldBy, untilGone } from "../support/processes";

const folder = mkdtempSync(join(tmpdir(), "dqueue-orphans-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const asks = (file: string, what: string): string => `require(${JSON.stringify(builtFile(file))}).${what}`;
const SENSOR = `{ sensor: "any", cursor: null, now: 0, lastTickAt: null, latestRuns: {} }`;

test.each([
  ["is described", "SIGKILL", asks("runtime/describe.js", "describeCode(bundle)")],
  ["is described", "SIGINT", asks("runtime/describe.js", "describeCode(bundle)")],
  [
    "evaluates a sensor",
    "SIGKILL",
    `new (${asks("runtime/sensor-processes.js", "SensorProcesses")})(bundle, console.log).evaluate("any", ${SENSOR}, { timeoutMs: 60_000 })`,
  ],
] as const)("code that loops while it is loaded and %s dies with its parent by %s", async (_why, signal, question) => {
  const told = join(folder, `${signal}-${Math.random()}`);
  const parent = await parentOf(`${tell(told, "process.pid")} for (;;);`, question);
  const pid = Number(await toldBy(told));
  parent.kill(signal);
  await untilGone(pid);
});

test("code that loops while it is loaded is not loaded where its parent dies before it guards the process", async () => {
  const told = join(folder, "unguarded");
  await parentOf(
    "for (;;);",
    asks("runtime/describe.js", "describeCode(bundle)"),
    `const processes = require("node:child_process");
     const { fork } = processes;
     processes.fork = (...how) => { const child = fork(...how); ${tell(told, "child.pid")} return child; };
     processes.spawn = () => process.kill(process.pid, "SIGKILL");`,
  );
  await untilGone(Number(await toldBy(told)));
});

/** A process that does `before`, then asks `question` about a code location that does `code` while it is loaded. */
const parentOf = async (code: string, question: string, before = ""): Promise<ChildProcess> => {
  writeFileSync(join(folder, "index.ts"), code);
  const { bundle } = await buildBundle(folder, join(folder, "cache"));
  writeFileSync(join(folder, "parent.js"), `${before} const bundle = ${JSON.stringify(bundle)}; ${question};`);
  return fork(join(folder, "parent.js"), [], { execArgv: [] });
};

/** Code that writes a number to a file that is there at once with all of it. */
const tell = (file: string, number: string): string =>
  `require("node:fs").writeFileSync(${JSON.stringify(`${file}.new`)}, String(${number}));
   require("node:fs").renameSync(${JSON.stringify(`${file}.new`)}, ${JSON.stringify(file)});`;
