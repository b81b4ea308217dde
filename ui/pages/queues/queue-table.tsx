import type { ReactNode } from "react";
import { Link } from "wouter";
import type { Queue } from "../../../client";
import { count } from "../../parts/format";

/** Every queue with its figures. */
export const QueueTable = ({ queues }: { queues: readonly Queue[] }): ReactNode => (
  <div className="qtw" role="region" aria-label="Queues in figures" tabIndex={0}>
    <table className="qt num">
      <thead>
        <tr>
          <th scope="col">Queue</th>
          <th scope="col">Waiting</th>
          <th scope="col">Dispatched</th>
          <th scope="col">Held back</th>
          <th scope="col">Running</th>
          <th scope="col">Up for retry</th>
          <th scope="col">Slots busy</th>
          <th scope="col">Workers</th>
        </tr>
      </thead>
      <tbody>
        {queues.map((queue) => (
          <tr key={queue.name}>
            <th scope="row" className="mono">
              {queue.name}
            </th>
            <td>
              <b>{count(queue.queued)}</b>
            </td>
            <td>{count(queue.queued - queue.held_back)}</td>
            <td>{count(queue.held_back)}</td>
            <td>{count(queue.running)}</td>
            <td>{count(queue.up_for_retry)}</td>
            <td>
              {count(queue.busy)} / {count(queue.slots)}
            </td>
            <td>
              {queue.workers === 0 ? (
                <span className="t-retry">none</span>
              ) : (
                <Link href="/queues?view=host" className="link">
                  {count(queue.workers)}
                </Link>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);
