import type { Metric, Registry } from "prom-client";

interface HotHistogramOptions {
  name: string;
  help: string;
  labelName: string;
  /** Upper bounds, rising. */
  buckets: readonly number[];
}

/**
 * A histogram with one label for what happens with every step. prom-client's own looks its series up by a label object
 * at each observation, for a microsecond each time; of this one whoever observes keeps the series.
 */
export class HotHistogram {
  private readonly series = new Map<string, Series>();

  constructor(
    registry: Registry,
    private readonly options: HotHistogramOptions,
  ) {
    // What a registry asks of a metric is its name and `get`.
    registry.registerMetric({ name: options.name, get: () => this.get() } as unknown as Metric);
  }

  of(label: string): Series {
    let series = this.series.get(label);
    if (!series) this.series.set(label, (series = new Series(this.options.buckets)));
    return series;
  }

  private get() {
    const { name, help, labelName } = this.options;
    const values = [...this.series].flatMap(([label, series]) => {
      const labels = { [labelName]: label };
      return [
        ...series
          .cumulated()
          .map(([le, value]) => ({ metricName: `${name}_bucket`, labels: { le, ...labels }, value })),
        { metricName: `${name}_sum`, labels, value: series.sum },
        { metricName: `${name}_count`, labels, value: series.count },
      ];
    });
    return Promise.resolve({ name, help, type: "histogram", aggregator: "sum", values });
  }
}

/** The observations under one label. */
class Series {
  sum = 0;
  count = 0;
  private readonly counts: number[];

  constructor(private readonly bounds: readonly number[]) {
    this.counts = bounds.map(() => 0);
  }

  observe(value: number): void {
    this.sum += value;
    this.count++;
    for (let i = 0; i < this.bounds.length; i++)
      if (value <= this.bounds[i]!) {
        this.counts[i]!++;
        return;
      }
  }

  /** By upper bound, each with all that is below it. */
  cumulated(): [le: string, count: number][] {
    let below = 0;
    const buckets = this.bounds.map((bound, i): [string, number] => [`${bound}`, (below += this.counts[i]!)]);
    return [...buckets, ["+Inf", this.count]];
  }
}
