import { memo, type ReactNode, useState } from "react";
import type { RunEvent } from "../../../../client";
import { writeParams } from "../../../data/url";
import { count, exact, timeOfDay } from "../../../parts/format";
import { Icon } from "../../../parts/icon";
import { JsonTree } from "../../../parts/json-tree";
import { useZone } from "../../../parts/time";
import { StepKey } from "../step-key";
import { secondsOf } from "../steps/use-moment";
import { readSpan } from "../timeline/span";
import { saidBy, toneOfEvent } from "./event-kinds";

/** An event; it opens to all that it says, and leads to its moment in the timeline. */
export const EventRow = memo(({ event, origin }: { event: RunEvent; origin: number }): ReactNode => {
  const zone = useZone();
  const [open, setOpen] = useState(false);
  const tone = toneOfEvent(event);
  const at = Date.parse(event.at);
  return (
    <>
      <div className="ev" role="gridcell">
        <span className="no num">{count(event.seq)}</span>
        <time className="ts num mono" dateTime={event.at} title={exact(at, zone)}>
          {timeOfDay(at, zone, true)}.{event.at.slice(20, 23)}
        </time>
        <span className={`ty mono ${tone ? `t-${tone}` : "t2"}`}>{event.type}</span>
        <span className="sp mono stepkey" title={event.step ?? undefined}>
          {event.step !== null && <StepKey of={event.step} />}
        </span>
        <span className="sy ell t2">{saidBy(event)}</span>
        {event.data !== null && (
          <button
            type="button"
            tabIndex={-1}
            className="copy say"
            aria-expanded={open}
            aria-label={`All that event ${event.seq} says`}
            onClick={() => setOpen(!open)}
          >
            <Icon name={open ? "chevronDown" : "chevronRight"} size={12} />
          </button>
        )}
        <button
          type="button"
          tabIndex={-1}
          className="copy go"
          aria-label={`Event ${event.seq} in the timeline`}
          title="Show this moment in the timeline"
          onClick={() => toTimeline(event.step, Math.max(0, at - origin))}
        >
          <Icon name="eye" size={13} />
        </button>
      </div>
      {open && event.data !== null && (
        <div className="said" role="gridcell">
          <JsonTree value={event.data} />
        </div>
      )}
    </>
  );
});

/** What the timeline showed of the time is given up where the moment is not within. */
const toTimeline = (step: string | null, at: number): void => {
  const brush = readSpan(new URLSearchParams(location.search).get("z") ?? "");
  const within = brush !== null && at >= brush.from && at <= brush.to;
  writeParams(
    { tab: null, find: null, level: null, step, t: secondsOf(at), ...(!within && { z: null }) },
    { push: true },
  );
};
