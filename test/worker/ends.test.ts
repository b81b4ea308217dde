import { readFileSync } from "node:fs";
import { type Worker, endOf, jobOf, startWorker } from "./workbench";

const OPS = [
  `op({ name: "deaf", run: () => new Promise(() => { console.log("pid " + process.pid); setInterval(() => {}, 1000); }) })`,
  `op({ name: "polite", run: ({ signal }) => new Promise((_, no) => { console.log("pid " + process.pid); signal.addEventListener("abort", () => no(signal.reason)); }) })`,
  `op({ name: "loop", run: () => { for (;;); } })`,
  `op({ name: "sleep", config: z.object({ ms: z.number() }), run: ({ config }) => new Promise((r) => setTimeout(() => r(process.pid), config.ms)) })`,
  `op({ name: "exit", run: async () => { await new Promise((r) => setTimeout(r, 20)); process.exit(7); } })`,
  `op({ name: "exit_now", run: () => process.exit(0) })`,
  `op({ name: "exit_said", run: () => { console.log("bye"); setTimeout(() => process.exit(0), 20); return new Promise(() => {}); } })`,
  `op({ name: "heap", run: () => { const all = []; for (;;) all.push(new Array(1e5).fill(0).map((_, i) => ({ i }))); } })`,
  `op({ name: "quick", run: () => process.pid })`,
  `op({ name: "stray", run: async () => { setTimeout(() => { throw new Error("escaped"); }, 5); await new Promise((r) => setTimeout(r, 5000)); } })`,
  `op({ name: "rejects", run: async () => { void Promise.reject(new Error("unhandled")); await new Promise((r) => setTimeout(r, 5000)); } })`,
  `op({ name: "tells", run: () => { for (const said of [null, "ready", { type: "batch", messages: null }]) process.send?.(said); return 1; } })`,
  `op({ name: "parent", run: () => { const c = spawn("sleep", ["1000"], { stdio: "ignore" }); console.log("child " + c.pid); return new Promise(() => setInterval(() => {}, 1000)); } })`,
];
const CODE = jobOf(...OPS).replace("const value =", `import { spawn } from "node:child_process";\nconst value =`);

let worker: Worker;
afterEach(() => worker.stop());

