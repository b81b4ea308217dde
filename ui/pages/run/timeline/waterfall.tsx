import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useMemo, useRef } from "react";
import { useParam } from "../../../data/url";
import { Bar } from "../../../parts/bars";
import { count, counted, duration } from "../../../parts/format";
import { useNarrow } from "../../../parts/narrow";
import { StatusIcon, toneOf, wordOf } from "../../../parts/status";
import { sourcesOf } from "../steps/critical-path";
import { heldBack } from "../steps/held-back";
import { countsOf, factsOf, type Moment } from "../steps/past-state";
import { keyParts } from "../../../parts/key-parts";
import { relatedNodes } from "../steps/related";
import { CODE, STATUSES, type StepState, type Steps } from "../steps/steps";
import { depthsOf } from "./draw/depths";
import { readStepFilter } from "../steps/step-filter";
import { partsOf } from "../steps/shares";
import { useWaterfallKeys } from "./waterfall-keys";

interface Props {
  steps: Steps;
  moment: Moment;
  selected: string;
  select(key: string): void;
}

/** A row, and where the middle of its box is. On phones the box is below the name. */
const BESIDE = { row: 26, middle: 13 };
const STACKED = { row: 48, middle: 36 };
const useLook = (): typeof BESIDE => (useNarrow() ? STACKED : BESIDE);

/** One column per depth, all of one width: for structure, where durations differ by a thousand. */
export default function Waterfall({ steps, moment, selected, select }: Props): ReactNode {
  const scroller = useRef<HTMLDivElement>(null);
  const look = useLook();
  const depths = useMemo(() => depthsOf(steps), [steps]);
  const [f] = useParam("f");
  const order = useMemo(() => orderOf(steps, depths, readStepFilter(f).text), [steps, depths, f]);
  const columns = Math.max(...depths, 0) + 1;
  const at = selected === "" ? undefined : steps.nodeOf(keyParts(selected).name);
  const related = useMemo(() => (at === undefined ? null : relatedNodes(steps, at).add(at)), [steps, at]);
  const rows = useRows(scroller, order.length, look.row);
  const show = (row: number): void => rows.scrollToIndex(row);
  const { row, onKeyDown, said } = useOpKeys({ steps, moment, order, depths, select, show });
  return (
    <div className="gantt">
      <div className="grow0 gaxis">
        <div className="gn dim">
          Step<span className="gd">Ran</span>
        </div>
        <div className="wheads num" aria-hidden="true">
          {Array.from({ length: columns }, (_, depth) => (
            <span key={depth}>{depth}</span>
          ))}
        </div>
      </div>
      <div
        ref={scroller}
        className="gbody"
        tabIndex={0}
        role="application"
        aria-label="Steps by depth. Arrows move by row, Enter opens a step, p and n go to failures, m shows a table."
        onKeyDown={onKeyDown}
      >
        <div className="wspace" style={{ height: order.length * look.row }} role="list">
          {related && (
            <Elbows
              {...{ steps, order, depths, columns, related, look }}
              failed={isFailed(steps, at!, moment)}
              from={at!}
            />
          )}
          {rows.getVirtualItems().map(({ index, start }) => (
            <Row
              key={order[index]}
              {...{ steps, moment, columns, select }}
              node={order[index]!}
              depth={depths[order[index]!]!}
              top={start}
              selected={order[index] === at}
              here={index === row}
              faded={related !== null && !related.has(order[index]!)}
            />
          ))}
        </div>
      </div>
      <p className="sr" aria-live="polite">
        {said}
      </p>
    </div>
  );
}

/** Those in view and some around them. */
const useRows = (scroller: { current: HTMLElement | null }, count: number, height: number) => {
  const rows = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 20,
  });
  useEffect(() => rows.measure(), [rows, height]);
  return rows;
};

interface Ops extends Omit<Props, "selected"> {
  order: readonly number[];
  depths: readonly number[];
  show(row: number): void;
}

const useOpKeys = ({ steps, moment, order, depths, select, show }: Ops) =>
  useWaterfallKeys({
    rows: order.length,
    isFailed: (row) => shownOf(steps, moment, order[row]!).status === "FAILURE",
    open: (row) => select(keyOf(steps, order[row]!)),
    show,
    say: (row) => {
      const node = order[row]!;
      const { status, total, ran } = shownOf(steps, moment, node);
      const size = total > 1 ? `group of ${counted(total, "step")}` : "";
      const parts = [steps.nodes[node]!.name, size, wordOf(status), ran, `depth ${depths[node]!}`];
      return `${parts.filter(Boolean).join(", ")}. Row ${row + 1} of ${order.length}.`;
    },
  });

/** What a row tells of its op. `total`: also what is held back. `one`: the only step of it; null: there are none, or many. */
const shownOf = (steps: Steps, moment: Moment, node: number) => {
  const members = steps.members[node]!;
  const total = members.length + heldBack(steps, node);
  const one = total === 1 ? (members[0] ?? null) : null;
  const counts = countsOf(steps, moment, members);
  const status = one === null ? groupStatus(counts, members.length) : STATUSES[moment.status[one]!]!;
  return { members, total, one, counts, status, ran: one === null ? "" : ranText(steps, one, moment) };
};

/** Of the step that a row opens. */
const keyOf = (steps: Steps, node: number): string => {
  const [first] = steps.members[node]!;
  return first === undefined ? steps.nodes[node]!.name : steps.keys[first]!;
};

