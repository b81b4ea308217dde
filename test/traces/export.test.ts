import { openTraces } from "../../services/traces/export";
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

  const open = () => {
    const said: string[] = [];
    const traces = openTraces({ endpoint: collector.url, headers: {}, namespace: "n", roles: ["worker"] });
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

  test("a collector that does not answer keeps nobody from ending", async () => {
    const { traces } = open();
    collector.answer = null;
    traces.add(SPAN);
    await traces.close();
    expect(collector.spans).toEqual([]);
  });
});
