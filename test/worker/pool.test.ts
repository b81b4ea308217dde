import { execFile, fork } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { builtFile } from "../../runtime/built";
import { buildBundle } from "../../runtime/bundle";
import { untilGone } from "../support/processes";
import { type Worker, jobOf, startWorker } from "./workbench";

let worker: Worker;
afterEach(() => worker.stop());

const version = (n: number) =>
  jobOf(`op({ name: "which", run: async () => { await new Promise((r) => setTimeout(r, 200)); return ${n}; } })`);
const rebuild = async (code: string) => {
  writeFileSync(join(worker.location.folder, "index.ts"), code);
  return (await buildBundle(worker.location.folder, worker.location.cache)).bundle;
};

test("new code serves the next step, and a step under way ends with the code that it began with", async () => {
  worker = await startWorker({ "index.ts": version(1) });
  worker.pool.start();
  const first = worker.perform("which");
  await worker.when((report) => report.type === "started");
  worker.pool.useCode(await rebuild(version(2)));
  const second = worker.perform("which");
  expect(await first).toMatchObject({ type: "succeeded", outputs: { result: { value: 1 } } });
  expect(await second).toMatchObject({ type: "succeeded", outputs: { result: { value: 2 } } });
});

test("code that throws while it is loaded gives its steps back, is tried again ever later, and is mended by new code", async () => {
  worker = await startWorker({ "index.ts": `throw new Error("broken at load");` });
  const started = Date.now();
  worker.pool.start();
  await expect(worker.pool.ready()).rejects.toThrow("broken at load");
  expect(await worker.perform("which")).toMatchObject({ type: "released", reason: "unknown_op" });
  const mended = await rebuild(version(3));
  worker.pool.useCode(mended);
  expect(await worker.perform("which")).toMatchObject({ type: "succeeded", outputs: { result: { value: 3 } } });
  const tries = worker.warnings.filter((line) => line.includes("could not start"));
  expect(tries.length).toBeGreaterThan(0);
  expect(tries.length).toBeLessThanOrEqual(2 + Math.log2((Date.now() - started) / 200 + 1));
  expect(tries[0]).toMatch(/index\.ts:1/);
});

test("code that ends its process while it is loaded is no endless loop of processes", async () => {
  worker = await startWorker({ "index.ts": `process.exit(3);` }, { processes: 4 });
  worker.pool.start();
  await expect(worker.pool.ready()).rejects.toThrow("exited with code 3");
  expect(await worker.perform("which")).toMatchObject({ type: "released", reason: "unknown_op" });
});

test("a process that hears nothing any more, by its code's own doing, is replaced and its steps are given back", async () => {
  const code = jobOf(
    `op({ name: "deafen", run: () => void process.removeAllListeners("message") }), op({ name: "other", run: () => 1 })`,
  );
  worker = await startWorker({ "index.ts": code }, { processes: 1, reserve: 0, deafMs: 500 });
  worker.pool.start();
  expect(await worker.perform("deafen")).toMatchObject({ type: "succeeded" });
  expect(await worker.perform("other")).toMatchObject({ type: "released", reason: "neighbour" });
  expect(worker.output.join()).toContain("is replaced: it does not begin what it is given");
  expect(await worker.perform("other")).toMatchObject({ type: "succeeded", outputs: { result: { value: 1 } } });
});

test("a code location without jobs says so", async () => {
  worker = await startWorker({ "index.ts": `export const nothing = 1;` });
  worker.pool.start();
  await expect(worker.pool.ready()).rejects.toThrow("exports no job");
});

test("where no temporary file can be made, a start fails by that name and says what to do", async () => {
  worker = await startWorker({ "index.ts": jobOf(`op({ name: "one", run: () => 1 })`) });
  const script = `
    const { StepPool } = require(${JSON.stringify(builtFile("worker/step-pool.js"))});
    const pool = new StepPool(${JSON.stringify(worker.bundle)}, { processes: 1, concurrency: 1 }, { output() {}, warn() {} });
    pool.start();
    pool.ready().catch((error) => { console.log(error.message); return pool.stop(); });`;
  const env = { ...process.env, TMPDIR: "/proc/none" };
  const { stdout } = await promisify(execFile)(process.execPath, ["-e", script], { env });
  expect(stdout).toMatch(/No file can be made in \/proc\/none: ENOENT.* name another folder in TMPDIR/);
});

test("a loop that never ends dies with its worker, even by SIGKILL", async () => {
  worker = await startWorker({
    "index.ts": jobOf(`op({ name: "loop", run: () => { console.log(String(process.pid)); for (;;); } })`),
  });
  const script = join(worker.location.folder, "worker.js");
  writeFileSync(
    script,
    `const { StepPool } = require(${JSON.stringify(builtFile("worker/step-pool.js"))});
     const pool = new StepPool(${JSON.stringify(worker.bundle)}, { processes: 1, concurrency: 1, reserve: 0 }, { output() {}, warn: console.error });
     const ignore = () => {};
     pool.start();
     pool.run([{ action: ${JSON.stringify(worker.action("loop"))}, inputs: {},
       on: { begun: ignore, progress: ignore, item: ignore, page: ignore, ended: ignore, lines: ([line]) => process.send(Number(line.text)) } }], { alone: false });`,
  );
  const parent = fork(script, [], { execArgv: [] });
  const [pid] = (await once(parent, "message")) as [number];
  parent.kill("SIGKILL");
  await untilGone(pid);
});
