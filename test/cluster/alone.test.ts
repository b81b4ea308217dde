import { type Collector, type ReceivedSpan, startCollector } from "../support/collector";
import { type Cluster, embedded } from "../support/cluster";

const JOBS = `
import { commandOp, dynamic, job, op, runRequest, sensor, skip, z } from "dqueue";

const hello = op({ name: "hello", run: async () => "hello" });
export const greet = job("greet", (g) => void g.call(hello));

const two = op({
  name: "two",
  out: dynamic(z.number()),
  async *run() { yield { key: "a", value: 1 }; yield { key: "b", value: 2 }; },
});
const work = op({
  name: "work",
  in: z.number(),
  out: z.string().nullable(),
  retry: { maxRetries: 1, delayMs: 1 },
  run: async ({ input, attempt, traceparent }) => {
    if (input === 2 && attempt === 1) throw new RangeError("the first try fails");
    return traceparent;
  },
});
const program = commandOp({
  name: "program",
  in: z.array(z.string().nullable()),
  out: z.string(),
  command: ["sh", "-c", "echo '{\\"output\\": \\"'$TRACEPARENT'\\"}' >&3"],
});
export const traced = job("traced", (g) => void g.call(program, g.collect(g.map(g.call(two), work))));
const broken = op({ name: "broken", run: async () => { throw new Error("it broke"); } });
export const breaks = job("breaks", (g) => void g.call(broken));

const ticking = { job: greet, minimumIntervalSeconds: 1, defaultStatus: "RUNNING" as const };
export const launches = sensor({ ...ticking, name: "launches", evaluate: () => [runRequest({ runKey: "a" }), runRequest({ runKey: "b" })] });
export const skips = sensor({ ...ticking, name: "skips", evaluate: () => skip("nothing to do") });
export const fails = sensor({ ...ticking, name: "fails", evaluate: () => { throw new RangeError("it cannot look"); } });
`;

let collector: Collector;
let cluster: Cluster;
beforeAll(async () => {
  collector = await startCollector();
  const settings = {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS: "authorization=Basic%20abc",
  };
  cluster = await embedded({ jobs: JOBS, settings });
});
afterAll(async () => {
  await cluster?.stop();
  collector?.stop();
});

test("with Node alone, a job of one's own runs to its end", async () => {
  const { id } = await cluster.client.runs.launch({ job: "greet" });
  expect((await cluster.client.runs.wait(id)).status).toBe("SUCCESS");
  expect((await cluster.client.runs.step(id, "hello")).outputs).toEqual({ result: "hello" });
});

const traceOf = (run: string): ReceivedSpan[] => {
  const trace = run.replaceAll("-", "");
  return collector.spans.filter(({ traceId }) => traceId === trace);
};
const rootOf = (run: string) => traceOf(run).find(({ parentSpanId }) => !parentSpanId);
const CALLER = { trace: "4bf92f3577b34da6a3ce929d0e0e4736", span: "00f067aa0ba902b7" };

