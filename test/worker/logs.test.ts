import { type Worker, endOf, jobOf, startWorker } from "./workbench";

const OPS = [
  `op({ name: "many", run: async () => { for (let i = 0; i < 300; i++) { console.log("line " + i); if (i % 50 === 0) await null; } } })`,
  `op({ name: "thrown", run: () => { say(3); throw new Error("no"); } })`,
  `op({ name: "loop", run: () => { say(3); for (;;); } })`,
  `op({ name: "bare", run: () => { process.stdout.write("no newline"); } })`,
  `op({ name: "bareLoop", run: () => { process.stdout.write("no newline"); for (;;); } })`,
  `op({ name: "mixed", run: ({ log }) => { for (let i = 0; i < 100; i++) { console.error("err " + i); log("log " + i); } } })`,
  `op({ name: "levels", run: ({ log }) => { console.warn("a"); console.debug("b"); console.error("c"); log.warn("d\\nd2", { n: 1 }); } })`,
  `op({ name: "beside", config: z.object({ n: z.number() }), run: async ({ config: { n } }) => {
        for (let i = 0; i < 20; i++) { console.log(n + ":" + i); await new Promise((r) => setTimeout(r, 1)); } } })`,
  `op({ name: "native", run: () => { execFileSync("sh", ["-c", "echo out; echo err >&2"], { stdio: "inherit" }); } })`,
  `op({ name: "odd", run: () => { console.log("a\\u0000b \\ud800 c"); process.stdout.write(Buffer.from("é").subarray(0, 1)); process.stdout.write(Buffer.from("é").subarray(1)); } })`,
  `op({ name: "flood", run: () => { for (let i = 0; i < 150_000; i++) console.log("x".repeat(100)); } })`,
  `op({ name: "coloured", run: async () => {
        process.stdout.write("x".repeat(20_000) + "\\u001b[3"); await new Promise((r) => setTimeout(r, 50));
        process.stdout.write("1mred\\n"); } })`,
  `op({ name: "long", run: () => { console.log("😀".repeat(100_000)); } })`,
];
const CODE = jobOf(...OPS).replace(
  "const value =",
  `import { execFileSync } from "node:child_process";
   const say = (n) => { for (let i = 0; i < n; i++) console.log("line " + i); };
   console.log("said while loading");
   const value =`,
);
const CONCURRENCY = 20;

let worker: Worker;
beforeAll(async () => {
  worker = await startWorker({ "index.ts": CODE }, { concurrency: CONCURRENCY });
  worker.pool.start();
});
afterAll(() => worker.stop());

const linesOf = async (op: string, more: Parameters<Worker["action"]>[1] = {}) => {
  const step = worker.action(op, more);
  await worker.executor.deliver([step], { redelivered: false });
  return { lines: worker.lines(step.step), end: endOf(worker.reports, step) };
};
const numbered = (count: number, word = "line") => Array.from({ length: count }, (_, i) => `${word} ${i}`);

describe("every line of a step arrives, once and in order (LOG-1)", () => {
  test("300 lines of console.log", async () => {
    const { lines } = await linesOf("many");
    expect(lines.map((line) => line.text)).toEqual(numbered(300));
    expect(lines.every((line) => line.stream === "stdout" && line.level === "info")).toBe(true);
  });

  test("3 lines and a throw", async () => {
    const { lines, end } = await linesOf("thrown");
    expect(lines.map((line) => line.text)).toEqual(numbered(3));
    expect(end.type).toBe("failed");
  });

  test("3 lines and an endless loop that is killed at its timeout", async () => {
    const { lines, end } = await linesOf("loop", { timeoutMs: 300 });
    expect(lines.map((line) => line.text)).toEqual(numbered(3));
    expect(end).toMatchObject({ type: "failed", error: { code: "TIMEOUT" } });
  });

  test("3 lines and an endless loop that is canceled", async () => {
    const step = worker.action("loop", { run: "run-canceled" });
    const ended = worker.executor.deliver([step], { redelivered: false });
    await worker.when((report) => report.type === "started" && report.fence === step.fence);
    worker.executor.order({ type: "cancel", run: "run-canceled", graceMs: 100 });
    await ended;
    expect(worker.lines(step.step).map((line) => line.text)).toEqual(numbered(3));
    expect(endOf(worker.reports, step)).toMatchObject({ type: "canceled" });
  });

  test.each([
    ["bare", null],
    ["bareLoop", 300],
  ])("a line without a newline: %s", async (op, timeoutMs) => {
    const { lines } = await linesOf(op, { timeoutMs });
    expect(lines.map((line) => line.text)).toEqual(["no newline"]);
  });

  test("console.error and ctx.log mixed, 100 each", async () => {
    const { lines } = await linesOf("mixed");
    expect(lines.map((line) => line.text)).toEqual(numbered(100).flatMap((_, i) => [`err ${i}`, `log ${i}`]));
  });
});

