import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LatestRun } from "../../core/sensing";
import * as configs from "../../jobs/job-configs";
import * as simulated from "../../jobs/jobs";
import * as sensors from "../../jobs/sensors";
import * as words from "../../jobs/word-count";
import { executeInProcess } from "../../sdk";
import { logTo } from "../../sdk/context";
import { collectDefinitions } from "../../sdk/registry";
import { evaluateSensor } from "../../sdk/sensor";

const { JOB_CONFIGS, NUM_JOBS } = configs;
// As a code location without an index is taken: all files of the folder.
const definitions = collectDefinitions({ configs, simulated, sensors, words });
let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), "dqueue-words-"))));
afterEach(() => rm(folder, { recursive: true }));

test("the shipped code location has the configured jobs, word_count, and a running sensor for each simulated job", () => {
  expect(definitions.problems).toEqual([]);
  expect(definitions.jobs.size).toBe(NUM_JOBS + 1);
  expect(
    [...definitions.sensors.values()].map(({ definition }) => [
      definition.jobs,
      definition.minimumIntervalSeconds,
      definition.defaultStatus,
    ]),
  ).toEqual(JOB_CONFIGS.map(({ name }) => [[name], 30, "RUNNING"]));
});

test("a simulated job generates its tasks, processes each and sums up", async () => {
  const run = await executeInProcess(definitions.jobs.get("job_1")!, { config: { workMs: 0 } });
  expect([run.status, run.output("summarize")]).toEqual(["SUCCESS", { tasks: 5, done: 5 }]);
  expect(run.output("process_task[4]")).toEqual({ taskId: "job_1_task_4", status: "done" });
});

test.each<[string, Partial<LatestRun> | null, object]>([
  ["never ran is launched at once", null, { runRequests: [{ job: "job_1", runKey: "job_1:first" }] }],
  [
    "is running is left alone",
    { status: "STARTED", endedAt: null },
    { runRequests: [], skipReason: "run r1 is STARTED" },
  ],
  ["ended 119 s ago waits", { endedAt: 881_000 }, { runRequests: [], skipReason: "next run in 1 s" }],
  [
    "ended 120 s ago is launched, once for that end",
    { endedAt: 880_000 },
    { runRequests: [{ job: "job_1", runKey: "job_1:after:r1" }] },
  ],
  [
    "failed 120 s ago is launched too",
    { status: "FAILURE", endedAt: 880_000 },
    { runRequests: [{ job: "job_1", runKey: "job_1:after:r1" }] },
  ],
])("a job that %s", async (_what, latest, expected) => {
  const run = latest && { id: "r1", status: "SUCCESS" as const, createdAt: 1, endedAt: 1, ...latest };
  const given = { sensor: "s", cursor: null, now: 1_000_000, lastTickAt: null, latestRuns: { job_1: run } };
  expect(
    await evaluateSensor(
      definitions.sensors.get("job_1_sensor")!,
      given,
      logTo(() => {}),
    ),
  ).toMatchObject(expected);
});

const count = (config: object) => executeInProcess(definitions.jobs.get("word_count")!, { config: config as never });

test("word_count counts maximal runs of letters of any script, lower-cased, in all texts below the folder", async () => {
  await mkdir(join(folder, "deep/er"), { recursive: true });
  await writeFile(join(folder, "a.txt"), "The cat, the CAT's 2nd hat: naïve Ünïcode — don't\n");
  await writeFile(join(folder, "deep/b.MD"), "Кот кот 猫猫 the_end e\u0301a constructor __proto__");
  await writeFile(join(folder, "deep/er/c.rst"), "");
  await writeFile(join(folder, "deep/er/d.html"), "not counted");
  await symlink(folder, join(folder, "deep/loop"));
  const run = await count({ folder, top: 4 });
  expect(run.error).toBeNull();
  // the cat the cat s nd hat naïve ünïcode don t · кот кот 猫猫 the end e a constructor proto
  expect(run.output("merge_counts")).toEqual({
    files: 3,
    words: 20,
    distinct: 16,
    top: [
      { word: "the", count: 3 },
      { word: "cat", count: 2 },
      { word: "кот", count: 2 },
      { word: "a", count: 1 },
    ],
  });
  expect(Object.keys(run.steps).filter((key) => key.startsWith("count_words"))).toHaveLength(3);
});

test("word_count of an empty folder is all zero, of a missing one a clear failure without retry", async () => {
  expect((await count({ folder })).output("merge_counts")).toEqual({ files: 0, words: 0, distinct: 0, top: [] });
  const run = await count({ folder: join(folder, "nowhere") });
  expect(run.steps.find_files).toMatchObject({
    status: "FAILURE",
    attempts: 1,
    error: { message: expect.stringMatching(/There is no folder .*nowhere/) },
  });
  await expect(count({})).rejects.toMatchObject({ code: "INVALID_CONFIG", details: { pointer: "/folder" } });
  await expect(count({ folder, top: 0 })).rejects.toMatchObject({ details: { pointer: "/top" } });
});

test("word_count holds for 500 files and 11 MB", async () => {
  const letters = [..."abcdefghijklmnopqrst"];
  const words = letters.flatMap((first) => letters.map((second) => `w${first}${second}`));
  const text = `${words.join(" ")} `.repeat(14);
  for (let i = 0; i < 500; i++) await writeFile(join(folder, `${i}.txt`), text);
  const run = await count({ folder, top: 1 });
  expect(run.output("merge_counts")).toEqual({
    files: 500,
    words: 500 * 14 * 400,
    distinct: 400,
    top: [{ word: "waa", count: 500 * 14 }],
  });
});
