import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { LostWorker, Queue, Worker } from "../../../client";
import { lostWorkersQuery, queuesQuery, workersQuery } from "../../data/queries";
import { useParam } from "../../data/url";
import { PageTop } from "../../frame/page-top";
import { Segments } from "../../parts/buttons";
import { count, counted } from "../../parts/format";
import { Empty, Loaded } from "../../parts/states";
import { Flow } from "./flow";
import { withSlotsOf } from "./groups";
import { Hosts } from "./hosts";
import { LostWorkers } from "./lost-workers";
import { QueueTable } from "./queue-table";
import "./queues.css";

type View = "flow" | "table" | "host";
const VIEWS: readonly { value: View; label: string }[] = [
  { value: "flow", label: "Flow" },
  { value: "table", label: "Table" },
  { value: "host", label: "By host" },
];

const REDRAWN_MS = 1_000;

/** Every slot and every waiting step: by queue, in figures, or by machine. */
export default function QueuesPage(): ReactNode {
  const [param, setView] = useParam("view");
  const view = VIEWS.find(({ value }) => value === param)?.value ?? "flow";
  const queues = useQuery({ ...queuesQuery, refetchInterval: REDRAWN_MS });
  const workers = useQuery({ ...workersQuery, refetchInterval: REDRAWN_MS });
  const { data: lost = [] } = useQuery(lostWorkersQuery);
  const views = (
    <Segments
      label="View"
      value={view}
      options={VIEWS}
      onChange={(next) => setView(next === "flow" ? null : next, { push: true })}
    />
  );
  return (
    <>
      <PageTop
        title={view === "host" ? "Workers" : "Queues"}
        beside={<Sums queues={queues.data ?? []} workers={workers.data ?? []} />}
        actions={views}
      />
      <div className="qs">
        <div className="qsv narrow-only">{views}</div>
        {lost.length > 0 && <LostWorkers lost={lost} />}
        <Loaded query={queues} failed="Queues could not be loaded">
          {(all) => (
            <Loaded query={workers} failed="Workers could not be loaded">
              {(live) => <Shown view={view} queues={withSlotsOf(all, live)} workers={live} lost={lost} />}
            </Loaded>
          )}
        </Loaded>
      </div>
    </>
  );
}

const Sums = ({ queues, workers }: { queues: readonly Queue[]; workers: readonly Worker[] }): ReactNode => {
  const sum = <T,>(all: readonly T[], of: (one: T) => number): number => all.reduce((n, one) => n + of(one), 0);
  return (
    <span className="qsum num t2">
      <span>
        <b>{count(sum(queues, ({ queued }) => queued))}</b> waiting
      </span>
      <span>
        <b>{count(sum(workers, ({ busy }) => busy))}</b> of{" "}
        <b>
          {counted(
            sum(workers, ({ slots }) => slots),
            "slot",
          )}
        </b>{" "}
        busy
      </span>
    </span>
  );
};

interface ShownProps {
  view: View;
  queues: Queue[];
  workers: Worker[];
  lost: readonly LostWorker[];
}

const Shown = ({ view, queues, workers, lost }: ShownProps): ReactNode => {
  const none = (
    <Empty icon="workers" title="No worker is up" command="dqueue start worker">
      Steps wait until one is. Each worker takes as many steps at a time as it has slots.
    </Empty>
  );
  if (view === "host") return workers.length === 0 ? none : <Hosts workers={workers} lost={lost} />;
  if (queues.length === 0) return none;
  if (view === "table") return <QueueTable queues={queues} />;
  return (
    <>
      <Legend />
      <Flow queues={queues} workers={workers} lost={lost} />
      {workers.length === 0 && none}
      <QueueTable queues={queues} />
    </>
  );
};

const Legend = (): ReactNode => (
  <div className="qlg">
    <span>
      <i className="f-started" />
      dispatched
    </span>
    <span>
      <i className="f-queued" />
      held back
    </span>
    <span className="grow" />
    <span>
      <i className="f-started" />
      slot busy
    </span>
    <span>
      <i className="free" />
      free
    </span>
  </div>
);
