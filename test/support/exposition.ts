/** One sample of Prometheus' text format. */
export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/** The samples of a scrape, and the type of each family. */
export class Exposition {
  readonly samples: Sample[] = [];
  readonly types = new Map<string, string>();

  constructor(readonly text: string) {
    for (const line of text.split("\n")) {
      const type = /^# TYPE (\S+) (\S+)$/.exec(line);
      if (type) this.types.set(type[1]!, type[2]!);
      const sample = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
      if (!sample) continue;
      const [, name, labels = "", value] = sample;
      const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label, text]) => [label!, text!]);
      this.samples.push({ name: name!, labels: Object.fromEntries(pairs), value: Number(value) });
    }
  }

  /** Of this name and at least these labels. */
  of(name: string, labels: Record<string, string> = {}): Sample[] {
    const wanted = Object.entries(labels);
    return this.samples.filter((one) => one.name === name && wanted.every(([label, is]) => one.labels[label] === is));
  }

  sum(name: string, labels?: Record<string, string>): number {
    return this.of(name, labels).reduce((sum, { value }) => sum + value, 0);
  }

  /** Everything that may only rise: counters, and the buckets, sums and counts of histograms. */
  counters(): Map<string, number> {
    const rising = this.samples.filter(({ name }) => {
      const family = name.replace(/_(bucket|sum|count)$/, "");
      return this.types.get(name) === "counter" || this.types.get(family) === "histogram";
    });
    return new Map(rising.map(({ name, labels, value }) => [`${name} ${JSON.stringify(labels)}`, value]));
  }
}

export const scrape = async (url: string): Promise<Exposition> => {
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  return new Exposition(await response.text());
};
