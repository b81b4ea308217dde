import type { ReactNode } from "react";
import { duration } from "../../../parts/format";
import { StatusIcon, wordOf } from "../../../parts/status";
import { factsOf, type Moment } from "../steps/past-state";
import { CODE, type Steps } from "../steps/steps";
import { triesOf, type Try, tryEnd } from "../steps/tries";

/** Each try: where, when, how long it waited and ran, and how it ended. */
export const Attempts = ({ steps, moment, place }: { steps: Steps; moment: Moment; place: number }): ReactNode => {
  const tries = triesOf(steps, moment, place);
  if (tries.length === 0) return null;
  // Of a run with tens of thousands of such tries not all are told.
  const known = steps.past.get(place)?.length ?? 0;
  // The last one of those that are counted goes on, was the last, or is the next.
  const hidden = steps.attempt[place]! + steps.lost[place]! - 1 - known;
  return (
    <section>
      <h3>{tries.length === 1 && hidden <= 0 ? "Attempt" : "Attempts"}</h3>
      <ol className="satts num">
        {tries.map((one, i) => (
          <li key={i}>
            <StatusIcon status={one.status} size={12} label={wordOf(one.status)} />
            <span>#{Math.max(0, hidden) + i + 1}</span>
            <span className="mono ell" title={one.worker ?? ""}>
              {one.worker ?? "—"}
            </span>
            <span className="dim">{one.started >= 0 ? `+${(one.started / 1000).toFixed(1)} s` : ""}</span>
            <span className="dim ell">{waitText(one, tries[i - 1])}</span>
            <b>{one.started >= 0 ? duration(tryEnd(one, moment) - one.started) : ""}</b>
          </li>
        ))}
        {steps.retry[place]! > moment.at && moment.status[place] === CODE.UP_FOR_RETRY && (
          <li>
            <StatusIcon status="UP_FOR_RETRY" size={12} label="planned" />
            <span>#{factsOf(steps, place, moment).attempt}</span>
            <span className="dim">planned</span>
            <span className="dim">+{(steps.retry[place]! / 1000).toFixed(1)} s</span>
            <span />
            <b>in {duration(steps.retry[place]! - moment.at)}</b>
          </li>
        )}
      </ol>
    </section>
  );
};

const waitText = ({ queued, started }: Try, before: Try | undefined): string => {
  if (before && queued > before.ended) return `back-off ${duration(queued - before.ended)}`;
  return started - queued >= 1 ? `after ${duration(started - queued)} in queue` : "";
};
