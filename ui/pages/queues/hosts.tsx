import type { ReactNode } from "react";
import type { LostWorker, Worker } from "../../../client";
import { bytes, counted, shortCode } from "../../parts/format";
import { Moment } from "../../parts/time";
import { hostsOf, usualCode } from "./groups";
import { GoneTile, WorkerTile } from "./worker-tile";

interface Props {
  workers: readonly Worker[];
  lost: readonly LostWorker[];
}

/** The machines with the workers on each. */
export const Hosts = ({ workers, lost }: Props): ReactNode => {
  const code = usualCode(workers);
  return (
    <div className="hosts">
      {hostsOf(workers).map((host) => (
        <section key={host.name} className="wg" aria-label={`Workers on ${host.name}`}>
          <div className="wgh">
            <h2 className="mono ell">{host.name}</h2>
            <span className="num t2 nw">
              {host.busy} of {counted(host.slots, "slot")} busy
            </span>
            <span className="grow" />
            <span className="num dim nw">
              {counted(host.workers.length, "worker")} · {Math.round(host.cpu)} % CPU · {bytes(host.rss)}
            </span>
          </div>
          <ul className="wts">
            {host.workers.map((worker) => (
              <WorkerTile key={worker.id} worker={worker} code={code} />
            ))}
            {lost
              .filter((worker) => worker.host === host.name)
              .map((worker) => (
                <GoneTile key={worker.id} worker={worker} />
              ))}
          </ul>
          <div className="wgf dim num">
            up since <Moment at={host.workers.map(({ started_at: at }) => at).sort()[0]!} /> · code{" "}
            <span className="mono">
              {[...new Set(host.workers.map((worker) => shortCode(worker.code_version)))].join(", ")}
            </span>
          </div>
        </section>
      ))}
    </div>
  );
};
