import type { ReactNode } from "react";
import { count, duration } from "../../../parts/format";
import type { Durations } from "../steps/figures";
import { factsOf, type Moment } from "../steps/past-state";
import { CODE, type Steps } from "../steps/steps";

/** Fewer than this are no distribution. */
const ENOUGH = 5;
const BINS = 18;
const HEIGHT = 44;

interface Props {
  steps: Steps;
  place: number;
  moment: Moment;
  durations: Durations | null;
}

/** How long it ran, among the steps of the same op. */
export const Siblings = ({ steps, place, moment, durations }: Props): ReactNode => {
  if (!durations || durations.sorted.length < ENOUGH) return null;
  const others = steps.members[steps.node[place]!]!.length - 1;
  const { took } = factsOf(steps, place, moment);
  // The few slowest would press all others into one bar.
  const most = Math.max(durations.p99 * 1.15, durations.min + 1);
  const binOf = (ms: number): number =>
    Math.max(0, Math.min(BINS - 1, Math.floor(((ms - durations.min) / (most - durations.min)) * BINS)));
  const bins = new Array<number>(BINS).fill(0);
  for (const ms of durations.sorted) bins[binOf(ms)]!++;
  const tallest = Math.max(...bins);
  const own = took >= 0 ? binOf(took) : -1;
  const tone =
    moment.status[place] === CODE.FAILURE ? "failure" : moment.status[place] === CODE.STARTED ? "started" : "success";
  return (
    <section>
      <h3>
        {moment.live
          ? `Duration against its ${count(others)} siblings`
          : `Duration against the ${count(durations.sorted.length)} siblings that had ended`}
      </h3>
      <div className="shist">
        <svg viewBox={`0 0 ${BINS * 10} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
          {bins.map((n, i) => {
            const high = Math.max(n > 0 || i === own ? 1.5 : 0, (n / tallest) * (HEIGHT - 2));
            return (
              <rect
                key={i}
                x={i * 10 + 0.6}
                y={HEIGHT - high}
                width={8.8}
                height={high}
                rx={1}
                fill={i === own ? `var(--${tone})` : "var(--queued)"}
                opacity={i === own ? 1 : 0.38}
              />
            );
          })}
        </svg>
        {own >= 0 && (
          <span
            className={`shere num t-${tone}`}
            style={{ left: `${Math.min(84, Math.max(16, (100 * (own + 0.5)) / BINS))}%` }}
          >
            this {duration(took)}
          </span>
        )}
      </div>
      <dl className="spct num">
        {(["min", "p50", "p95", "p99", "max"] as const).map((name) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{duration(durations[name])}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
};
