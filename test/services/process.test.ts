import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { LastHour } from "../../services/last-hour";
import { WorkRates } from "../../services/metrics/work-now";

const MINUTE = 60_000;

describe("a figure over the last hour", () => {
  test("is the mean of each minute, oldest first, and the last one goes on", () => {
    const hour = new LastHour();
    expect(hour.means()).toEqual([]);
    for (const [at, value] of [[0, 10], [30_000, 20], [MINUTE, 40]] as const) hour.add(value, at); // prettier-ignore
    expect(hour.means()).toEqual([15, 40]);
    hour.add(50, MINUTE + 5_000);
    expect(hour.means()).toEqual([15, 45]);
  });

  test("knows sixty minutes and no more", () => {
    const hour = new LastHour();
    for (let minute = 0; minute < 200; minute++) hour.add(minute, minute * MINUTE);
    expect(hour.means()).toEqual(Array.from({ length: 60 }, (_, i) => 140 + i));
  });

  test("what a process was while it stood still is the first thing it finds afterwards", () => {
    const hour = new LastHour();
    hour.add(80, 0);
    hour.add(0, 3 * MINUTE);
    expect(hour.means()).toEqual([80, 0, 0, 0]);
    hour.add(5, 1_000 * MINUTE);
    expect(hour.means()).toEqual(Array(60).fill(5));
  });
});

describe("what a process does now", () => {
  test("is how fast its counters rose in the last minute, over all their labels", async () => {
    const registry = new Registry();
    const ticks = new Counter({
      ...{ name: "dqueue_sensor_ticks_total", help: "-", labelNames: ["sensor"], registers: [registry] },
    });
    const rates = new WorkRates(registry);
    ticks.inc({ sensor: "old" }, 1_000);
    await rates.look(0);
    expect((await rates.now()).ticks_per_second).toBeNull();
    ticks.inc({ sensor: "a" }, 10);
    ticks.inc({ sensor: "b" }, 5);
    await rates.look(5_000);
    expect((await rates.now()).ticks_per_second).toBe(3);
    for (let at = 10_000; at <= 120_000; at += 5_000) await rates.look(at);
    expect((await rates.now()).ticks_per_second).toBe(0);
    ticks.inc({ sensor: "a" }, 6);
    await rates.look(125_000);
    expect((await rates.now()).ticks_per_second).toBe(0.1);
  });

  test("requests are counted once, whatever their buckets; streams are those open", async () => {
    const registry = new Registry();
    const seconds = new Histogram({
      ...{ name: "dqueue_http_request_duration_seconds", help: "-", buckets: [1, 10], registers: [registry] },
    });
    new Gauge({ name: "dqueue_streams", help: "-", registers: [registry] }).set(4);
    const rates = new WorkRates(registry);
    await rates.look(0);
    for (let i = 0; i < 20; i++) seconds.observe(i);
    await rates.look(10_000);
    expect(await rates.now()).toEqual({ ticks_per_second: null, requests_per_second: 2, streams: 4 });
  });
});