test("each line knows its step where twenty share a process", async () => {
  const steps = Array.from({ length: CONCURRENCY }, (_, n) => worker.action("beside", { config: { n } }));
  await Promise.all(steps.map((step) => worker.executor.deliver([step], { redelivered: false })));
  steps.forEach((step, n) => {
    expect(worker.lines(step.step).map((line) => line.text)).toEqual(Array.from({ length: 20 }, (_, i) => `${n}:${i}`));
  });
});

test("lines have the level of the console's method, and messages of the log stay whole", async () => {
  const { lines } = await linesOf("levels");
  expect(lines.map(({ level, stream, text }) => [level, stream, text])).toEqual([
    ["warn", "stderr", "a"],
    ["debug", "stdout", "b"],
    ["error", "stderr", "c"],
    ["warn", "log", 'd\nd2 {"n":1}'],
  ]);
});

test("what a child process writes on the same descriptors goes to the one step that runs", async () => {
  const { lines } = await linesOf("native");
  expect(lines.map((line) => [line.stream, line.text]).sort()).toEqual([
    ["stderr", "err"],
    ["stdout", "out"],
  ]);
});

test("NUL and half of a surrogate pair are shown, characters cut between two writes are whole", async () => {
  const { lines } = await linesOf("odd");
  expect(lines.map((line) => line.text)).toEqual(["a␀b � c", "é"]);
});

test("10 MB of output are kept, then a mark says how much was left out", async () => {
  const { lines, end } = await linesOf("flood");
  const kept = lines.length - 1;
  expect(kept * 100).toBeLessThanOrEqual(10 * 1024 * 1024);
  expect(lines.at(-1)!.text).toMatch(new RegExp(`${150_000 - kept} more lines`));
  expect(end.type).toBe("succeeded");
  const chunks = worker.reports.flatMap((r) => (r.type === "logs" && r.fence === end.fence ? [r.chunk] : []));
  expect(chunks.map((chunk) => chunk.seq)).toEqual(chunks.map((_, index) => index));
  expect(Math.max(...chunks.map((c) => Buffer.byteLength(c.lines.map((l) => l.text).join(""))))).toBeLessThanOrEqual(
    65_536,
  );
});

test("a line of 400 KB is cut into pieces that lose nothing", async () => {
  const { lines } = await linesOf("long");
  expect(lines.map((line) => line.text).join("")).toBe("😀".repeat(100_000));
  expect(Math.max(...lines.map((line) => Buffer.byteLength(line.text)))).toBeLessThanOrEqual(65_536);
});

test("what the code says while it is loaded is the process's own output", () => {
  expect(worker.output.join("")).toContain("said while loading\n");
});

test("a long line is never cut within an escape sequence", async () => {
  const { lines } = await linesOf("coloured");
  const texts = lines.map(({ text }) => text);
  expect(texts.join("")).toBe(`${"x".repeat(20_000)}\u001b[31mred`);
  // One line where both writes came at once.
  expect(texts.filter((text) => !/^x+$|\u001b\[31mred$/.test(text))).toEqual([]);
});
