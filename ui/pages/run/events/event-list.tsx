import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useMemo, useRef } from "react";
import type { RunEvent } from "../../../../client";
import { type KeyGroup, useKeys } from "../../../frame/keys";
import { FollowPill, useFollow, VirtualRows } from "../../../parts/follow";
import { useListKeys } from "../../../parts/list-keys";
import { count, counted } from "../../../parts/format";
import { Empty, Strip } from "../../../parts/states";
import { EventRow } from "./event-row";
import { useAllEvents, useFoundEvents } from "./use-events";

const ROW = 28;
const EVENTS = {
  name: "Events",
  enter: "Show the event's moment in the timeline",
  acts: { Enter: ".go", ArrowRight: "[aria-expanded=false]", ArrowLeft: "[aria-expanded=true]" },
};

interface Props {
  runId: string;
  /** Number of the run's last event. */
  seq: number;
  types: readonly string[] | null;
  text: string;
  live: boolean;
  /** The run's creation; Unix ms. */
  origin: number;
}

/** Events in order; without a filter any of them can be scrolled to at once. */
export const EventList = ({ runId, seq, types, text, live, origin }: Props): ReactNode => {
  const filtered = types !== null || text !== "";
  const found = useFoundEvents(runId, types, text, filtered);
  const rows = filtered ? found.events.length : seq;
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 20,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const anyAt = useAllEvents(runId, filtered ? 1 : seq, filtered ? 0 : (items[0]?.index ?? 0), filtered ? 0 : last);
  const at = (row: number): RunEvent | undefined => (filtered ? found.events[row] : anyAt(row));
  const { fresh, follow, stay } = useFollow(virtual, scroller, rows, live && !filtered);
  const moved = (row: number): void => void (row < rows - 1 && stay());
  const keys = useListKeys({ ...EVENTS, virtual, scroller, rows, moved });
  useKeys(useMemo(() => placeKeys(follow, () => virtual.scrollToIndex(0)), [follow, virtual]));
  const { loadMore } = found;
  const lacking = filtered && found.more && last >= rows - 1;
  useEffect(() => {
    if (lacking) loadMore();
  }, [lacking, loadMore]);
  return (
    <div className="eb">
      {found.error && filtered && <Strip>Events could not be loaded. {found.error.message}</Strip>}
      <div ref={scroller} className="evs" aria-label="Events in order" {...keys.props}>
        <VirtualRows list={EVENTS.name} virtual={virtual} at={keys.at}>
          {(row) => {
            const event = at(row);
            return event ? <EventRow event={event} origin={origin} /> : <div className="ev" role="gridcell" />;
          }}
        </VirtualRows>
        {filtered && rows === 0 && !found.more && <Empty icon="filter" title="No event fits" />}
      </div>
      {filtered && found.more && (
        <div className="looked dim small num" role="status">
          looked through {count(found.looked)} of {counted(seq, "event")}
        </div>
      )}
      <FollowPill fresh={fresh} one="new event" follow={follow} />
    </div>
  );
};

const placeKeys = (toEnd: () => void, toStart: () => void): KeyGroup => ({
  title: "Events",
  bindings: [
    { keys: "End", label: "Last event, and follow", act: toEnd },
    { keys: "Home", label: "First event", act: toStart },
  ],
});