const orderOf = (steps: Steps, depths: readonly number[], text: string): number[] =>
  steps.nodes
    .map((_, node) => node)
    .filter((node) => steps.nodes[node]!.name.toLowerCase().includes(text))
    .sort((a, b) => depths[a]! - depths[b]! || a - b);

const isFailed = (steps: Steps, node: number, { status }: Moment): boolean =>
  steps.members[node]!.some((step) => status[step] === CODE.FAILURE);

interface RowProps {
  steps: Steps;
  moment: Moment;
  node: number;
  depth: number;
  columns: number;
  top: number;
  selected: boolean;
  /** The keyboard is here. */
  here: boolean;
  faded: boolean;
  select(key: string): void;
}

const Row = ({ steps, moment, node, depth, columns, top, selected, here, faded, select }: RowProps): ReactNode => {
  const { name } = steps.nodes[node]!;
  const { members, total, one, counts, status, ran } = shownOf(steps, moment, node);
  return (
    <div
      role="listitem"
      className={`wrow ${selected ? "sel" : ""} ${here ? "at" : ""} ${faded ? "faded" : ""}`}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => select(keyOf(steps, node))}
    >
      <div className="gn">
        <StatusIcon status={status} size={13} label={status.toLowerCase()} />
        <span className="mono ell" title={name}>
          {name}
        </span>
        {total > 1 && <span className="gcount num">×{count(total)}</span>}
        <span className="gd num">{ran}</span>
      </div>
      <div className="wcell">
        <i
          className={`wbox w-${members.length === 0 ? "none" : one === null ? "many" : toneOf(status)}`}
          style={{ left: `calc(${(100 * depth) / columns}% + 3px)`, width: `calc(${100 / columns}% - 6px)` }}
        >
          {one === null && members.length > 0 ? (
            <Bar of={name} parts={partsOf(counts)} total={total} height={14} />
          ) : (
            <span className="num">{ran}</span>
          )}
        </i>
        <Beside {...{ steps, one, status, counts, columns, depth }} of={members.length} />
      </div>
    </div>
  );
};

/** On phones a text goes to the left of its box from this share of the width on. */
const FLIPS = 0.6;

/** Text behind the box, where a column is left for it. */
const Beside = ({
  steps,
  one,
  status,
  counts,
  of,
  depth,
  columns,
}: {
  steps: Steps;
  one: number | null;
  status: StepState;
  counts: Uint32Array;
  of: number;
  depth: number;
  columns: number;
}): ReactNode => {
  const flips = useNarrow() && depth + 1 > columns * FLIPS;
  if (depth >= columns - 1 && columns > 1 && !flips) return null;
  const error = one === null ? undefined : steps.errors.get(one);
  const done = of > 1 ? `${count(counts[CODE.SUCCESS]!)} of ${count(of)}` : "";
  const text =
    status === "FAILURE" && error
      ? error.name
      : one !== null && steps.attempt[one]! > 1
        ? counted(steps.attempt[one]!, "try", "tries")
        : done;
  return (
    <span
      className={`wtext ${status === "FAILURE" ? "t-failure" : "t2"}`}
      style={
        flips
          ? { right: `calc(${100 - (100 * depth) / columns}% + 3px)` }
          : { left: `calc(${(100 * (depth + 1)) / columns}% + 5px)` }
      }
    >
      {text}
    </span>
  );
};

const groupStatus = (counts: Uint32Array, of: number): StepState => {
  if (of === 0) return "PENDING";
  const order: StepState[] = ["STARTED", "UP_FOR_RETRY", "QUEUED", "FAILURE", "CANCELED", "SUCCESS"];
  return order.find((status) => counts[CODE[status]]! > 0) ?? "SKIPPED";
};

const ranText = (steps: Steps, step: number, moment: Moment): string => {
  if (moment.status[step] === CODE.SKIPPED) return "skipped";
  const { took } = factsOf(steps, step, moment);
  return took >= 0 ? duration(took) : "";
};

interface ElbowsProps {
  steps: Steps;
  order: readonly number[];
  depths: readonly number[];
  columns: number;
  related: ReadonlySet<number>;
  failed: boolean;
  from: number;
  look: typeof BESIDE;
}

/** Ways between the chosen step, what it stands on and what stands on it; red where it holds something back. */
const Elbows = ({ steps, order, depths, columns, related, failed, from, look }: ElbowsProps): ReactNode => {
  const rowOf = new Map(order.map((node, row) => [node, row]));
  const wide = 1200 / columns;
  const middleOf = (row: number): number => row * look.row + look.middle;
  const paths: ReactNode[] = [];
  for (const node of related)
    for (const source of sourcesOf(steps, steps.nodes[node]!)) {
      const [y0, y1] = [rowOf.get(source), rowOf.get(node)];
      if (!related.has(source) || y0 === undefined || y1 === undefined) continue;
      const x1 = wide * depths[node]! + 3;
      const held = failed && depths[source]! >= depths[from]!;
      paths.push(
        <path
          key={`${source} ${node}`}
          className={held ? "held" : ""}
          vectorEffect="non-scaling-stroke"
          d={`M${wide * (depths[source]! + 1) - 3} ${middleOf(y0)}H${x1 - 4}V${middleOf(y1)}H${x1}`}
        />,
      );
    }
  return (
    <svg
      className="welbows"
      viewBox={`0 0 1200 ${order.length * look.row}`}
      preserveAspectRatio="none"
      style={{ height: order.length * look.row }}
      aria-hidden="true"
    >
      {paths}
    </svg>
  );
};
