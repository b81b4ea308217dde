import type { SensorDefinition } from "../../core/graph";
import type { RunRequest } from "../../core/sensing";
import type { LaunchableJob } from "../../sensors/ports";
import { BadRequest, planLaunches } from "../../sensors/requests";

const sensor: SensorDefinition = {
  name: "watch_files",
  kind: "sensor",
  jobs: ["load", "report"],
  description: null,
  minimumIntervalSeconds: 30,
  defaultStatus: "RUNNING",
  runStatuses: [],
  monitoredJobs: [],
};
const job = (name: string, more: Partial<LaunchableJob> = {}): [string, LaunchableJob] => [
  name,
  {
    name,
    graphId: `graph of ${name}`,
    codeVersion: "v1",
    tags: {},
    defaultConfig: null,
    checkConfig: () => [],
    ...more,
  },
];
const plan = (requests: unknown[], ...jobs: [string, LaunchableJob][]) =>
  planLaunches(sensor, requests as RunRequest[], new Map(jobs.length > 0 ? jobs : [job("load"), job("report")]));
const refusal = (...args: Parameters<typeof plan>): BadRequest => {
  try {
    plan(...args);
  } catch (error) {
    return error as BadRequest;
  }
  throw new Error("It was not refused.");
};

describe("the requests of a tick", () => {
  test("go to the sensor's first job unless they name another", () => {
    expect(plan([{}, { job: "report" }]).map((launch) => launch.job)).toEqual(["load", "report"]);
  });

  test("carry the job's tags, their own over them, and Dagster's for where they come from", () => {
    const [launch] = plan(
      [{ runKey: "f1", tags: { team: "b", "dagster/run_key": "forged" } }],
      job("load", { tags: { team: "a", kind: "x" } }),
    );
    expect(launch!.tags).toEqual({
      team: "b",
      kind: "x",
      "dagster/sensor_name": "watch_files",
      "dagster/run_key": "f1",
    });
  });

  test("take their priority from the request, else from the tag dagster/priority", () => {
    const priorities = plan([
      { priority: 3, tags: { "dagster/priority": "7" } },
      { tags: { "dagster/priority": "7" } },
      {},
      { tags: { "dagster/priority": "much" } },
    ]).map(({ priority }) => priority);
    expect(priorities).toEqual([3, 7, 0, 0]);
  });

  test("get the job's default config where they give none", () => {
    const [launch] = plan([{ config: { b: 3 } }], job("load", { defaultConfig: { a: 1, b: 2 } }));
    expect(launch!.config).toEqual({ a: 1, b: 3 });
  });

  test("are all refused where one's config breaks the schema, which names its place, key and pointer", () => {
    const checkConfig = (config: object) =>
      "bad" in config ? [{ pointer: "/bad/0", message: "must be integer" }] : [];
    const error = refusal([{ runKey: "r1" }, { runKey: "r2", config: { bad: ["x"] } }], job("load", { checkConfig }));
    expect(error.message).toBe(
      'Request 2 of 2 (run key "r2") of sensor "watch_files" has a config that job "load" does not take: ' +
        "must be integer (/config/bad/0) (at /config/bad/0). None of the tick's runs was launched. " +
        "Correct the config that the sensor gives.",
    );
    expect(error.metadata).toMatchObject({ request: 1, run_key: "r2", pointer: "/config/bad/0" });
  });

  test.each([
    ["a job that is not published", { job: "report" }, "/job", [job("load")]],
    ["a job that is not the sensor's", { job: "other" }, "/job", [job("load"), job("other")]],
    ["a run key with NUL", { runKey: "a\0b" }, "/runKey", []],
    ["an empty run key", { runKey: "" }, "/runKey", []],
    ["a run key that is a number", { runKey: 7 }, "/runKey", []],
    ["a tag value with half of a surrogate pair", { tags: { a: "\ud800" } }, "/tags/a", []],
    ["a tag name with NUL", { tags: { "a\0": "x" } }, "/tags/a\u2400", []],
    ["a tag that is not a string", { tags: { a: 1 } }, "/tags/a", []],
    ["a config that is a list", { config: [] }, "/config", []],
    ["a priority that is no whole number", { priority: 1.5 }, "/priority", []],
    ["nothing", null, "", []],
  ])("are refused for %s", (_case, request, pointer, jobs) => {
    const error = refusal([{}, request], ...(jobs as [string, LaunchableJob][]));
    expect(error).toBeInstanceOf(BadRequest);
    expect(error.metadata).toMatchObject({ request: 1, pointer });
    expect(error.message).not.toContain("\0");
  });

  test("may number ten thousand and not one more", () => {
    const many = Array.from({ length: 10_000 }, () => ({}));
    expect(plan(many)).toHaveLength(10_000);
    expect(refusal([...many, {}]).message).toContain("10001");
  });
});
