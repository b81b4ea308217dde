import type { ReactNode } from "react";
import { useParam } from "../../../data/url";
import { Bar } from "../../../parts/bars";
import { count, duration } from "../../../parts/format";
import { Icon } from "../../../parts/icon";
import { Menu } from "../../../parts/menu";
import { StatusIcon, toneOf, wordOf } from "../../../parts/status";
import { heldBack } from "../steps/held-back";
import { countsOf } from "../steps/past-state";
import { partsOf } from "../steps/shares";
import { CODE, type StepState } from "../steps/steps";
import type { ChartData } from "./draw/scene";
import { readStepFilter, writeStepFilter } from "../steps/step-filter";
import { ORDERS } from "./draw/timed-rows";
import { useOpenGroups } from "./use-chart-data";

const LENS: readonly StepState[] = ["FAILURE", "UP_FOR_RETRY", "STARTED", "QUEUED", "SKIPPED", "CANCELED", "SUCCESS"];

/** The status of many: what goes on, else the worst. */
const statusOf = (counts: Uint32Array): StepState => {
  const order: StepState[] = ["STARTED", "UP_FOR_RETRY", "QUEUED", "FAILURE", "CANCELED", "SUCCESS", "SKIPPED"];
  return order.find((status) => counts[CODE[status]]! > 0) ?? "PENDING";
};

/** Name, size, usual duration and counts of a mapped op; the counts are filters. */
export const GroupHead = ({ data, node }: { data: ChartData; node: number }): ReactNode => {
  const { steps, moment } = data;
  const { names, toggle, order, setOrder } = useOpenGroups();
  const { name } = steps.nodes[node]!;
  const members = steps.members[node]!;
  const counts = countsOf(steps, moment, members);
  const total = members.length + heldBack(steps, node);
  const p50 = data.durations(node)?.p50;
  const open = names.has(name);
  return (
    <>
      <button
        type="button"
        tabIndex={-1}
        className="gfold"
        aria-expanded={open}
        aria-label={`${open ? "Fold" : "Open"} ${name}`}
        onClick={() => toggle(name)}
      >
        <Icon name={open ? "chevronDown" : "chevronRight"} size={12} />
      </button>
      <StatusIcon status={statusOf(counts)} />
      <div className="col grow gcol">
        <div className="row ghead">
          <span className="mono ell strong" title={name}>
            {name}
          </span>
          <span className="gcount num">×{count(total)}</span>
          {open ? (
            <Menu
              items={ORDERS.map((one) => ({ label: `By ${one}`, checked: one === order, act: () => setOrder(one) }))}
            >
              <button type="button" tabIndex={-1} className="gd link">
                by {order}
              </button>
            </Menu>
          ) : (
            <span className="gd num" title="Half of those that succeeded took no longer">
              {p50 === undefined ? "" : duration(p50)}
            </span>
          )}
        </div>
        <Bar of={name} parts={partsOf(counts)} total={total} />
        <Lens counts={counts} />
      </div>
    </>
  );
};

const Lens = ({ counts }: { counts: Uint32Array }): ReactNode => {
  const [f, setF] = useParam("f");
  const filter = readStepFilter(f);
  return (
    <div className="lens num">
      {LENS.filter((status) => counts[CODE[status]]! > 0).map((status) => (
        <button
          key={status}
          type="button"
          tabIndex={-1}
          className={`t-${toneOf(status)}`}
          title={`Show ${wordOf(status).toLowerCase()} alone`}
          onClick={() => {
            const only = filter.statuses.length === 1 && filter.statuses[0] === status;
            setF(writeStepFilter({ ...filter, statuses: only ? [] : [status] }), { push: true });
          }}
        >
          <StatusIcon status={status} size={11} label={wordOf(status)} />
          {count(counts[CODE[status]]!)}
        </button>
      ))}
    </div>
  );
};
