import { type ReactNode, useState } from "react";
import type { Run, RunEvent } from "../../../../client";
import { writeParams } from "../../../data/url";
import { count, exact } from "../../../parts/format";
import { useZone } from "../../../parts/time";
import { saidBy, toneOfEvent } from "../events/event-kinds";
import { useEventsUpTo } from "../events/use-events-up-to";
import { StepKey } from "../step-key";
import type { Moment } from "../steps/past-state";
import { LATEST, useRunSteps } from "../steps/run-steps";
import type { Steps } from "../steps/steps";
import { instantOf, useAskedMoment } from "../steps/use-moment";
import { offsetText } from "./draw/scale";
import type { View } from "./view";

interface Props {
  run: Run;
  steps: Steps;
  moment: Moment;
  view: View;
}

/** The last events up to the moment that is shown, newest first; each leads to its own moment. */
export const LatestEvents = ({ run, steps, moment, view }: Props): ReactNode => {
  const { events, failed } = useLatest(run, steps.origin, moment);
  // Rows repaint as things happen: what is pointed at stays until the pointer has gone.
  const [held, hold] = useState<readonly RunEvent[] | null>(null);
  const [, ask] = useAskedMoment();
  const shown = held ?? events;
  const go = (event: RunEvent): void => {
    hold(null);
    const at = Math.max(0, Date.parse(event.at) - steps.origin);
    ask(at, { push: true });
    view.reveal(at);
  };
  return (
    <section className="glatest" aria-label="Latest events">
      <div className="row glatest1">
        <b>Events</b>
        {!moment.live && <span className="dim num">until {offsetText(moment.at, 1)}</span>}
        {failed && <span className="t-retry">could not be loaded</span>}
        <span className="grow" />
        <button type="button" className="link small" onClick={() => writeParams({ tab: "events" }, { push: true })}>
          All {count(run.seq)}
        </button>
      </div>
      <ol onPointerEnter={() => moment.live && hold(events)} onPointerLeave={() => hold(null)}>
        {Array.from({ length: LATEST }, (_, row) => (
          <li key={row}>{shown[row] && <Row event={shown[row]} origin={steps.origin} go={go} />}</li>
        ))}
      </ol>
    </section>
  );
};

const Row = ({ event, origin, go }: { event: RunEvent; origin: number; go(event: RunEvent): void }): ReactNode => {
  const zone = useZone();
  const tone = toneOfEvent(event);
  const at = Date.parse(event.at);
  const said = saidBy(event);
  return (
    <button type="button" className="glev" onClick={() => go(event)} title={`Show this moment: ${exact(at, zone)}`}>
      <span className="num mono dim">{offsetText(Math.max(0, at - origin), 2)}</span>
      <span className={`mono ell ${tone ? `t-${tone}` : "t2"}`}>{event.type}</span>
      <span className="mono stepkey" title={event.step ?? undefined}>
        {event.step !== null && <StepKey of={event.step} />}
      </span>
      <span className="ell t2" title={said}>
        {said}
      </span>
    </button>
  );
};

/** Newest first. Now: what came by the stream behind what was asked for. Then: asked for. */
const useLatest = (run: Run, origin: number, moment: Moment): { events: readonly RunEvent[]; failed: boolean } => {
  const { seq, heard } = useRunSteps();
  const wanted = instantOf(origin, moment.live ? null : moment.at);
  const { events: known, until, failed } = useEventsUpTo(run.id, wanted, seq);
  const last = known.at(-1)?.seq ?? 0;
  const fresh = moment.live && until === null ? heard.filter((event) => event.seq > last) : [];
  return { events: [...known, ...fresh].slice(-LATEST).reverse(), failed };
};
