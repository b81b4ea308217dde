import type { SensorContext } from "../../core/sensing";
import { job, op, runRequest, runStatusSensor, sensor, skip } from "../../sdk";
import { logTo } from "../../sdk/context";
import type { SensorObject, SensorResult } from "../../sdk";
import { evaluateSensor } from "../../sdk/sensor";
import { refused } from "./refused";

const demo = job("demo", (g) => void g.call(op({ name: "one", run: () => 1 })));
const given: SensorContext = {
  sensor: "s",
  cursor: "c0",
  now: 1_000_000,
  lastTickAt: 970_000,
  latestRuns: { demo: null, other: null },
};
const lines: string[] = [];
const evaluate = (object: SensorObject, more: Partial<SensorContext> = {}) =>
  evaluateSensor(
    object,
    { ...given, ...more },
    logTo((level, text) => void lines.push(`${level} ${text}`)),
  );
const returning = (result: unknown): SensorObject =>
  sensor({ name: "s", jobs: [demo, "other"], evaluate: () => result as SensorResult });

test("a sensor is published with its jobs, interval and default status", () => {
  expect(sensor({ name: "s", job: demo, evaluate: () => {} }).definition).toEqual({
    name: "s",
    kind: "sensor",
    description: null,
    jobs: ["demo"],
    minimumIntervalSeconds: 30,
    defaultStatus: "STOPPED",
    runStatuses: [],
    monitoredJobs: [],
  });
  expect(
    runStatusSensor({ name: "w", statuses: ["FAILURE"], jobs: [demo], requests: ["other"], run: () => {} }).definition,
  ).toMatchObject({
    kind: "run_status_sensor",
    jobs: ["other"],
    runStatuses: ["FAILURE"],
    monitoredJobs: ["demo"],
  });
});

test("a sensor that returns nothing asks for nothing, and the cursor stays", async () => {
  expect(await evaluate(returning(undefined))).toEqual({ runRequests: [], skipReason: null });
  expect(await evaluate(returning([]))).toEqual({ runRequests: [], skipReason: null });
});

test("run requests carry job, key, config, tags and priority; the first job is the default", async () => {
  const result = [
    runRequest(),
    runRequest({
      job: "other",
      runKey: "k",
      config: { at: new Date(0), none: undefined } as never,
      tags: { a: "b" },
      priority: 3,
    }),
    runRequest({ job: demo }),
  ];
  expect((await evaluate(returning(result))).runRequests).toEqual([
    { job: "demo" },
    { job: "other", runKey: "k", config: { at: "1970-01-01T00:00:00.000Z" }, tags: { a: "b" }, priority: 3 },
    { job: "demo" },
  ]);
});

test("a skip reason is told, made storable", async () => {
  expect(await evaluate(returning(skip("nothing\0new")))).toEqual({ runRequests: [], skipReason: "nothing␀new" });
});

test("the cursor moves by setCursor or updateCursor, also to null", async () => {
  const moving = (next: string | null) =>
    sensor({
      name: "s",
      job: demo,
      evaluate: ({ cursor, setCursor, updateCursor }) =>
        next === null ? updateCursor(null) : setCursor(cursor + next),
    });
  expect(await evaluate(moving("1"))).toMatchObject({ cursor: "c01" });
  expect(await evaluate(moving(null))).toMatchObject({ cursor: null });
  // Whoever keeps it refuses what it cannot keep: nothing is altered on the way.
  expect(await evaluate(moving("\u0000"))).toMatchObject({ cursor: "c0\u0000" });
});

test("a sensor sees the time, its last tick, and the latest runs of its own jobs only", async () => {
  const seen: unknown[] = [];
  const looks = sensor({
    name: "s",
    job: demo,
    evaluate: ({ now, lastTickAt, runs, log }) => {
      log("looking");
      seen.push(now.getTime(), lastTickAt!.getTime(), runs.latest(), runs.latest(demo));
      runs.latest("stranger");
    },
  });
  const latest = { id: "r", status: "SUCCESS" as const, createdAt: 1, endedAt: 2 };
  await expect(evaluate(looks, { latestRuns: { demo: latest } })).rejects.toThrow(
    /latest run of "stranger", which is not one of its jobs/,
  );
  expect(seen).toEqual([1_000_000, 970_000, latest, latest]);
  expect(lines).toContain("info looking");
});

test("a run-status sensor is given the run that ended", async () => {
  const watch = runStatusSensor({
    name: "w",
    statuses: ["FAILURE"],
    requests: [demo],
    run: ({ run }) => runRequest({ runKey: run.id, tags: { of: run.job } }),
  });
  const run = {
    id: "r1",
    job: "x",
    status: "FAILURE" as const,
    tags: {},
    config: {},
    createdAt: 1,
    startedAt: 2,
    endedAt: 3,
    failureReason: null,
    error: "no",
  };
  expect((await evaluate(watch, { run })).runRequests).toEqual([{ job: "demo", runKey: "r1", tags: { of: "x" } }]);
});

test.each<[string, unknown, RegExp]>([
  ["a plain object", { runKey: "x" }, /request 0 is a value of type object; return runRequest/],
  ["a text", "demo", /request 0 is "demo"/],
  ["a skip among requests", [runRequest(), skip("x")], /request 1/],
  ["an empty run key", runRequest({ runKey: "" }), /\/runKey/],
  ["a tag that is no text", runRequest({ tags: { a: 1 } as never }), /\/tags\/a/],
  ["a misspelt option", runRequest({ runkey: "x" } as never), /runkey/],
  ["half a priority", runRequest({ priority: 1.5 }), /\/priority/],
  ["config that JSON cannot carry", runRequest({ config: { n: NaN } }), /\$\.config\.n is NaN/],
  ["a job that is not its own", runRequest({ job: "stranger" }), /"stranger", which is not one of the sensor's jobs/],
])("a result that is %s fails the evaluation with the reason", async (_what, result, message) => {
  await expect(evaluate(returning(result))).rejects.toMatchObject({
    code: "INVALID_SENSOR_RESULT",
    message: expect.stringMatching(message),
  });
});

test.each<[string, () => unknown, string, RegExp]>([
  ["no job", () => sensor({ name: "s", evaluate: () => {} }), "job", /give job/],
  [
    "an interval of 0",
    () => sensor({ name: "s", job: demo, minimumIntervalSeconds: 0, evaluate: () => {} }),
    "minimumIntervalSeconds",
    /above 0/,
  ],
  [
    "an odd default status",
    () => sensor({ name: "s", job: demo, defaultStatus: "ON" as never, evaluate: () => {} }),
    "defaultStatus",
    /RUNNING/,
  ],
  [
    "a status that is no end",
    () => runStatusSensor({ name: "s", statuses: ["STARTED" as never], run: () => {} }),
    "statuses",
    /SUCCESS, FAILURE/,
  ],
  ["no function", () => sensor({ name: "s", job: demo } as never), "evaluate", /function/],
])("a sensor with %s is refused", (_what, define, field, message) => {
  expect(refused(define)).toMatchObject({
    code: "INVALID_DEFINITION",
    sensor: "s",
    field,
    message: expect.stringMatching(message),
  });
});
