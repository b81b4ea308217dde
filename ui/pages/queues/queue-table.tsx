import type { ReactNode } from "react";
import { Link } from "wouter";
import type { Queue } from "../../../client";
import { Drained } from "../../parts/drained";
import { count, duration, perSecond } from "../../parts/format";
import { useNow } from "../../parts/time";
import { Titles } from "../../parts/titles";

const COLUMNS = [
  ...["Queue", "Waiting", "Dispatched", "Held back", "In /s", "Out /s", "Oldest", "Drained in", "Running"],
  ...["Up for retry", "Slots busy", "Workers"],
];

/** Every queue with its figures. */
export const QueueTable = ({ queues }: { queues: readonly Queue[] }): ReactNode => (
  <div className="table-place qtw" role="region" aria-label="Queues in figures" tabIndex={0}>
    <table className="table edged lines two qt">
      <thead>
        <tr>
          <Titles of={COLUMNS} />
        </tr>
      </thead>
      <tbody>
        {queues.map((queue) => (
          <Row key={queue.name} queue={queue} />
        ))}
      </tbody>
    </table>
  </div>
);

const Row = ({ queue }: { queue: Queue }): ReactNode => {
  const now = useNow();
  const { oldest_ready_at: oldest } = queue;
  return (
    <tr>
      <th scope="row" className="mono rest" title={queue.name}>
        {queue.name}
      </th>
      <td data-title="Waiting">
        <b>{count(queue.queued)}</b>
      </td>
      <td className="wide">{count(queue.queued - queue.held_back)}</td>
      <td className="wide">{count(queue.held_back)}</td>
      <td className="wide">{queue.in_per_second === null ? "—" : perSecond(queue.in_per_second)}</td>
      <td data-title="Out /s">
        <b>{perSecond(queue.out_per_second)}</b>
      </td>
      <td data-title="Oldest" className="below">
        {oldest === null ? "—" : duration(now - Date.parse(oldest))}
      </td>
      <td data-title="Drained in" className="below">
        <Drained queue={queue} />
      </td>
      <td className="wide">{count(queue.running)}</td>
      <td className="wide">{count(queue.up_for_retry)}</td>
      <td data-title="Slots" className="below">
        {count(queue.busy)} / {count(queue.slots)}
      </td>
      <td data-title="Workers" className={`below ${queue.workers === 0 ? "" : "wide"}`}>
        {queue.workers === 0 ? (
          <span className="t-retry">none</span>
        ) : (
          <Link href="/queues?view=host" className="link">
            {count(queue.workers)}
          </Link>
        )}
      </td>
    </tr>
  );
};
