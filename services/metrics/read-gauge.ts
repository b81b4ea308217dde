import { Gauge, type Registry } from "prom-client";
import { inTime } from "../in-time";

/** One figure: the labels of its series, and its value. */
export type Figure<Label extends string> = readonly [Partial<Record<Label, string>>, number];

interface ReadGauge<Label extends string> {
  name: string;
  help: string;
  labelNames?: readonly Label[];
  read: () => Iterable<Figure<Label>> | Promise<Iterable<Figure<Label>>>;
}

/** Whoever scrapes waits 10 s by default; what is slower than this is left out. */
const PATIENCE_MS = 4_000;

/**
 * A gauge that is read at each scrape and shows what it read then and nothing else: series of what is gone go with it.
 * What cannot be read in 4 s, as in an outage of the database, is absent then; the other figures are told all the same.
 */
export const readGauge = <Label extends string>(
  registry: Registry,
  { name, help, labelNames = [], read }: ReadGauge<Label>,
): Gauge<Label> =>
  new Gauge<Label>({
    name,
    help,
    labelNames: [...labelNames],
    registers: [registry],
    async collect() {
      const figures = await inTime(PATIENCE_MS, listed(read)).catch((): Figure<Label>[] => []);
      // At once, so that two scrapes at a time do not mix theirs.
      this.reset();
      // Without labels a gauge begins with 0, which would be a figure.
      if (labelNames.length === 0) this.remove();
      for (const [labels, value] of figures) this.set(labels as Record<Label, string>, value);
    },
  });

const listed = async <Label extends string>(read: ReadGauge<Label>["read"]): Promise<Figure<Label>[]> => [
  ...(await read()),
];
