import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Fragment, type ReactNode, useState } from "react";
import type { Sensor, SensorItem, Tick } from "../../../client";
import { useMissingRole } from "../../data/me";
import { sensorQuery, switchSensor, ticksQuery } from "../../data/sensors";
import { Button, Switch, UNDER_WAY } from "../../parts/buttons";
import { CopyButton } from "../../parts/copy";
import { useFocusReturn } from "../../parts/focus-return";
import { counted, duration, timeOfDay } from "../../parts/format";
import { Icon } from "../../parts/icon";
import { JobLink } from "../../parts/ids";
import { late } from "../../parts/late";
import { Loaded, SkeletonRows } from "../../parts/states";
import { useNow, useZone } from "../../parts/time";
import { isFailing } from "./choose";
import { DryRun, useDryRun } from "./dry-run";
import { TickChart } from "./tick-chart";
import { TickList } from "./tick-list";
import { NextTick, whenOf } from "./words";

const EditCursor = late(() => import("./edit-cursor"));

interface Props {
  name: string;
  /** As the list has it; undefined: it is not there any more. */
  item: SensorItem | undefined;
  onClose(): void;
}

/** A sensor in full, beside the list. */
export default function SensorPanel({ name, item, onClose }: Props): ReactNode {
  const query = useQuery(sensorQuery(name));
  const trial = useDryRun(name);
  const not = useMissingRole("operator");
  useFocusReturn();
  return (
    <aside className="sensor-panel" aria-label={`Sensor ${name}`}>
      <header>
        <div className="row">
          {item && (
            <Switch
              label={`${name} on`}
              on={item.status === "RUNNING"}
              not={not}
              onChange={(on) => void switchSensor(name, on)}
            />
          )}
          <h2 className="mono ell" title={name}>
            {name}
          </h2>
          <span className="grow" />
          <Button small icon="play" not={not || (trial.running && UNDER_WAY)} onClick={trial.start}>
            {trial.running ? "Running…" : "Dry run"}
          </Button>
          <Button small kind="ghost" icon="close" aria-label="Close" onClick={onClose} />
        </div>
        {query.data && <About sensor={query.data} />}
      </header>
      <div className="panel-body">
        <Loaded query={query} failed="The sensor could not be loaded" skeleton={<SkeletonRows rows={8} />}>
          {(sensor) => (
            <>
              {item && isFailing(item) && <Failing item={item} />}
              <DryRun trial={trial} />
              <Ticks sensor={sensor} />
            </>
          )}
        </Loaded>
      </div>
    </aside>
  );
}

const About = ({ sensor }: { sensor: Sensor }): ReactNode => {
  const { jobs, monitored_jobs, code_version, description } = sensor;
  const links = (names: readonly string[]): ReactNode =>
    names.map((job, at) => (
      <Fragment key={job}>
        {at > 0 && ", "}
        <JobLink name={job} />
      </Fragment>
    ));
  return (
    <>
      <p className="about t2 small">
        {whenOf(sensor)}
        {jobs.length > 0 && <> · launches {links(jobs)}</>}
        {monitored_jobs.length > 0 && <> · watches {links(monitored_jobs)}</>} · code{" "}
        <span className="mono" title={code_version}>
          {code_version.slice(0, 7)}
        </span>
      </p>
      {description !== null && <p className="about t2 small">{description}</p>}
    </>
  );
};

type TickEnd = Pick<Tick, "status" | "started_at">;

/** The ticks of its strip, newest first. */
const stripOf = ({ activity: { ticks } }: SensorItem): TickEnd[] =>
  ticks.status.map((status, at) => ({ status, started_at: ticks.started_at[at]! })).toReversed();

/** How many of the newest failed in a row, and when the last good one began; null: all of them failed. */
const streakOf = (newestFirst: readonly TickEnd[]): { failures: number; lastGoodAt: string | null } => {
  const ended = newestFirst.filter(({ status }) => status !== "STARTED");
  const firstGood = ended.findIndex(({ status }) => status !== "FAILURE");
  return {
    failures: firstGood < 0 ? ended.length : firstGood,
    lastGoodAt: ended[firstGood]?.started_at ?? null,
  };
};

/** That it fails, since when, with which code, and what comes next. */
const Failing = ({ item }: { item: SensorItem }): ReactNode => {
  const now = useNow();
  const { failing_since, error } = item.activity;
  const { data } = useInfiniteQuery(ticksQuery(item.name, null));
  const { failures, lastGoodAt } = streakOf(data?.pages.flatMap(({ items }) => items) ?? stripOf(item));
  // It has failed from the first tick of this code on, and did not before.
  const byCode = lastGoodAt !== null && lastGoodAt < item.published_at && item.published_at <= (failing_since ?? "");
  return (
    <section className="failing-box b-failure">
      <Icon name="alert" size={15} />
      <div className="grow">
        <div className="row">
          <b className="grow">
            Failing{failing_since !== null && <> for {duration(now - Date.parse(failing_since))}</>}
            {byCode && <>, since code {item.code_version.slice(0, 7)}</>}
          </b>
          {error !== null && <CopyButton text={error} what="error" />}
        </div>
        {error !== null && <p className="mono">{error}</p>}
        <p className="small t2">
          {lastGoodAt === null && "At least "}
          {counted(failures, "tick")} failed, next <NextTick sensor={item} />. The cursor did not move: nothing is lost.
        </p>
      </div>
    </section>
  );
};

const Ticks = ({ sensor }: { sensor: Sensor }): ReactNode => {
  const query = useInfiniteQuery(ticksQuery(sensor.name, null));
  return (
    <Loaded query={query} failed="Ticks could not be loaded" skeleton={<SkeletonRows rows={8} />}>
      {({ pages }) => (
        <>
          <TickChart ticks={pages[0]!.items} publishedAt={sensor.published_at} code={sensor.code_version} />
          <TickList name={sensor.name} />
          <Cursor sensor={sensor} ticks={pages.flatMap(({ items }) => items)} />
        </>
      )}
    </Loaded>
  );
};

const Cursor = ({ sensor, ticks }: { sensor: Sensor; ticks: readonly Tick[] }): ReactNode => {
  const [editing, setEditing] = useState(false);
  const zone = useZone();
  const { cursor } = sensor;
  const changed = ticks.findIndex((tick) => tick.cursor !== cursor);
  const since = changed > 0 ? timeOfDay(Date.parse(ticks[changed - 1]!.started_at), zone, true) : null;
  return (
    <section>
      <h3>Cursor {since !== null && <span className="dim num">unchanged since {since}</span>}</h3>
      <div className="well row">
        {cursor === null ? (
          <span className="grow dim">none, as before the first tick</span>
        ) : (
          <span className="grow mono ell" title={cursor}>
            {cursor}
          </span>
        )}
        {cursor !== null && <CopyButton text={cursor} what="cursor" />}
        <Button small not={useMissingRole("operator")} onClick={() => setEditing(true)}>
          Edit…
        </Button>
      </div>
      {editing && <EditCursor name={sensor.name} cursor={cursor} onClose={() => setEditing(false)} />}
    </section>
  );
};
