import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { Link } from "wouter";
import { ApiError, type BulkAction } from "../../client";
import { bulkIds, bulkQuery, closeBulk } from "../data/bulk";
import { cache } from "../data/cache";
import { api } from "../data/client";
import { useMissingRole } from "../data/me";
import { shownBulks } from "../data/shown-bulks";
import { useStored } from "../data/stored";
import { Bar } from "../parts/bars";
import { Button } from "../parts/buttons";
import { count, counted } from "../parts/format";
import { Icon } from "../parts/icon";
import { StatusIcon } from "../parts/status";
import { tellFailure } from "../parts/toasts";

/** What is being done to all runs of filters, wherever it was begun; a card stays until it is closed. */
export default function BulkCards(): ReactNode {
  return bulkIds(useStored(shownBulks)).map((id) => <BulkCard key={id} id={id} />);
}

const BulkCard = ({ id }: { id: string }): ReactNode => {
  const { data, error } = useQuery(bulkQuery(id));
  const gone = error instanceof ApiError && error.status === 404;
  useEffect(() => {
    if (gone) closeBulk(id);
  }, [gone, id]);
  useEnd(data);
  return data && <Card action={data} />;
};

/** Lists are read anew when it ends while somebody looks. */
const useEnd = (action: BulkAction | undefined): void => {
  const [began, setBegan] = useState(false);
  if (action?.status === "RUNNING" && !began) setBegan(true);
  const ended = began && action?.status !== "RUNNING";
  const deletes = action?.verb === "delete";
  useEffect(() => {
    if (!ended) return;
    if (deletes) void cache.resetQueries({ queryKey: ["runs", "list"] });
    void cache.invalidateQueries({ queryKey: ["counts"] });
  }, [ended, deletes]);
};

const WORDS = {
  cancel: { doing: "Canceling", done: "canceled" },
  reexecute: { doing: "Re-executing", done: "re-executed" },
  delete: { doing: "Deleting", done: "deleted" },
} as const;

const titleOf = ({ verb, status, total, done }: BulkAction): string => {
  if (status === "RUNNING") return `${WORDS[verb].doing} ${counted(total, "run")}`;
  return `${status === "STOPPED" ? "Stopped: " : ""}${counted(done, "run")} ${WORDS[verb].done}`;
};

const Card = ({ action }: { action: BulkAction }): ReactNode => {
  const [reasons, setReasons] = useState(false);
  const { id, total, done, refused } = action;
  const title = titleOf(action);
  return (
    // Its figures change each second: who listens is told by the title alone.
    <section className="toast" aria-label={title} aria-live="off">
      <div className="row">
        <ActionIcon action={action} />
        <b className="grow" role="status">
          {title}
        </b>
        <span className="num dim">
          {count(done + refused)} / {count(total)}
        </span>
        <button type="button" className="copy" aria-label={`Close: ${title}`} onClick={() => closeBulk(id)}>
          <Icon name="close" size={13} />
        </button>
      </div>
      <Bar
        of="Runs"
        total={total}
        parts={[
          ["canceled", done],
          ["failure", refused],
          ["none", total - done - refused],
        ]}
      />
      <div className="row num small">
        <span className="t2">{count(done)} done</span>
        {refused > 0 && (
          <button type="button" className="link t-failure" aria-expanded={reasons} onClick={() => setReasons(!reasons)}>
            {count(refused)} refused
          </button>
        )}
        <Left action={action} />
        <span className="grow" />
        <Acts action={action} />
      </div>
      {reasons && <Reasons action={action} />}
    </section>
  );
};

const ActionIcon = ({ action: { status, refused } }: { action: BulkAction }): ReactNode => {
  if (status === "RUNNING") return <StatusIcon status="CANCELING" size={15} />;
  if (refused > 0) return <StatusIcon status="FAILURE" size={15} />;
  return <StatusIcon status={status === "DONE" ? "SUCCESS" : "CANCELED"} size={15} />;
};

/** What was neither done nor refused. */
const Left = ({ action: { status, total, done, refused } }: { action: BulkAction }): ReactNode => {
  const left = total - done - refused;
  if (status === "RUNNING" || left <= 0) return null;
  return (
    <span className="dim">
      {count(left)} {status === "DONE" ? "had left the filter" : "left alone"}
    </span>
  );
};

const Acts = ({ action: { id, verb, status, done } }: { action: BulkAction }): ReactNode => {
  const missing = useMissingRole("operator");
  const stop = async (): Promise<void> => {
    try {
      cache.setQueryData(bulkQuery(id).queryKey, await api.runs.stopBulk(id));
    } catch (error) {
      tellFailure("It was not stopped", error);
    }
  };
  return (
    <>
      {verb !== "delete" && done > 0 && (
        <Link className="link t2" href={`/runs?q=tag:dqueue/bulk=${id}`}>
          Show as filter
        </Link>
      )}
      {status === "RUNNING" && (
        <Button small kind="ghost" not={missing} onClick={() => void stop()}>
          Stop
        </Button>
      )}
    </>
  );
};

const SHOWN = 5;

/** Those that differ in their run alone are one reason. */
const reasonsOf = (refusals: BulkAction["refusals"]) => {
  const reasons = new Map<string, { run: string; detail: string; runs: number }>();
  for (const { run_id, detail } of refusals) {
    const key = detail.replaceAll(run_id, "");
    const known = reasons.get(key) ?? { run: run_id, detail, runs: 0 };
    reasons.set(key, { ...known, runs: known.runs + 1 });
  }
  return [...reasons.values()].sort((one, other) => other.runs - one.runs);
};

const Reasons = ({ action: { refused, refusals } }: { action: BulkAction }): ReactNode => {
  const reasons = reasonsOf(refusals).slice(0, SHOWN);
  const told = reasons.reduce((sum, { runs }) => sum + runs, 0);
  return (
    <ul className="reasons small t2">
      {reasons.map(({ run, detail, runs }) => (
        <li key={run}>
          <Link className="link" href={`/runs/${run}`}>
            {detail}
          </Link>
          {runs > 1 && <span className="num"> and {counted(runs - 1, "run")} more alike</span>}
        </li>
      ))}
      {refused > told && <li className="num">and {counted(refused - told, "other")}</li>}
    </ul>
  );
};
