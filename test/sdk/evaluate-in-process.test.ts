import { job, op, runRequest, runStatusSensor, sensor, skip } from "../../sdk";
import { evaluateInProcess } from "../../testing";

const demo = job("demo", (g) => void g.call(op({ name: "one", run: () => 1 })));
const counts = sensor({
  name: "counts",
  jobs: [demo, "other"],
  evaluate: ({ cursor, setCursor, runs, now, lastTickAt, log }) => {
    const latest = runs.latest();
    log.info(`${cursor} ${now.toISOString()} ${lastTickAt?.toISOString()} ${runs.latest("other")?.id}`);
    if (latest && latest.endedAt === null) return skip(`${latest.id} is ${latest.status}`);
    setCursor(`${Number(cursor) + 1}`);
    return runRequest({ runKey: `after ${latest?.id}`, config: { n: 1 } });
  },
});
const ended = { id: "r1", status: "SUCCESS" as const, createdAt: 1, endedAt: 2 };

test("a sensor's first tick finds no cursor, no tick before and no run", async () => {
  const tick = await evaluateInProcess(counts, { now: new Date(0) });
  expect(tick).toEqual({
    runRequests: [{ job: "demo", runKey: "after undefined", config: { n: 1 } }],
    skipReason: null,
    cursor: "1",
    logs: [{ level: "info", text: "null 1970-01-01T00:00:00.000Z undefined undefined" }],
  });
});

test("a later tick finds what the test says", async () => {
  const given = {
    cursor: "4",
    lastTickAt: new Date(1_000),
    latestRuns: { demo: ended, other: { ...ended, id: "r2" } },
  };
  const tick = await evaluateInProcess(counts, given);
  expect(tick).toMatchObject({ cursor: "5", runRequests: [{ runKey: "after r1" }] });
  expect(tick.logs[0]!.text).toMatch(/^4 .* 1970-01-01T00:00:01.000Z r2$/);
});

test("a tick that skips tells why and leaves the cursor", async () => {
  const running = { ...ended, status: "STARTED" as const, endedAt: null };
  expect(await evaluateInProcess(counts, { cursor: "4", latestRuns: { demo: running } })).toMatchObject({
    runRequests: [],
    skipReason: "r1 is STARTED",
    cursor: "4",
  });
});

test("a run-status sensor is told of the run that the test gives it", async () => {
  const told = runStatusSensor({
    name: "told",
    statuses: ["FAILURE"],
    run: ({ run }) => skip(`${run.id} ${run.error}`),
  });
  const run = {
    ...{ id: "r9", job: "demo", status: "FAILURE" as const, tags: {}, config: {} },
    ...{ createdAt: 1, startedAt: 2, endedAt: 3, failureReason: null, error: "boom" },
  };
  expect(await evaluateInProcess(told, { run })).toMatchObject({ skipReason: "r9 boom" });
});

test("what a sensor may not return, and an option that there is not, are refused as in production", async () => {
  const wrong = sensor({ name: "wrong", job: demo, evaluate: () => 1 as never });
  await expect(evaluateInProcess(wrong)).rejects.toMatchObject({ code: "INVALID_SENSOR_RESULT" });
  await expect(evaluateInProcess(counts, { curser: "4" } as never)).rejects.toThrow(/curser.*cursor/);
});
