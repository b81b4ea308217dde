import { memo, type ReactNode } from "react";
import { Key } from "../../../parts/buttons";
import { clock, count, counted, duration } from "../../../parts/format";
import { Icon } from "../../../parts/icon";
import { StatusIcon } from "../../../parts/status";
import { StepKey } from "../step-key";
import { factsOf, type Moment } from "../steps/past-state";
import { CODE, STATUSES, type Steps } from "../steps/steps";
import { outsideWords, type Side, SIDES } from "./draw/outside";
import { type ChartData, laneOf } from "./draw/scene";
import { GroupHead } from "./group-head";
import type { Mode } from "./timeline";
import { useOpenGroups, useOutside } from "./use-chart-data";

interface Props {
  data: ChartData;
  range: { first: number; last: number };
  selected: string;
  /** Where the keyboard is; −1: nowhere. */
  row: number;
  mode: Mode;
  select(key: string): void;
}

/** What stands on the rows. The chart is one stop of the keyboard: what can be clicked here has a key there. */
export const Names = ({ data, range, selected, row, mode, select }: Props): ReactNode => {
  const chosen = data.steps.placeOf(selected) ?? -1;
  const rows: ReactNode[] = [];
  const size = range.last - range.first;
  // An element for each place of the window, in turns: who scrolls changes texts, and makes nothing anew.
  for (let place = 0; place < size; place++) {
    const at = range.first + ((((place - range.first) % size) + size) % size);
    const isChosen = data.rows.kind(at) === "step" && data.rows.ref(at) === chosen;
    rows.push(<Row key={place} {...{ at, data, select }} chosen={isChosen} here={row === at} flat={mode === "flat"} />);
  }
  return <div className="gnames">{rows.length > 0 ? rows : <NoRows total={data.steps.count} />}</div>;
};

const NoRows = ({ total }: { total: number }): ReactNode => (
  <p className="dim gnone">{total === 0 ? "No step has begun." : "No step fits the filter."}</p>
);

interface RowProps {
  at: number;
  data: ChartData;
  chosen: boolean;
  /** The keyboard is here. */
  here: boolean;
  flat: boolean;
  select(key: string): void;
}

/** Rendered again only when something of it has changed: scrolling brings a few rows, and leaves the others. */
const Row = memo(({ at, data, chosen, here, flat, select }: RowProps): ReactNode => {
  const { rows, steps } = data;
  const kind = rows.kind(at);
  const ref = rows.ref(at);
  return (
    <div
      className={`gn g-${kind} ${chosen ? "sel" : ""} ${here ? "at" : ""} ${rows.indent(at) > 0 ? "child" : ""}`}
      style={{ top: rows.top(at), height: rows.height(at) }}
      onClick={kind === "step" ? () => select(steps.keys[ref]!) : undefined}
    >
      {kind === "step" && <StepName data={data} step={ref} flat={flat} />}
      {kind === "node" && <NodeName steps={steps} node={ref} />}
      {kind === "group" && <GroupHead data={data} node={ref} />}
      {kind === "section" && <span className="ell dim">Failed, retrying, slowest, newest</span>}
      {kind === "more" && <More data={data} node={ref} />}
      {kind === "outside" && <OutsideName data={data} side={SIDES[ref]!} />}
      {kind === "worker" && <WorkerName data={data} place={ref} />}
      {kind === "lane" && <LaneName data={data} place={ref} />}
    </div>
  );
});
Row.displayName = "Row";

const StepName = ({
  data: { steps, moment },
  step,
  flat,
}: {
  data: ChartData;
  step: number;
  flat: boolean;
}): ReactNode => {
  const key = steps.keys[step]!;
  return (
    <>
      <StatusIcon status={STATUSES[moment.status[step]!]!} size={13} />
      <span className="mono stepkey" title={key}>
        <StepKey of={key} strong={flat} />
      </span>
      <span className="gd num">{tookText(steps, step, moment)}</span>
    </>
  );
};

const tookText = (steps: Steps, step: number, moment: Moment): string => {
  const { at } = moment;
  const status = moment.status[step]!;
  const lost = steps.lost[step]!;
  const { attempt: tries, queued, took } = factsOf(steps, step, moment);
  if (status === CODE.FAILURE && lost > 1) return `lost × ${lost}`;
  if (status === CODE.FAILURE && tries > 1) return counted(tries, "try", "tries");
  if (status === CODE.UP_FOR_RETRY) {
    const { retry } = steps.nodes[steps.node[step]!]!;
    return `${tries} of ${retry.max_retries + 1}`;
  }
  if (status === CODE.QUEUED) {
    const from = queued || steps.ready[step]!;
    return at >= from ? clock(at - from) : "";
  }
  return took >= 0 ? (status === CODE.STARTED ? clock : duration)(took) : "";
};

const NodeName = ({ steps, node }: { steps: Steps; node: number }): ReactNode => (
  <>
    <StatusIcon status="PENDING" size={13} />
    <span className="mono ell strong">{steps.nodes[node]!.name}</span>
  </>
);

const More = ({ data, node }: { data: ChartData; node: number }): ReactNode => {
  const { toggle } = useOpenGroups();
  const { name } = data.steps.nodes[node]!;
  let lifted = 0;
  for (const step of data.reasons.keys()) if (data.steps.node[step] === node) lifted++;
  return (
    <>
      <button type="button" tabIndex={-1} className="link t2" onClick={() => toggle(name)}>
        {count(data.shown(node).length - lifted)} more
      </button>
      <span className="dim wide-only">
        · go to key <Key>G</Key>
      </span>
    </>
  );
};

const OutsideName = ({ data, side }: { data: ChartData; side: Side }): ReactNode => {
  const { open, toggle } = useOutside();
  const outside = data.outside!;
  const { failed } = outside[side];
  return (
    <button type="button" tabIndex={-1} className="gworker" aria-expanded={open} onClick={toggle}>
      <Icon name={open ? "chevronDown" : "chevronRight"} size={12} />
      <span className="ell t2">{outsideWords(outside, side)}</span>
      {failed > 0 && <StatusIcon status="FAILURE" size={12} label={`${counted(failed, "failure")} among them`} />}
    </button>
  );
};

const WorkerName = ({ data, place }: { data: ChartData; place: number }): ReactNode => {
  const { names, toggle } = useOpenGroups();
  const { worker, slots, running, lost } = data.workers[place]!;
  return (
    <button type="button" tabIndex={-1} className="gworker" onClick={() => toggle(worker)} title={worker}>
      <Icon name={names.has(worker) ? "chevronDown" : "chevronRight"} size={12} />
      <span className="mono ell">{worker}</span>
      {lost > 0 && <StatusIcon status="LOST" size={12} label="lost steps" />}
      <span className="gd num">
        {count(running)} <i>of {count(slots)}</i>
      </span>
    </button>
  );
};

const LaneName = ({ data, place }: { data: ChartData; place: number }): ReactNode => {
  const { slot, stays } = laneOf(data, place) ?? { slot: null, stays: [] };
  const busy = stays.reduce((sum, { from, to }) => sum + to - from, 0);
  const whole = data.moment.at - (stays[0]?.from ?? 0);
  return (
    <>
      <span className="dim" title={slot === null ? "In which slot these steps ran was not told" : "Process and slot"}>
        slot
      </span>
      <span className="mono">{slot ?? "—"}</span>
      <span className="gd num">{whole > 0 ? Math.round((100 * busy) / whole) : 0} %</span>
    </>
  );
};
