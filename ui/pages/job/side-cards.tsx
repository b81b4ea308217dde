import type { ReactNode } from "react";
import { Link } from "wouter";
import type { Job, JobTrigger } from "../../../client";
import { useMissingRole } from "../../data/me";
import { switchSensor } from "../../data/sensors";
import { Switch } from "../../parts/buttons";
import { duration, guess } from "../../parts/format";
import { Icon } from "../../parts/icon";
import { StatusIcon } from "../../parts/status";
import { useNow } from "../../parts/time";

/** Sensors that launch it or watch it, each with its switch. */
export const LaunchedBy = ({ job: { name, triggers } }: { job: Job }): ReactNode => (
  <section className="card" aria-label="Launched by">
    <div className="cardh">
      <h2>Launched by</h2>
    </div>
    {triggers.map((trigger) => (
      <Trigger key={trigger.name} trigger={trigger} />
    ))}
    {triggers.length === 0 && (
      <p className="job-none t2">
        No sensor. By hand, or from a terminal: <code>npx dqueue run {name}</code>
      </p>
    )}
  </section>
);

const Trigger = ({ trigger }: { trigger: JobTrigger }): ReactNode => {
  const { name, status, failing_since: failing } = trigger;
  const on = status === "RUNNING";
  return (
    <div className="job-trigger">
      <Switch
        label={name}
        on={on}
        not={useMissingRole("operator")}
        onChange={(next) => void switchSensor(name, next)}
      />
      {failing !== null && on ? (
        <StatusIcon status="FAILURE" size={13} label="fails:" />
      ) : (
        <Icon name="sensors" size={13} className="dim" />
      )}
      <Link href={`/sensors?sel=${encodeURIComponent(name)}`} className="mono ell">
        {name}
      </Link>
      <span className={`ell ${failing !== null && on ? "t-failure" : "dim"}`}>
        {failing !== null && on ? "fails" : rhythmOf(trigger)}
      </span>
      <span className={`num nw ${on ? "t2" : "dim"}`}>{on ? <Due trigger={trigger} /> : "off"}</span>
    </div>
  );
};

const rhythmOf = ({ kind, launches, minimum_interval_seconds: s }: JobTrigger): string => {
  if (kind === "run_status_sensor") return launches ? "when a run ends" : "watches its runs";
  return `every ${duration(s * 1_000)
    .replace(/\u00a000\u00a0[sm]$/, "")
    .replace(".0", "")}`;
};

const Due = ({ trigger: { kind, next_tick_at } }: { trigger: JobTrigger }): ReactNode => {
  const left = Date.parse(next_tick_at) - useNow();
  if (kind === "run_status_sensor") return "on event";
  return left < 1_000 ? "ticking" : `in ${guess(left).slice(2)}`;
};
