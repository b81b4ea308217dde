import type { Registry } from "prom-client";

/** What a process does now, by its own figures; null: its role has no such figure. */
export interface WorkNow {
  /** Of sensors, in the last minute, that were committed. */
  ticks_per_second: number | null;
  /** That were answered in the last minute. */
  requests_per_second: number | null;
  /** Open live streams. */
  streams: number | null;
}

const MINUTE_MS = 60_000;

/** Looks at counters again and again, and tells how fast they rose in the last minute. */
export class WorkRates {
  private readonly looks: { at: number; ticks: number | null; requests: number | null }[] = [];

  constructor(private readonly registry: Registry) {}

  /** @param at in ms, on a clock that only rises. */
  async look(at: number): Promise<void> {
    const [ticks, requests] = await Promise.all([
      this.sum("dqueue_sensor_ticks_total"),
      this.sum("dqueue_http_request_duration_seconds", "_count"),
    ]);
    this.looks.push({ at, ticks, requests });
    // One that is a minute old or older stays: from there on it is reckoned.
    while (this.looks.length > 2 && at - this.looks[1]!.at >= MINUTE_MS) this.looks.shift();
  }

  async now(): Promise<WorkNow> {
    return {
      ticks_per_second: this.rate("ticks"),
      requests_per_second: this.rate("requests"),
      streams: await this.sum("dqueue_streams"),
    };
  }

  /** Of the time since the first look that is kept; null until there are two. */
  private rate(of: "ticks" | "requests"): number | null {
    const [first, last] = [this.looks[0], this.looks.at(-1)];
    if (!first || !last || last.at <= first.at) return null;
    const [before, after] = [first[of], last[of]];
    if (before === null || after === null) return null;
    return Math.round(((after - before) / (last.at - first.at)) * 1e5) / 100;
  }

  /** Over all labels of a figure; null where this process does not keep it. */
  private async sum(name: string, suffix = ""): Promise<number | null> {
    const metric = this.registry.getSingleMetric(name);
    if (!metric) return null;
    const values: readonly { value: number; metricName?: string }[] = (await metric.get()).values;
    return values.reduce((sum, { value, metricName = name }) => (metricName === name + suffix ? sum + value : sum), 0);
  }
}
