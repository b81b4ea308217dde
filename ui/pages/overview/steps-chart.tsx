import type { ReactNode } from "react";
import type { Overview } from "../../../client";
import { count, dayOf, rate, timeOfDay } from "../../parts/format";
import { StatusWord } from "../../parts/status";
import { useZone } from "../../parts/time";
import { BUCKETS, clockMoment, type Span } from "./span";

const WIDTH = 480;
const HEIGHT = 100;

/** The next round figure: 1, 2, 3 or 5 times a power of ten, of which three are a scale. */
const topOf = (most: number): number => {
  const power = 10 ** Math.floor(Math.log10(Math.max(most, 0.3) / 3));
  return 3 * power * ([1, 2, 3, 5, 10].find((n) => 3 * n * power >= most) ?? 10);
};

/** How many steps ended in a second, and how many of them failed. */
export const StepsChart = ({ overview, span }: { overview: Overview; span: Span | null }): ReactNode => {
  const { succeeded_per_second: good, failed_per_second: bad } = overview.steps;
  const all = good.map((n, i) => n + bad[i]!);
  const top = topOf(Math.max(...all));
  const figure = (n: number): string =>
    n === 0 ? "0" : n < 10 && !Number.isInteger(n) ? String(Number(n.toFixed(n < 1 ? 2 : 1))) : count(n);
  const label = `Now ${rate(all.at(-1)!)}, of them failed ${rate(bad.at(-1)!)}; at most ${rate(Math.max(...all))}`;
  return (
    <section className="card" aria-label="Steps per second">
      <div className="cardh">
        <h2>Steps per second</h2>
        <span className="grow" />
        <span className="legend" aria-hidden="true">
          <StatusWord status="SUCCESS" />
          <StatusWord status="FAILURE" />
        </span>
      </div>
      <div className="ov-chart stale-ground">
        <div className="values num" aria-hidden="true">
          {[3, 2, 1, 0].map((third) => (
            <span key={third}>{figure((top * third) / 3)}</span>
          ))}
        </div>
        <div className="plot">
          <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
            {[0, 1, 2].map((third) => (
              <path
                key={third}
                d={`M0 ${(third * HEIGHT) / 3 + 0.5}H${WIDTH}`}
                stroke="var(--line)"
                vectorEffect="non-scaling-stroke"
              />
            ))}
            <path d={areaOf(all, top)} fill="var(--success)" opacity=".16" />
            <path
              d={lineOf(all, top)}
              fill="none"
              stroke="var(--success)"
              strokeWidth="1.6"
              vectorEffect="non-scaling-stroke"
            />
            <path d={areaOf(bad, top)} fill="var(--failure)" />
            <path d={`M0 ${HEIGHT - 0.5}H${WIDTH}`} stroke="var(--line2)" vectorEffect="non-scaling-stroke" />
          </svg>
          {span && (
            <i className="ov-brush" style={{ left: at(span.first), right: `calc(100% - ${at(span.last + 1)})` }} />
          )}
          <Since overview={overview} />
          <Times overview={overview} />
        </div>
      </div>
    </section>
  );
};

const at = (bucket: number): string => `${(100 * bucket) / BUCKETS}%`;

const lineOf = (values: readonly number[], top: number): string =>
  `M${values.map((n, i) => `${((i * WIDTH) / (BUCKETS - 1)).toFixed(1)} ${(HEIGHT - (n / top) * HEIGHT).toFixed(1)}`).join(" L")}`;

const areaOf = (values: readonly number[], top: number): string =>
  `${lineOf(values, top)} L${WIDTH} ${HEIGHT} L0 ${HEIGHT}z`;

/** Since when the main error comes. */
const Since = ({ overview: { verdict, failing, from, to } }: { overview: Overview }): ReactNode => {
  const shown = useZone();
  const main = failing.items.find(({ fingerprint }) => fingerprint === verdict.main_error?.fingerprint);
  if (!main || verdict.rule !== "jobs_failing") return null;
  const first = Date.parse(main.first_seen_at);
  const share = (first - Date.parse(from)) / (Date.parse(to) - Date.parse(from));
  if (share < 0 || share > 1) return null;
  return (
    <i className="since" style={{ left: `${100 * share}%` }}>
      <b className={share < 0.6 ? "behind" : ""}>
        {main.type} since {clockMoment(first, Date.parse(to), shown)}
      </b>
    </i>
  );
};

const Times = ({ overview: { from, to, range } }: { overview: Overview }): ReactNode => {
  const shown = useZone();
  const [first, last] = [Date.parse(from), Date.parse(to)];
  return (
    <div className="times num" aria-hidden="true">
      {[0, 1 / 3, 2 / 3, 1].map((part) => {
        const time = first + part * (last - first);
        return <span key={part}>{range === "7d" ? dayOf(time, shown) : timeOfDay(time, shown)}</span>;
      })}
    </div>
  );
};
