import { useInfiniteQuery } from "@tanstack/react-query";
import { Fragment, type ReactNode, useState } from "react";
import type { Tick } from "../../../client";
import { type TickStatus, ticksQuery } from "../../data/sensors";
import { useParam } from "../../data/url";
import { Button, Segments, UNDER_WAY } from "../../parts/buttons";
import { CopyButton } from "../../parts/copy";
import { counted, duration, exact, timeOfDay } from "../../parts/format";
import { RunLink } from "../../parts/ids";
import { Loaded, SkeletonRows } from "../../parts/states";
import { StatusIcon, wordOf } from "../../parts/status";
import { useZone } from "../../parts/time";

const FILTERS = [
  { value: "", label: "All" },
  { value: "SUCCESS", label: "Success" },
  { value: "FAILURE", label: "Failure" },
  { value: "SKIPPED", label: "Skipped" },
] as const;

/** So many at first: what lies below them is in view too. */
const FEW = 8;

/** A sensor's ticks by the status of the address, page by page. */
export const TickList = ({ name }: { name: string }): ReactNode => {
  const [asked, setAsked] = useParam("status");
  const status = FILTERS.find(({ value }) => value === asked)?.value ?? "";
  const query = useInfiniteQuery(ticksQuery(name, status === "" ? null : (status satisfies TickStatus)));
  const [selected] = useParam("tick");
  const [all, setAll] = useState(false);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  return (
    <section>
      <div className="row">
        <Segments label="Status of ticks" value={status} options={FILTERS} onChange={setAsked} />
      </div>
      <Loaded query={query} failed="Ticks could not be loaded" skeleton={<SkeletonRows rows={8} />}>
        {({ pages }) => {
          const ticks = pages.flatMap(({ items }) => items);
          const few = !all && ticks.length > FEW && ticks.findIndex(({ id }) => id === selected) < FEW;
          return (
            <div className="ticks">
              {ticks.length === 0 && <p className="dim none">No tick {status === "" ? "yet" : `ended ${status}`}.</p>}
              {ticks.slice(0, few ? FEW : undefined).map((tick) => (
                <TickRow key={tick.id} tick={tick} />
              ))}
              {few && (
                <Button small kind="ghost" onClick={() => setAll(true)}>
                  {`Show ${ticks.length - FEW} more`}
                </Button>
              )}
              {!few && hasNextPage && (
                <Button small kind="ghost" not={isFetchingNextPage && UNDER_WAY} onClick={() => void fetchNextPage()}>
                  Show older ticks
                </Button>
              )}
            </div>
          );
        }}
      </Loaded>
    </section>
  );
};

const TickRow = ({ tick }: { tick: Tick }): ReactNode => {
  const [selected, setSelected] = useParam("tick");
  const zone = useZone();
  const at = Date.parse(tick.started_at);
  const open = selected === tick.id;
  const toggle = (): void => setSelected(open ? null : tick.id);
  return (
    <div className={`tick ${open ? "open" : ""}`}>
      <div className="line">
        <StatusIcon status={tick.status} size={13} label={wordOf(tick.status)} />
        <button
          type="button"
          className="num t2"
          aria-expanded={open}
          title={exact(at, zone)}
          onClick={toggle}
          aria-label={`Tick at ${timeOfDay(at, zone, true)}`}
        >
          {timeOfDay(at, zone, true)}
        </button>
        <span className="ell">
          <Outcome tick={tick} />
        </span>
        <span className="num dim">{tick.ended_at !== null && duration(Date.parse(tick.ended_at) - at)}</span>
      </div>
      {open && <Detail tick={tick} />}
    </div>
  );
};

/** What came of it, in a line. */
const Outcome = ({ tick: { status, error, run_ids, skip_reason } }: { tick: Tick }): ReactNode => {
  if (error !== null) return <span className="t-failure">{`${error.name}: ${error.message}`}</span>;
  if (run_ids.length > 0)
    return (
      <>
        {counted(run_ids.length, "run")} <RunLink id={run_ids[0]!} className="link" />
        {run_ids.length > 1 && " …"}
      </>
    );
  return <span className="t2">{skip_reason ?? (status === "STARTED" ? "ticks now" : "no reason given")}</span>;
};

const SHOWN_RUNS = 50;

const Detail = ({ tick: { error, run_ids, skip_reason, known_run_keys, cursor } }: { tick: Tick }): ReactNode => (
  <div className="detail">
    {error !== null && (
      <div className="row top">
        <pre className="mono grow">{error.stack ?? `${error.name}: ${error.message}`}</pre>
        <CopyButton text={error.stack ?? error.message} what="error" />
      </div>
    )}
    {skip_reason !== null && <p>{skip_reason}</p>}
    {run_ids.length > 0 && (
      <p>
        {run_ids.slice(0, SHOWN_RUNS).map((id) => (
          <Fragment key={id}>
            <RunLink id={id} className="link" />{" "}
          </Fragment>
        ))}
        {run_ids.length > SHOWN_RUNS && `and ${run_ids.length - SHOWN_RUNS} more`}
      </p>
    )}
    {known_run_keys.length > 0 && (
      <p className="t2">
        Had launched a run before: <span className="mono">{known_run_keys.slice(0, SHOWN_RUNS).join(", ")}</span>
      </p>
    )}
    <p className="t2">
      Cursor after it: {cursor === null ? <span className="dim">none</span> : <span className="mono">{cursor}</span>}
    </p>
  </div>
);
