import { type Collector, type ReceivedSpan, startCollector } from "../support/collector";
import { type Cluster, embedded } from "../support/cluster";

const JOBS = `
import { commandOp, dynamic, job, op, z } from "dqueue";

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
});
