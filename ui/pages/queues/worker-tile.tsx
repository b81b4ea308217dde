import type { KeyboardEvent, ReactNode } from "react";
import { Link } from "wouter";
import type { LostWorker, Worker } from "../../../client";
import { type Cell, cellsOf } from "./cells";
import { bytes, clock, counted, exact, shortCode, shortId } from "../../parts/format";
import { Icon } from "../../parts/icon";
import { StatusIcon } from "../../parts/status";
import { useNow, useZone } from "../../parts/time";

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
      <Cells slots={slots} busy={busy} cells={cellsOf(worker)} />
      <div className="wtf num">{footOf(worker, odd)}</div>
    </li>
  );
};

/** One that was heard no more; its cells are the steps that it had in hand. */
export const GoneTile = ({ worker: { id, host, slots, held, last_seen_at } }: { worker: LostWorker }): ReactNode => {
  const busy = Math.min(held, slots);
  return (
    <li className="wt gone" title={`${id} on ${host}`}>
      <div className="wth">
        <b className="mono ell">{id}</b>
        <StatusIcon status="LOST" label="Lost" size={13} />
      </div>
      <Cells slots={slots} busy={busy} cells={cellsOf({ slots, busy })} tone="lost" />
      <div className="wtf num">
        <span className="t-lost ell">
          gone <Since at={last_seen_at} />
        </span>
      </div>
    </li>
  );
};

const leads = (cell: Cell): cell is Exclude<Cell, "busy" | null> => cell !== null && cell !== "busy";

interface CellsProps {
  slots: number;
  busy: number;
  tone?: "started" | "lost";
  /** One with a step leads to it. */
  cells: readonly Cell[];
}

const Cells = ({ slots, busy, tone = "started", cells }: CellsProps): ReactNode => {
  const first = cells.findIndex(leads);
  return (
    <span className={`cells ${cells.length > 8 ? "many" : ""}`} onKeyDown={moveWithin}>
      <span
        className="sr"
        role="img"
        aria-label={`${busy} of ${counted(slots, "slot")} ${tone === "lost" ? "lost" : "busy"}`}
      />
      {cells.map((cell, place) => {
        if (!leads(cell)) return <i key={place} className={cell === null ? "" : `f-${tone}`} />;
        const { step, run_id: run, slot } = cell;
        const words = `${step} of run ${shortId(run)}${slot === null ? "" : `, slot ${slot}`}`;
        return (
          <Link
            key={place}
            className={`f-${tone}`}
            href={`/runs/${run}?step=${encodeURIComponent(step)}`}
            // One stop for all of them: arrows go on.
            tabIndex={place === first ? 0 : -1}
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
  if (!to) return;
  let next = (target as Element)[to];
  while (next && !(next instanceof HTMLAnchorElement)) next = next[to];
  next?.focus();
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