const start = async (...more: [Parameters<typeof startWorker>[1]?, Parameters<typeof startWorker>[2]?]) => {
  worker = await startWorker({ "index.ts": CODE }, ...more);
  worker.pool.start();
  await worker.pool.ready();
};
/** Delivers a step and resolves when it has said something (or, without output, when it has begun). */
const begin = async (op: string, more: Parameters<Worker["action"]>[1] = {}) => {
  const step = worker.action(op, more);
  const ended = worker.executor.deliver([step], { redelivered: false }).then(() => endOf(worker.reports, step));
  await worker.when((r) => r.type === "started" && r.fence === step.fence);
  return { step, ended };
};
/** A zombie has ended, though its parent has not looked yet. */
const isAlive = (pid: number): boolean => {
  try {
    return !/\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
};

test("a step that ends at its signal leaves its process alive", async () => {
  await start();
  const before = await worker.perform("quick");
  const timedOut = await worker.perform("polite", { timeoutMs: 100 });
  expect(timedOut).toMatchObject({ type: "failed", error: { code: "TIMEOUT" }, retryable: true });
  expect(timedOut.type === "failed" && timedOut.error.message).toContain("100 ms");
  const after = await worker.perform("quick");
  expect(after.type === "succeeded" && after.outputs).toEqual(before.type === "succeeded" && before.outputs);
});

test.each(["deaf", "loop"])("a canceled step that ignores its signal is killed after the grace: %s", async (op) => {
  await start();
  const { ended } = await begin(op, { run: "r" });
  const canceledAt = Date.now();
  worker.executor.order({ type: "cancel", run: "r", graceMs: 200 });
  expect(await ended).toMatchObject({ type: "canceled" });
  expect(Date.now() - canceledAt).toBeGreaterThanOrEqual(190);
  expect(await worker.perform("quick")).toMatchObject({ type: "succeeded" });
});

test("to be told again and again does not put a step's kill off", async () => {
  await start();
  const { ended } = await begin("deaf", { run: "r" });
  const cancel = (): void => worker.executor.order({ type: "cancel", run: "r", graceMs: 400 });
  cancel();
  const again = setInterval(cancel, 50);
  expect(await ended).toMatchObject({ type: "canceled" });
  clearInterval(again);
});

test("a killed step takes the processes that it started with it", async () => {
  await start();
  const { step, ended } = await begin("parent", { timeoutMs: 300 });
  await ended;
  const child = Number(worker.lines(step.step)[0]!.text.split(" ")[1]);
  expect(isAlive(child)).toBe(false);
});

test("neighbours in a process that had to be killed are given back without blame", async () => {
  await start({ concurrency: 3 });
  const neighbour = await begin("sleep", { config: { ms: 5_000 } });
  const deaf = await begin("deaf", { run: "r" });
  worker.executor.order({ type: "cancel", run: "r", graceMs: 50 });
  expect(await deaf.ended).toMatchObject({ type: "canceled" });
  expect(await neighbour.ended).toMatchObject({ type: "released", reason: "neighbour" });
});

test("a step that exits its process is lost, and the report says how", async () => {
  await start();
  const end = await worker.perform("exit");
  expect(end).toMatchObject({ type: "lost", error: { code: "STEP_LOST" } });
  expect(end.type === "lost" && end.error.message).toContain("exited with code 7");
  expect(await worker.perform("quick")).toMatchObject({ type: "succeeded" });
});

test("what a step says to whoever has started its process is not taken for dqueue's own words", async () => {
  await start();
  const step = worker.action("tells");
  await worker.executor.deliver([step], { redelivered: false });
  expect(endOf(worker.reports, step)).toMatchObject({ type: "succeeded", outputs: { result: { value: 1 } } });
});

test.each(["exit_now", "exit_said"])(
  "a step that exits its process with 0 is lost like one that crashes: %s",
  async (op) => {
    await start({ concurrency: 3 });
    const end = await worker.perform(op);
    expect(end).toMatchObject({ type: "lost", error: { code: "STEP_LOST" } });
    expect(end.type === "lost" && end.error.message).toContain("exited with code 0");
    expect(await worker.perform("quick")).toMatchObject({ type: "succeeded" });
  },
);

test("a step that exceeds the heap limit is lost with the limit's name (WRK-1a)", async () => {
  await start({ heapMb: 128 });
  const end = await worker.perform("heap");
  expect(end).toMatchObject({ type: "lost", error: { code: "OUT_OF_MEMORY" } });
  expect(end.type === "lost" && end.error.message).toMatch(/128 MB.*DQUEUE_STEP_MEMORY_MB/);
});

test("where no limit is set, the message names none that may be wrong", async () => {
  await start({ env: { ...process.env, NODE_OPTIONS: "--max-old-space-size=64" } });
  const end = await worker.perform("heap");
  expect(end.type === "lost" && end.error.message).toMatch(
    /the heap that Node allows by itself\. .*DQUEUE_STEP_MEMORY_MB/,
  );
});

test("of several steps in a process that died, each runs alone next time, so that the one is found", async () => {
  await start({ concurrency: 8, processes: 2, heapMb: 128 });
  const heap = worker.action("heap", { step: "heap" });
  const sleepers = Array.from({ length: 7 }, (_, i) =>
    worker.action("sleep", { step: `sleep${i}`, config: { ms: 4_000 } }),
  );
  const deliver = async (step: typeof heap) => {
    await worker.executor.deliver([step], { redelivered: false });
    return endOf(worker.reports, step);
  };
  const sleeping = sleepers.map(deliver);
  // In the same turn: a process that became ready in between would get it alone.
  expect(await deliver(heap)).toMatchObject({ type: "released", reason: "neighbour" });
  // The owner dispatches it again: alone in a process, it is known to be the one.
  const error = { code: "OUT_OF_MEMORY" };
  expect(await deliver({ ...heap, fence: 5_000 })).toMatchObject({ type: "lost", error, times: 2 });
  const ends = await Promise.all(sleeping);
  const again = await Promise.all(
    sleepers.flatMap((step, i) => (ends[i]!.type === "released" ? [deliver({ ...step, fence: 6_000 + i })] : [])),
  );
  expect(again.length).toBeGreaterThan(0);
  expect(again.every((end) => end.type === "succeeded")).toBe(true);
});

test.each([
  ["stray", "escaped"],
  ["rejects", "unhandled"],
])("an error that no code catches fails its step, not its neighbour: %s", async (op, message) => {
  await start({ concurrency: 2 });
  const neighbour = await begin("sleep", { config: { ms: 300 } });
  expect(await worker.perform(op)).toMatchObject({ type: "failed", retryable: true, error: { message } });
  expect(await neighbour.ended).toMatchObject({ type: "succeeded" });
  // Nobody knows in what state such a process is: the next step gets another.
  const next = await worker.perform("quick");
  const pid = (await neighbour.ended) as Extract<Awaited<typeof neighbour.ended>, { type: "succeeded" }>;
  expect(next.type === "succeeded" && next.outputs).not.toEqual(pid.outputs);
});

test("mates that wait behind a slow step are given back after 100 ms; a blocked process cannot begin them later", async () => {
  await start();
  const [slow, mate] = [worker.action("sleep", { config: { ms: 400 } }), worker.action("quick")];
  await worker.executor.deliver([slow, mate], { redelivered: false });
  expect(endOf(worker.reports, slow)).toMatchObject({ type: "succeeded" });
  expect(endOf(worker.reports, mate)).toMatchObject({ type: "released", reason: "bundle_late" });
});

test("a drain lets steps finish, and gives back what does not in time", async () => {
  await start({ processes: 2 });
  const good = await begin("sleep", { config: { ms: 150 } });
  const slow = await begin("deaf");
  await worker.executor.drain(400);
  expect(await good.ended).toMatchObject({ type: "succeeded" });
  expect(await slow.ended).toMatchObject({ type: "released", reason: "drain" });
  expect(worker.beats.at(-1)).toMatchObject({ draining: true, holds: [] });
  expect(await worker.perform("quick")).toMatchObject({ type: "released", reason: "drain" });
});

test("a process is replaced after so many steps, without a pause", async () => {
  await start({ maxSteps: 5 });
  const pids = new Set<unknown>();
  for (let i = 0; i < 12; i++) {
    const end = await worker.perform("quick");
    expect(end.type).toBe("succeeded");
    if (end.type === "succeeded") pids.add(end.pid);
  }
  expect(pids.size).toBeGreaterThanOrEqual(2);
});

test("no two steps that run at once are told of one slot; a process that replaces another takes its number", async () => {
  await start({ processes: 2, concurrency: 2, reserve: 1 });
  /** Of as many steps as there are slots, while all of them run. */
  const slots = async (run: string): Promise<unknown[]> => {
    const held = await Promise.all(Array.from({ length: 4 }, () => begin("polite", { run })));
    const holds = worker.executor.describe().holds.map(({ slot }) => slot);
    const told = worker.reports.flatMap((report) =>
      report.type === "started" && report.run === run ? report.slot : [],
    );
    expect(holds.toSorted()).toEqual(told.toSorted());
    worker.executor.order({ type: "cancel", run, graceMs: 300 });
    await Promise.all(held.map(({ ended }) => ended));
    return told.toSorted();
  };
  expect(await slots("before")).toEqual(["1.1", "1.2", "2.1", "2.2"]);
  expect(await worker.perform("exit")).toMatchObject({ type: "lost", slot: expect.stringMatching(/^[12]\.1$/) });
  expect(await slots("afterwards")).toEqual(["1.1", "1.2", "2.1", "2.2"]);
});

test("500 steps that do nothing all succeed", async () => {
  await start({ processes: 2, concurrency: 4 });
  const steps = Array.from({ length: 500 }, () => worker.action("quick"));
  await Promise.all(steps.map((step) => worker.executor.deliver([step], { redelivered: false })));
  expect(steps.every((step) => endOf(worker.reports, step).type === "succeeded")).toBe(true);
});
