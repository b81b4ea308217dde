import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Said, SensorContext } from "../../core/sensing";
import { buildBundle } from "../../runtime/bundle";
import { SensorProcesses } from "../../runtime/sensor-processes";
import { eventually } from "../support/eventually";

const CODE = `
import { op, job, z } from "dqueue";
import { sensor, runRequest, skip } from "dqueue";
export const a = job("a", (g) => { g.call(op({ name: "x", run: () => 1 })); });
const make = (name, evaluate) => sensor({ name, job: a, evaluate });
export const sensors = [
  make("asks", ({ cursor, setCursor }) => { console.log("evaluating"); setCursor("c1"); return [runRequest({ runKey: "k" + cursor, tags: { pid: String(process.pid) } })]; }),
  make("skips", () => skip("nothing new")),
  make("throws", async () => { throw new TypeError("no files"); }),
  make("loops", () => { for (;;); }),
  make("leaks", ({ cursor }) => { console.log("said " + process.env.DQUEUE_SECRET_SENSOR); return runRequest({ config: { n: [process.env.DQUEUE_SECRET_SENSOR] } }); }),
  make("tells", () => skip("not with " + process.env.DQUEUE_SECRET_SENSOR)),
  make("spills", () => { throw new Error(process.env.DQUEUE_SECRET_SENSOR); }),
  make("waits", () => new Promise(() => setInterval(() => {}, 1000))),
  make("exits", () => process.exit(9)),
  make("strays", () => new Promise(() => setTimeout(() => { throw new Error("strayed"); }, 5))),
  make("wrong", () => 42 as any),
];
`;
const folder = mkdtempSync(join(tmpdir(), "dqueue-sensors-"));
const output: string[] = [];
let processes: SensorProcesses;
beforeAll(async () => {
  process.env.DQUEUE_SECRET_SENSOR = "planted-in-a-sensor";
  writeFileSync(join(folder, "index.ts"), CODE);
  const { bundle } = await buildBundle(folder, join(folder, "cache"));
  processes = new SensorProcesses(bundle, (text) => void output.push(text));
});
afterAll(() => {
  delete process.env.DQUEUE_SECRET_SENSOR;
  processes.stop();
  rmSync(folder, { recursive: true, force: true });
});

const evaluate = (sensor: string, timeoutMs = 10_000, signal = new AbortController().signal) => {
  const context: SensorContext = { sensor, cursor: "c0", now: 0, lastTickAt: null, latestRuns: { a: null } };
  return processes.evaluate(sensor, context, { timeoutMs, signal });
};

test("a sensor's requests and cursor come back, and its output goes to the daemon's log", async () => {
  expect(await evaluate("asks")).toMatchObject({ runRequests: [{ runKey: "kc0", job: "a" }], cursor: "c1" });
  // Its answer and its output come by two ways.
  await eventually(() => output.join("").includes("evaluating\n"));
  expect(await evaluate("skips")).toEqual({ runRequests: [], skipReason: "nothing new" });
});

test("who asks may hear what is written meanwhile, without its secrets, also of one that fails", async () => {
  const context: SensorContext = { sensor: "leaks", cursor: "c0", now: 0, lastTickAt: null, latestRuns: { a: null } };
  const said: Said[] = [];
  const options = {
    timeoutMs: 10_000,
    signal: new AbortController().signal,
    heard: (one: Said) => void said.push(one),
  };
  await processes.evaluate("asks", { ...context, sensor: "asks" }, options);
  await expect(processes.evaluate("leaks", context, options)).rejects.toMatchObject({ code: "SECRET_IN_OUTPUT" });
  expect(said.map(({ stream, text }) => [stream, text])).toEqual([
    ["stdout", "evaluating\n"],
    ["stdout", expect.not.stringContaining("planted")],
  ]);
  await evaluate("asks");
  expect(said).toHaveLength(2);
});

test("evaluations one after the other share a process", async () => {
  const pid = async () => (await evaluate("asks")).runRequests[0]!.tags!.pid;
  expect(await pid()).toBe(await pid());
});

test("what a sensor throws comes back with its name, message and TypeScript stack", async () => {
  const error = await evaluate("throws").catch((thrown: Error) => thrown);
  expect(error).toMatchObject({ name: "TypeError", message: "no files", stack: expect.stringContaining("index.ts:9") });
});

test.each(["loops", "waits"])("a sensor that takes too long is ended with its process: %s", async (name) => {
  await expect(evaluate(name, 400)).rejects.toMatchObject({ code: "USER_CODE_TIMEOUT" });
  expect(await evaluate("skips")).toMatchObject({ skipReason: "nothing new" });
});

test("a secret in a sensor's request refuses it; in what is told to people it is masked", async () => {
  await expect(evaluate("leaks")).rejects.toMatchObject({
    code: "SECRET_IN_OUTPUT",
    message: expect.stringMatching(
      /"leaks" gave the secret env:DQUEUE_SECRET_SENSOR at \/runRequests\/0\/config\/n\/0/,
    ),
  });
  expect(await evaluate("tells")).toMatchObject({ skipReason: "not with ***" });
  await expect(evaluate("spills")).rejects.toMatchObject({ message: "***" });
  await eventually(() => output.join("").includes("said ***\n"));
  expect(output.join("")).not.toContain("planted");
});

test("a sensor is ended when its signal is raised, and its neighbour goes on", async () => {
  const giveUp = new AbortController();
  const ended = evaluate("loops", 60_000, giveUp.signal);
  const neighbour = evaluate("asks");
  giveUp.abort(new Error("the lease is gone"));
  await expect(ended).rejects.toThrow("the lease is gone");
  expect(await neighbour).toMatchObject({ cursor: "c1" });
});

test("a sensor that ends its process, or lets an error escape, fails alone", async () => {
  await expect(evaluate("exits")).rejects.toThrow("exited with code 9");
  await expect(evaluate("strays")).rejects.toThrow("strayed");
  await expect(evaluate("wrong")).rejects.toMatchObject({ code: "INVALID_SENSOR_RESULT" });
  await expect(evaluate("unknown")).rejects.toMatchObject({ code: "UNKNOWN_SENSOR" });
  expect(await evaluate("skips")).toMatchObject({ skipReason: "nothing new" });
});
