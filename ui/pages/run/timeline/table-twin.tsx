import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type ReactNode, useMemo, useRef, useState } from "react";
import { useParam } from "../../../data/url";
import { Button } from "../../../parts/buttons";
import { counted, duration } from "../../../parts/format";
import { StatusWord } from "../../../parts/status";
import { StepKey } from "../step-key";
import { factsOf } from "../steps/past-state";
import { STATUSES } from "../steps/steps";
import { offsetText } from "./draw/scale";
import type { ChartData } from "./draw/scene";
import { readStepFilter } from "../steps/step-filter";
import { fitsOf, type Order, ordered } from "./draw/timed-rows";
import { csvOf, saveText } from "./csv";

const ROW = 28;
const COLUMNS: readonly { name: string; title: string; order?: Order }[] = [
  { name: "key", title: "Step", order: "key" },
  { name: "status", title: "Status", order: "status" },
  { name: "attempt", title: "Attempt" },
  { name: "worker", title: "Worker", order: "worker" },
  { name: "slot", title: "Slot" },
  { name: "waited", title: "Waited" },
  { name: "start", title: "Started", order: "start" },
  { name: "took", title: "Ran", order: "duration" },
  { name: "error", title: "Error" },
];

interface Props {
  data: ChartData;
  selected: string;
  select(key: string): void;
}

/** The same steps as a grid: for those who do not see the drawing, and for figures. */
export default function TableTwin({ data, selected, select }: Props): ReactNode {
  const { steps, moment } = data;
  const [f] = useParam("f");
  const [sort, setSort] = useParam("sort");
  const order = COLUMNS.find((column) => column.order === sort)?.order ?? "start";
  const rows = useMemo(() => {
    const all = Array.from({ length: steps.count }, (_, step) => step).filter(fitsOf(steps, moment, readStepFilter(f)));
    return ordered(steps, all, moment, order);
    // The data is another one whenever the steps have changed.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [data, f, order]);
  const save = (): void =>
    saveText(
      "steps.csv",
      csvOf(
        rows.map((step) => cellsOf(data, step)),
        COLUMNS.map(({ title }) => title),
      ),
    );
  return (
    <>
      <div className="ttop">
        <span className="dim num">{counted(rows.length, "step")}</span>
        <span className="grow" />
        <Button small icon="download" onClick={save}>
          CSV
        </Button>
      </div>
      <Grid {...{ data, rows, selected, select, order }} setOrder={(next) => setSort(next === "start" ? null : next)} />
    </>
  );
}

interface GridProps extends Props {
  rows: readonly number[];
  order: Order;
  setOrder(order: Order): void;
}

const Grid = ({ data, rows, selected, select, order, setOrder }: GridProps): ReactNode => {
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 20,
  });
  const onKeyDown = (event: KeyboardEvent): void => {
    const to = { ArrowDown: active + 1, ArrowUp: active - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (event.key === "Enter" && rows[active] !== undefined) return select(data.steps.keys[rows[active]]!);
    if (to === undefined || to < 0 || to >= rows.length || event.target !== event.currentTarget) return;
    event.preventDefault();
    setActive(to);
    virtual.scrollToIndex(to);
  };
  return (
    <div
      ref={scroller}
      className="tgrid"
      role="grid"
      tabIndex={0}
      aria-label="Steps"
      aria-rowcount={rows.length + 1}
      aria-activedescendant={rows.length > 0 ? `step-row-${active}` : undefined}
      onKeyDown={onKeyDown}
    >
      <Head order={order} setOrder={setOrder} />
      <div role="rowgroup" className="tbody" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const key = data.steps.keys[rows[index]!]!;
          return (
            <Row
              key={key}
              {...{ data, index }}
              step={rows[index]!}
              top={start}
              selected={key === selected}
              active={index === active}
              choose={() => {
                setActive(index);
                select(key);
              }}
            />
          );
        })}
      </div>
    </div>
  );
};

const Head = ({ order, setOrder }: Pick<GridProps, "order" | "setOrder">): ReactNode => (
  <div role="rowgroup" className="thead">
    <div role="row" className="trow" aria-rowindex={1}>
      {COLUMNS.map(({ name, title, order: own }) => (
        <span
          key={name}
          role="columnheader"
          {...(own && { "aria-sort": own === order ? ("ascending" as const) : ("none" as const) })}
        >
          {own ? (
            <button type="button" className={own === order ? "on" : ""} onClick={() => setOrder(own)}>
              {title}
            </button>
          ) : (
            title
          )}
        </span>
      ))}
    </div>
  </div>
);

interface RowProps {
  data: ChartData;
  step: number;
  index: number;
  top: number;
  selected: boolean;
  /** Where the keyboard is. */
  active: boolean;
  choose(): void;
}

const Row = ({ data, step, index, top, selected, active, choose }: RowProps): ReactNode => (
  <div
    id={`step-row-${index}`}
    role="row"
    aria-rowindex={index + 2}
    aria-selected={selected}
    className={`trow num ${selected ? "sel" : ""} ${active ? "at" : ""}`}
    style={{ transform: `translateY(${top}px)` }}
    onClick={choose}
  >
    {cellsOf(data, step).map((text, i) => (
      <span key={i} role="gridcell" className={i === 0 ? "mono stepkey" : "ell"} title={text}>
        {i === 0 ? (
          <StepKey of={text} />
        ) : i === 1 ? (
          <StatusWord status={STATUSES[data.moment.status[step]!]!} />
        ) : (
          text
        )}
      </span>
    ))}
  </div>
);

const cellsOf = ({ steps, moment }: ChartData, step: number): string[] => {
  const { queued, started, took, attempt, worker, slot, error } = factsOf(steps, step, moment);
  return [
    steps.keys[step]!,
    STATUSES[moment.status[step]!]!,
    String(attempt),
    worker ?? "",
    slot ?? "",
    started >= queued ? duration(started - queued) : "",
    started >= 0 ? offsetText(started, 1) : "",
    took >= 0 ? duration(took) : "",
    error ? `${error.name}: ${error.message}` : "",
  ];
};