describe("where a collector is named", () => {
  let run: string;
  beforeAll(async () => {
    const response = await fetch(`${cluster.url}/api/runs`, {
      method: "POST",
      headers: { "content-type": "application/json", traceparent: `00-${CALLER.trace}-${CALLER.span}-01` },
      body: JSON.stringify({ job: "traced" }),
    });
    run = ((await response.json()) as { id: string }).id;
    await cluster.client.runs.wait(run);
    await collector.until(() => traceOf(run).length === 11);
  });

  test("a run is one trace: the request, the run, each step with its attempts, under their parents", () => {
    const spans = traceOf(run);
    const told = ({ name, attributes, status }: ReceivedSpan): unknown[] => [
      ...[name, attributes["dqueue.step"] ?? "", attributes["dqueue.attempt"] ?? ""],
      status.code === 2 ? status.message : "well",
    ];
    const below = (parent: ReceivedSpan | undefined): unknown[] =>
      spans
        .filter(({ parentSpanId }) => (parentSpanId || undefined) === parent?.spanId)
        .map((span) => [...told(span), ...below(span)])
        .sort((a, b) => (String(a) < String(b) ? -1 : 1));
    const step = (key: string, ...attempts: string[]): unknown[] => [
      ...[`step ${key.split("[")[0]}`, key, "", "well"],
      ...attempts.map((end, index) => [`attempt ${key.split("[")[0]}`, key, index + 1, end]),
    ];
    expect(below(undefined)).toEqual([
      [
        ...["run traced", "", "", "well"],
        ["POST /api/runs", "", "", "well"],
        step("program", "well"),
        step("two", "well"),
        step("work[a]", "well"),
        step("work[b]", "the first try fails", "well"),
      ],
    ]);
  });

  test("who tells is named, an attempt tells what failed it, and a step that it was tried again", () => {
    expect(new Set(traceOf(run).map(({ scope }) => scope))).toEqual(
      new Set(["dqueue/api", "dqueue/coordinator", "dqueue/worker"]),
    );
    expect(rootOf(run)!.resource).toMatchObject({ "service.name": "dqueue", "service.version": expect.any(String) });
    const events = traceOf(run).flatMap(({ events }) => events);
    expect(events).toContainEqual({
      name: "exception",
      attributes: {
        "exception.type": "RangeError",
        "exception.message": "the first try fails",
        "exception.stacktrace": expect.stringContaining("jobs/index.ts"),
      },
    });
    expect(events.map(({ name }) => name)).toContain("STEP_UP_FOR_RETRY");
  });

  test("each lies within what it belongs to in time", () => {
    const spans = new Map(traceOf(run).map((span) => [span.spanId, span]));
    for (const { name, parentSpanId, startTimeUnixNano, endTimeUnixNano } of spans.values()) {
      const parent = spans.get(parentSpanId ?? "");
      if (!parent || name.startsWith("POST")) continue;
      expect(BigInt(startTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(parent.startTimeUnixNano));
      expect(BigInt(endTimeUnixNano)).toBeLessThanOrEqual(BigInt(parent.endTimeUnixNano));
    }
  });

  test("code and programs know the span that they run in", async () => {
    const attempt = (step: string) =>
      traceOf(run).find(
        ({ name, attributes, status }) =>
          name.startsWith("attempt") && attributes["dqueue.step"] === step && status.code !== 2,
      )!;
    const named = (step: string) => `00-${run.replaceAll("-", "")}-${attempt(step).spanId}-01`;
    expect((await cluster.client.runs.step(run, "work[b]")).outputs).toEqual({ result: named("work[b]") });
    expect((await cluster.client.runs.step(run, "program")).outputs).toEqual({ result: named("program") });
  });

  test("who launches a run within a trace has the request there, and a link to the run; the run has one back", async () => {
    const own = (): ReceivedSpan | undefined => collector.spans.find(({ traceId }) => traceId === CALLER.trace);
    await collector.until(() => own() !== undefined);
    const { spanId, traceId } = rootOf(run)!;
    expect(own()).toMatchObject({ name: "POST /api/runs", parentSpanId: CALLER.span, links: [{ traceId, spanId }] });
    expect(traceOf(run).find(({ name }) => name.startsWith("POST"))!.links).toMatchObject([
      { traceId: CALLER.trace, spanId: CALLER.span },
    ]);
  });

  test("a run that fails says why in its root", async () => {
    const { id } = await cluster.client.runs.launch({ job: "breaks" });
    await cluster.client.runs.wait(id);
    await collector.until(() => rootOf(id) !== undefined);
    expect(rootOf(id)).toMatchObject({
      name: "run breaks",
      status: { code: 2, message: expect.stringContaining("broken") },
    });
  });

  test("the collector is asked in its own way, with the headers that it wants", () => {
    expect(collector.headers[0]).toMatchObject({ path: "POST /v1/traces", authorization: "Basic abc" });
  });

  describe("a tick of a sensor", () => {
    const ticksOf = (sensor: string): ReceivedSpan[] =>
      collector.spans.filter(({ name, parentSpanId }) => name === `tick ${sensor}` && !parentSpanId);
    const first = async (sensor: string): Promise<ReceivedSpan> => {
      await collector.until(() => ticksOf(sensor).length > 0);
      return ticksOf(sensor)[0]!;
    };

    test("is a trace named by the tick, with its time", async () => {
      const span = await first("skips");
      const ticks = await cluster.client.sensors.ticks("skips");
      const tick = ticks.items.find(({ id }) => id.replaceAll("-", "") === span.traceId)!;
      expect(span).toMatchObject({ scope: "dqueue/sensors", attributes: { "dqueue.tick": tick.id } });
      const msOf = (nanoseconds: string): number => Math.round(Number(nanoseconds) / 1e6);
      expect(msOf(span.startTimeUnixNano)).toBe(Date.parse(tick.started_at));
      expect(msOf(span.endTimeUnixNano)).toBe(Date.parse(tick.ended_at!));
    });

    test("that launches has a link to each run, and each run's trace has one back", async () => {
      const span = await first("launches");
      expect(span).toMatchObject({
        attributes: { "dqueue.sensor": "launches", "dqueue.status": "SUCCESS", "dqueue.runs_launched": 2 },
      });
      const { items } = await cluster.client.runs.list({ tags: { "dagster/sensor_name": "launches" } });
      await collector.until(() => items.every(({ id }) => rootOf(id) !== undefined));
      const roots = items.map(({ id }) => rootOf(id)!);
      const byTrace = (links: ReceivedSpan["links"]) =>
        links.map(({ traceId, spanId }) => ({ traceId, spanId })).sort((a, b) => (a.traceId < b.traceId ? -1 : 1));
      expect(items).toHaveLength(2);
      expect(byTrace(span.links)).toEqual(byTrace(roots));
      for (const { id } of items) {
        const told = traceOf(id).find(({ name }) => name === "tick launches");
        expect(told).toMatchObject({
          parentSpanId: rootOf(id)!.spanId,
          links: [{ traceId: span.traceId, spanId: span.spanId }],
        });
      }
    });

    test("that launches nothing says why: the sensor's own reason, or keys that have launched before", async () => {
      expect(await first("skips")).toMatchObject({
        attributes: { "dqueue.status": "SKIPPED", "dqueue.skip_reason": "nothing to do" },
        status: { code: 0 },
        links: [],
      });
      await collector.until(() => ticksOf("launches").length > 1);
      expect(ticksOf("launches")[1]!.attributes).toMatchObject({
        "dqueue.status": "SKIPPED",
        "dqueue.run_keys_known": 2,
        "dqueue.skip_reason": expect.stringContaining('"a", "b"'),
      });
    });

    test("that fails tells the error", async () => {
      expect(await first("fails")).toMatchObject({
        attributes: { "dqueue.status": "FAILURE" },
        status: { code: 2, message: "it cannot look" },
        events: [
          {
            name: "exception",
            attributes: {
              "exception.type": "RangeError",
              "exception.message": "it cannot look",
              "exception.stacktrace": expect.stringContaining("jobs/index.ts"),
            },
          },
        ],
      });
    });
  });
});
