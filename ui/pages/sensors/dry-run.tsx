import { useCallback, useEffect, type ReactNode, useState } from "react";
import type { SensorTrial } from "../../../client";
import { api } from "../../data/client";
import { serverNow } from "../../data/server-clock";
import { useParam } from "../../data/url";
import { counted, duration } from "../../parts/format";
import { StatusIcon } from "../../parts/status";
import { Moment } from "../../parts/time";

type Outcome = { at: string; tookMs: number } & ({ trial: SensorTrial } | { refused: Error });

export interface DryRunState {
  running: boolean;
  outcome: Outcome | null;
  start(): void;
}

/** Evaluates a sensor without effect; at once where the address asks for it. */
export const useDryRun = (name: string): DryRunState => {
  const [asked, setAsked] = useParam("dry");
  const [running, setRunning] = useState(false);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const start = useCallback(() => {
    const from = performance.now();
    const told = (end: { trial: SensorTrial } | { refused: Error }): void => {
      setOutcome({ at: new Date(serverNow()).toISOString(), tookMs: performance.now() - from, ...end });
      setRunning(false);
    };
    setRunning(true);
    api.sensors.test(name).then(
      (trial) => told({ trial }),
      (refused: Error) => told({ refused }),
    );
  }, [name]);
  useEffect(() => {
    if (asked === "") return;
    setAsked(null);
    const timer = setTimeout(start);
    return () => clearTimeout(timer);
  }, [asked, setAsked, start]);
  return { running, outcome, start };
};

/** What a tick would have done. */
export const DryRun = ({ trial: { outcome } }: { trial: DryRunState }): ReactNode => {
  if (outcome === null) return null;
  return (
    <section role="status">
      <h3>
        Dry run{" "}
        <span className="dim num">
          <Moment at={outcome.at} />, {duration(outcome.tookMs)}
        </span>
      </h3>
      <div className="well dry">
        {"refused" in outcome ? (
          <>
            <StatusIcon status="FAILURE" size={13} />
            <div className="grow">
              <b>It could not be tried.</b> <span className="t2">{outcome.refused.message}</span>
            </div>
          </>
        ) : (
          <Told trial={outcome.trial} />
        )}
      </div>
    </section>
  );
};

const Told = ({ trial }: { trial: SensorTrial }): ReactNode => {
  const { status, error, skip_reason, run_requests, cursor, logs } = trial;
  const launches = run_requests.filter(({ would_launch }) => would_launch).length;
  return (
    <>
      <StatusIcon status={status} size={13} />
      <div className="grow">
        <b>
          {error !== null
            ? `Threw ${error.name}.`
            : launches > 0
              ? `Would launch ${counted(launches, "run")}.`
              : "Would skip."}
        </b>{" "}
        <span className="t2">
          {error?.message ?? skip_reason} Nothing was launched and the cursor was not saved
          {error === null && <>; it would be {cursor === null ? "none" : <span className="mono">{cursor}</span>}</>}.
        </span>
        {error?.stack !== undefined && <pre className="mono">{error.stack}</pre>}
        {logs.length > 0 && <Log lines={logs} />}
        {run_requests.length > 0 && <Requests requests={run_requests} />}
      </div>
    </>
  );
};

const Log = ({ lines }: { lines: SensorTrial["logs"] }): ReactNode => (
  <details className="dry-log">
    <summary className="link t2">Log, {counted(lines.length, "line")}</summary>
    <pre className="mono" tabIndex={0} aria-label="Log of the dry run">
      {lines.map(({ stream, text }, at) => (
        <span key={at} className={stream === "stderr" ? "t-failure" : ""}>
          {text}
          {"\n"}
        </span>
      ))}
    </pre>
  </details>
);

const SHOWN = 20;

const Requests = ({ requests }: { requests: SensorTrial["run_requests"] }): ReactNode => (
  <ul className="requests">
    {requests.slice(0, SHOWN).map((request, at) => (
      <li key={at}>
        <span className="mono strong">{request.job}</span>{" "}
        {request.run_key !== null && (
          <>
            key <span className="mono">{request.run_key}</span>
          </>
        )}
        {!request.would_launch && <span className="dim"> launched before: passed over</span>}
        {Object.keys(request.config).length > 0 && (
          <pre className="mono">{JSON.stringify(request.config, null, 2)}</pre>
        )}
      </li>
    ))}
    {requests.length > SHOWN && <li className="dim">and {requests.length - SHOWN} more</li>}
  </ul>
);
