import type { ReactNode } from "react";
import type { Deployment } from "../../../client";
import { bytes, counted, count, duration } from "../../parts/format";

type Node = Deployment["nodes"][number];

/** Every process of the cluster. */
export const Processes = ({ nodes }: { nodes: readonly Node[] }): ReactNode => (
  <section className="card" aria-labelledby="dep-processes">
    <div className="cardh">
      <h2 id="dep-processes">Processes</h2>
      <span className="sub num">{counted(nodes.length, "process", "processes")}</span>
    </div>
    <div className="deptw" role="region" aria-label="Processes in figures" tabIndex={0}>
      <table className="dept num">
        <thead>
          <tr>
            <th scope="col">Process</th>
            <th scope="col">Roles</th>
            <th scope="col">Host</th>
            <th scope="col">Work</th>
            <th scope="col">Heap</th>
            <th scope="col">Memory</th>
            <th scope="col">Up for</th>
          </tr>
        </thead>
        <tbody>
          {nodes.map((node) => (
            <tr key={node.id}>
              <th scope="row" className="mono">
                {node.id}
              </th>
              <td>{node.roles.join(", ") || "—"}</td>
              <td className="mono">
                {node.host ?? "—"}
                {node.pid !== null && <span className="dim"> · {node.pid}</span>}
              </td>
              <td>{workOf(node)}</td>
              <td>{node.heap_used === null ? "—" : bytes(node.heap_used)}</td>
              <td>{node.rss === null ? "—" : bytes(node.rss)}</td>
              <td>
                {node.up_seconds === null ? (
                  <span className="t-retry">does not answer</span>
                ) : (
                  duration(node.up_seconds * 1_000)
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  </section>
);

const workOf = ({ shards, runs }: Node): string =>
  shards === null ? "—" : `${counted(shards, "shard")}, ${count(runs)} runs`;
