import { fork } from "node:child_process";
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
  writeFileSync(
    join(folder, "index.ts"),
    `import { renameSync, writeFileSync } from "node:fs";
     writeFileSync(${JSON.stringify(`${told}.new`)}, String(process.pid));
     renameSync(${JSON.stringify(`${told}.new`)}, ${JSON.stringify(told)});
     for (;;);`,
  );
  const { bundle } = await buildBundle(folder, join(folder, "cache"));
  writeFileSync(join(folder, "parent.js"), `const bundle = ${JSON.stringify(bundle)}; ${question};`);
  const parent = fork(join(folder, "parent.js"), [], { execArgv: [] });
  const pid = Number(await toldBy(told));
  parent.kill(signal);
  await untilGone(pid);
});
