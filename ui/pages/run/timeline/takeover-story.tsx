import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Takeover } from "../../../../client";
import { api } from "../../../data/client";
import { CloseFoot, Dialog } from "../../../parts/dialog";
import { count, counted, duration } from "../../../parts/format";
import { Loaded, SkeletonRows } from "../../../parts/states";
import { RAN_TWICE, TAKEOVER_REASONS } from "../../../parts/takeover-reasons";
import { Stamp } from "../../../parts/time";
import { Titles } from "../../../parts/titles";
import { useRunSteps } from "../steps/run-steps";
import { offsetText } from "./draw/scale";

interface Props {
  runId: string;
  /** The one that was asked for, in ms since the run's creation. */
  at: number;
  onClose(): void;
}

/** Each time that the run came to another owner: why, how long it stood still, what was sent again. */
export default function TakeoverStory({ runId, at, onClose }: Props): ReactNode {
  const query = useQuery({ queryKey: ["run", runId, "takeovers", at], queryFn: () => api.runs.takeovers(runId) });
  const origin = useRunSteps().steps?.origin ?? 0;
  return (
    <Dialog
      title="Take-overs of this run"
      about="What workers ran meanwhile went on. A step is sent again where no worker had it."
      wide
      foot={<CloseFoot onClose={onClose} />}
      onClose={onClose}
    >
      <Loaded query={query} failed="The take-overs could not be loaded" skeleton={<SkeletonRows rows={3} />}>
        {(all) => <Table all={all} chosen={nearest(all, origin + at)} origin={origin} />}
      </Loaded>
    </Dialog>
  );
}

/** The record that a mark in the timeline belongs to: the run is told a moment after its shard was taken. */
const nearest = (all: readonly Takeover[], at: number): Takeover | null =>
  all.toSorted((a, b) => Math.abs(Date.parse(a.at) - at) - Math.abs(Date.parse(b.at) - at))[0] ?? null;

const Table = ({
  all,
  chosen,
  origin,
}: {
  all: readonly Takeover[];
  chosen: Takeover | null;
  origin: number;
}): ReactNode => (
  <div className="table-place" role="region" aria-label="Take-overs, in order" tabIndex={0}>
    <table className="table lines two gstory">
      <thead>
        <tr>
          <Titles of={["At", "Shard", "Epoch", "From", "To", "How", "Stalled", "Sent again", "Ran twice"]} />
        </tr>
      </thead>
      <tbody>
        {all.map((one) => (
          <tr key={one.epoch} aria-current={one === chosen || undefined}>
            <th scope="row" className="num">
              {offsetText(Date.parse(one.at) - origin, 1)}{" "}
              <span className="dim">
                <Stamp at={one.at} />
              </span>
            </th>
            <td data-title="Shard" className="below">
              {one.shard}
            </td>
            <td data-title="Epoch" className="mono t2 below epoch">
              {one.epoch}
            </td>
            <td className="mono t2 wide">{one.former ?? "—"}</td>
            <td data-title="To" className="mono rest" title={one.owner}>
              {one.owner}
            </td>
            <td className="how" title={TAKEOVER_REASONS[one.how].why}>
              {TAKEOVER_REASONS[one.how].how}
            </td>
            <td data-title="Stalled" className="below">
              {one.stalled_ms === null ? "not known yet" : duration(one.stalled_ms)}
            </td>
            <td
              data-title="Sent again"
              className="below"
              title={one.runs === null ? "" : `Of ${counted(one.runs, "run")} of the shard`}
            >
              {one.sent_again === null ? "not known yet" : count(one.sent_again)}
            </td>
            <td data-title="Ran twice" className="below" title={RAN_TWICE}>
              {one.had_begun === null ? "not known" : count(one.had_begun)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);
