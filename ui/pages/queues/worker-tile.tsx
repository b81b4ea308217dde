import type { KeyboardEvent, ReactNode } from "react";
import { Link } from "wouter";
import type { LostWorker, Worker } from "../../../client";
import { bytes, clock, counted, exact, shortCode, shortId } from "../../parts/format";
import { Icon } from "../../parts/icon";
import { StatusIcon } from "../../parts/status";
import { useNow, useZone } from "../../parts/time";

/** More cells than this would be too small to tell apart. */
const MOST_CELLS = 64;

/** One worker with a cell for each slot. `code`: what most workers run. */
export const WorkerTile = ({ worker, code }: { worker: Worker; code: string | null }): ReactNode => {
  const { id, slots, busy, draining, problems, code_version: version } = worker;
  const odd = code !== null && version !== code;
  const wrong = problems.length > 0 || odd;
  return (
    <li className={`wt ${draining ? "drain" : ""}`} title={`${id} on ${worker.host}, process ${worker.pid}`}>
      <div className="wth">
        <b className="mono ell">{id}</b>
        {(draining || wrong) && (
          <span className="t-retry">
            <Icon name={draining ? "drain" : "alert"} size={13} />
          </span>
        )}
      </div>
      <Cells slots={slots} busy={busy} steps={worker.steps} />
      <div className="wtf num">{footOf(worker, odd)}</div>
    </li>
  );
};

/** One that was heard no more; its cells are the steps that it had in hand. */
export const GoneTile = ({ worker: { id, host, slots, held, last_seen_at } }: { worker: LostWorker }): ReactNode => (
  <li className="wt gone" title={`${id} on ${host}`}>
    <div className="wth">
      <b className="mono ell">{id}</b>
      <StatusIcon status="LOST" label="Lost" size={13} />
    </div>
    <Cells slots={slots} busy={Math.min(held, slots)} tone="lost" />
    <div className="wtf num">
      <span className="t-lost ell">
        gone <Since at={last_seen_at} />
      </span>
    </div>
  </li>
);

interface CellsProps {
  slots: number;
  busy: number;
  tone?: "started" | "lost";
  /** That run in the busy ones, as far as they are known: each leads to its step. */
  steps?: Worker["steps"];
}

const Cells = ({ slots, busy, tone = "started", steps = [] }: CellsProps): ReactNode => {
  const shown = Math.min(slots, MOST_CELLS);
  const taken = Math.round((busy * shown) / Math.max(1, slots));
  return (
    <span className={`cells ${shown > 8 ? "many" : ""}`} onKeyDown={moveWithin}>
      <span
        className="sr"
        role="img"
        aria-label={`${busy} of ${counted(slots, "slot")} ${tone === "lost" ? "lost" : "busy"}`}
      />
      {Array.from({ length: shown }, (_, cell) => {
        const step = cell < taken ? steps[cell] : undefined;
        if (step === undefined) return <i key={cell} className={cell < taken ? `f-${tone}` : ""} />;
        const words = `${step.step} of run ${shortId(step.run_id)}`;
        return (
          <Link
            key={cell}
            className={`f-${tone}`}
            href={`/runs/${step.run_id}?step=${encodeURIComponent(step.step)}`}
            // One stop for all of them: arrows go on.
            tabIndex={cell === 0 ? 0 : -1}
            aria-label={words}
            title={words}
          />
        );
      })}
    </span>
  );
};

const moveWithin = ({ key, target }: KeyboardEvent): void => {
  const to = { ArrowRight: "nextElementSibling", ArrowLeft: "previousElementSibling" }[key] as
    "nextElementSibling" | "previousElementSibling" | undefined;
  const next = to && (target as Element)[to];
  if (next instanceof HTMLAnchorElement) next.focus();
};

/** How long. */
const Since = ({ at }: { at: string | null }): ReactNode => {
  const now = useNow();
  const zone = useZone();
  if (at === null) return null;
  const since = Date.parse(at);
  return (
    <time dateTime={at} title={`since ${exact(since, zone)}`}>
      {clock(now - since)}
    </time>
  );
};

const footOf = (worker: Worker, odd: boolean): ReactNode => {
  const { slots, busy, cpu, rss, draining, problems, code_version: version } = worker;
  if (draining)
    return (
      <span className="t-retry ell">
        draining <Since at={worker.draining_since} />, {busy} left
      </span>
    );
  if (problems[0] !== undefined)
    return (
      <span className="t-retry ell" title={problems.join("\n")}>
        {problems[0]}
      </span>
    );
  if (odd) return <span className="t-retry ell">code {shortCode(version)}</span>;
  return (
    <>
      <span>
        {busy}
        <i>/{slots}</i>
      </span>
      <i>
        {Math.round(cpu)} % · {bytes(rss)}
      </i>
    </>
  );
};
