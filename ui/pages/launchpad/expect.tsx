import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Job } from "../../../client";
import { api } from "../../data/client";
import { queuesQuery } from "../../data/queries";
import { count, counted, duration } from "../../parts/format";
import { Icon } from "../../parts/icon";
import { StatusIcon } from "../../parts/status";
import { Moment } from "../../parts/time";

/** What is to be expected of a launch, by the last runs and what waits now. */
export const Expect = ({ job }: { job: Job }): ReactNode => {
  const { figures, last_run } = job;
  const { ended, failed, p50_ms, p95_ms } = figures;
  return (
    <section>
      <h3>
        What to expect <span className="dim">{ended > 0 && `from the last ${counted(ended, "run")}`}</span>
      </h3>
      <dl className="expect num">
        <dt>Starts</dt>
        <dd>
          <Starts waited={figures.waited_p50_ms} />
        </dd>
        <dt>Slots</dt>
        <dd>
          <Slots queues={queuesOf(job)} />
        </dd>
        <dt>Takes</dt>
        <dd>
          {p50_ms === null || p95_ms === null ? (
            <span className="dim">not known: none has succeeded yet</span>
          ) : (
            <>
              {duration(p50_ms)} – {duration(p95_ms)}
              <small>half of the runs within the first, 95 % within the second</small>
            </>
          )}
        </dd>
        {ended > 0 && (
          <>
            <dt>Failed before</dt>
            <dd className={failed > 0 ? "t-failure" : ""}>
              {failed} of {ended}
              {last_run && (
                <small>
                  last run <Moment at={last_run.created_at} />
                </small>
              )}
            </dd>
          </>
        )}
      </dl>
    </section>
  );
};

/** The step queues of its ops. */
const queuesOf = ({ graph }: Job): string[] => [...new Set(graph.nodes.map(({ queue }) => queue))].sort();

/** Whether there is room for its steps now. */
const Slots = ({ queues }: { queues: readonly string[] }): ReactNode => {
  const { data } = useQuery(queuesQuery);
  if (!data) return <span className="dim">—</span>;
  return queues.map((name) => {
    const { slots = 0, busy = 0, queued = 0 } = data.find((queue) => queue.name === name) ?? {};
    const free = Math.max(0, slots - busy);
    return (
      <div key={name}>
        {slots === 0 ? (
          <span className="t-retry">
            <Icon name="alert" size={13} /> no worker takes {name}
          </span>
        ) : (
          <>
            {free} of {counted(slots, "slot")} free{queues.length > 1 && <span className="dim"> in {name}</span>}
          </>
        )}
        {queued > 0 && <small>{counted(queued, "step")} of other runs wait before its steps</small>}
      </div>
    );
  });
};

const LOOK_MS = 5_000;

/** Behind whom, and how it was before: how long those take that go on now is not known. */
const Starts = ({ waited }: { waited: number | null }): ReactNode => {
  const { data } = useQuery({
    queryKey: ["counts", "waiting"],
    queryFn: () => api.runs.counts({}),
    refetchInterval: LOOK_MS,
  });
  if (!data) return <span className="dim">—</span>;
  const { QUEUED, STARTED } = data.counts;
  const goOn = `${count(STARTED)} ${STARTED === 1 ? "run goes" : "runs go"} on`;
  if (QUEUED === 0)
    return (
      <>
        at once<small>nothing waits, {goOn}</small>
      </>
    );
  return (
    <span className="t-queued">
      <StatusIcon status="QUEUED" size={13} /> after {counted(QUEUED, "queued run")}
      <small>by priority, then by age; {goOn}</small>
      {waited !== null && <small>half of its last runs waited no longer than {duration(waited)}</small>}
    </span>
  );
};
