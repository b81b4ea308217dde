import { createHash } from "node:crypto";
import type { SamplerName } from "../../services/telemetry-settings";
import { openTraces } from "../../services/traces/export";
import { traceparentOf } from "../../services/traces/ids";
import type { Span } from "../../services/traces/traces";
import { type Collector, startCollector } from "../support/collector";

const SPAN: Span = {
  ...{ trace: "0".repeat(31) + "1", id: "0".repeat(15) + "1", parent: null },
  ...{ part: "worker", kind: "internal", name: "x", start: 1_000.25, end: 2_000, failure: null, attributes: {} },
};

describe("traces that leave the process", () => {
  let collector: Collector;
  beforeEach(async () => void (collector = await startCollector()));
  afterEach(() => collector.stop());

  const open = (sampler: SamplerName = "parentbased_always_on", ratio = 1) => {
    const said: string[] = [];
    const target = { endpoint: collector.url, headers: {}, sampler, ratio };
    const traces = openTraces({ ...target, namespace: "n", roles: ["worker"] });
    let heard: () => void = () => undefined;
    const say = (message: string): void => {
      said.push(message);
      heard();
    };
    traces.sayTo({ warn: say, info: say });
    return { traces, said, next: () => new Promise<void>((resolve) => (heard = resolve)) };
  };

  test("a collector that refuses is told of once, and once when it takes them again", async () => {
    const { traces, said, next } = open();
    collector.answer = 400;
    const refused = next();
    traces.add(SPAN);
    await refused;
    const before = collector.headers.length;
    traces.add(SPAN);
    await collector.until(() => collector.headers.length > before);
    collector.answer = 200;
    const taken = next();
    traces.add({ ...SPAN, name: "y" });
    await taken;
    expect(said).toEqual([
      expect.stringContaining("Traces cannot be sent to the collector"),
      "Traces are sent to the collector again.",
    ]);
    await traces.close();
  });

  test("what is left is sent as they are closed", async () => {
    const { traces } = open();
    traces.add(SPAN);
    await traces.close();
    expect(collector.spans).toMatchObject([
      {
        name: "x",
        startTimeUnixNano: "1000250000",
        endTimeUnixNano: "2000000000",
        resource: { "service.namespace": "n" },
      },
    ]);
  });

  test("of many links the first 128 are sent, and the number of the others", async () => {
    const { traces } = open();
    const links = Array.from({ length: 130 }, (_, n) => ({ trace: SPAN.trace, span: `${n + 1}`.padStart(16, "0") }));
    traces.add({ ...SPAN, links });
    await traces.close();
    expect(collector.spans[0]!.links.map(({ spanId }) => spanId)).toEqual(links.slice(0, 128).map(({ span }) => span));
    expect(collector.spans[0]).toMatchObject({ droppedLinksCount: 2 });
  });

  test("a collector that does not answer keeps nobody from ending", async () => {
    const { traces } = open();
    collector.answer = null;
    traces.add(SPAN);
    await traces.close();
    expect(collector.spans).toEqual([]);
  });

  test("a share of the runs is told, each as a whole by all processes, and steps are told which", async () => {
    const [one, other] = [open("parentbased_traceidratio", 0.5).traces, open("parentbased_traceidratio", 0.5).traces];
    const runs = Array.from({ length: 40 }, (_, n) => createHash("sha256").update(`${n}`).digest("hex").slice(0, 32));
    for (const trace of runs) {
      one.add({ ...SPAN, trace, name: trace });
      other.add({ ...SPAN, trace, name: trace });
    }
    await Promise.all([one.close(), other.close()]);
    const kept = runs.filter((trace) => one.keeps(trace));
    expect(collector.spans.map(({ name }) => name).sort()).toEqual([...kept, ...kept].sort());
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.length).toBeLessThan(runs.length);
    expect([traceparentOf(SPAN.trace, 1, true), traceparentOf(SPAN.trace, 1, false)]).toEqual([
      expect.stringMatching(/-01$/),
      expect.stringMatching(/-00$/),
    ]);
  });

  test.each([
    ["parentbased_traceidratio", ["below a caller"]],
    ["parentbased_always_off", ["below a caller"]],
    ["traceidratio", []],
    ["always_off", []],
    ["always_on", ["a run", "below a caller"]],
  ] as const)("%s, with none of the runs to be kept by share, sends %j", async (sampler, sent) => {
    const { traces } = open(sampler, 0);
    traces.add({ ...SPAN, name: "a run" });
    traces.add({ ...SPAN, name: "below a caller", parent: "f".repeat(16), caller: "f".repeat(16) });
    await traces.close();
    expect(collector.spans.map(({ name }) => name)).toEqual(sent);
  });
});
