import type { ReactNode } from "react";
import { Link } from "wouter";
import type { Deployment } from "../../../client";
import { Spark } from "../../parts/bars";
import { bytes, duration } from "../../parts/format";
import { Icon } from "../../parts/icon";
import { StatusIcon } from "../../parts/status";
import { isLate } from "./trouble";
import { workOf } from "./work-now";

type Node = Deployment["nodes"][number];

/** Every process of the cluster. */
export const Processes = ({ nodes }: { nodes: readonly Node[] }): ReactNode => (
  <section className="card" aria-labelledby="dep-processes">
    <div className="cardh">
      <h2 id="dep-processes">Processes</h2>
      <span className="sub num">
        {nodes.filter(({ up_seconds }) => up_seconds !== null).length} of {nodes.length} up
      </span>
      <span className="grow" />
      <Link className="link small" href="/queues?view=host">
        Workers
      </Link>
    </div>
    <div className="table-place" role="region" aria-label="Processes in figures" tabIndex={0}>
      <table className="table lines processes">
        <thead>
          <tr>
            <th scope="col">Process</th>
            <th scope="col">Roles</th>
            <th scope="col">Host</th>
            <th scope="col">Now</th>
            <th
              scope="col"
              className="fig"
              title="How late the event loop was in the last seconds, for the slowest hundredth"
            >
              Loop p99
            </th>
            <th scope="col" className="wide-head" title="The processor in each minute of the last hour">
              CPU, 1 h
            </th>
            <th scope="col" className="fig" title="Of one core">
              CPU
            </th>
            <th scope="col" className="fig">
              Heap
            </th>
            <th scope="col" className="fig">
              Memory
            </th>
            <th scope="col" className="fig">
              Up for
            </th>
          </tr>
        </thead>
        <tbody>
          {nodes.map((node) => (
            <Row key={node.id} node={node} />
          ))}
        </tbody>
      </table>
    </div>
  </section>
);

const Row = ({ node }: { node: Node }): ReactNode => (
  <tr>
    <th scope="row">
      <span className="row">
        {node.up_seconds === null ? (
          <span className="t-retry" title="It did not answer within a second">
            <Icon name="alert" size={14} />
            <span className="sr">Does not answer</span>
          </span>
        ) : (
          <StatusIcon status="SUCCESS" label="Up" />
        )}
        <span className="mono">{node.id}</span>
      </span>
    </th>
    <td className="pr-role">{node.roles.join(", ") || "—"}</td>
    <td className="mono wide">
      {node.host ?? "—"}
      {node.pid !== null && <span className="dim"> · {node.pid}</span>}
    </td>
    <td className="num pr-now">{workOf(node).join(", ") || <span className="wide">—</span>}</td>
    <td data-title="Loop p99" className={`fig pr-loop ${isLate(node) ? "t-retry" : "wide"}`}>
      {node.loop_p99_ms === null ? "—" : duration(node.loop_p99_ms)}
    </td>
    <td className="wide">
      {node.cpu_hour !== null && node.cpu_hour.length > 0 && <LastHour minutes={node.cpu_hour} />}
    </td>
    <td className="fig pr-cpu">{node.cpu === null ? "—" : `${Math.round(node.cpu)} %`}</td>
    <td className="fig wide">{node.heap_used === null ? "—" : bytes(node.heap_used)}</td>
    <td className="fig pr-memory">{node.rss === null ? "—" : bytes(node.rss)}</td>
    <td data-title="up" className="fig pr-up">
      {node.up_seconds === null ? "—" : duration(node.up_seconds * 1_000)}
    </td>
  </tr>
);

const MINUTES = 60;
const MINUTE_PX = 64 / MINUTES;
/** Percent of a core that reach the top of a line: less looks like less. */
const LITTLE_CPU = 20;

/** The last minute stands at the right: of a younger process the hour begins later. A single minute is drawn as two. */
const LastHour = ({ minutes }: { minutes: readonly number[] }): ReactNode => {
  const values = minutes.length === 1 ? [...minutes, ...minutes] : minutes;
  return (
    <span className="dephour">
      <Spark values={values} least={LITTLE_CPU} width={values.length * MINUTE_PX} height={18} />
    </span>
  );
};
