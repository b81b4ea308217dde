import { type ReactNode, useState } from "react";
import { Link } from "wouter";
import type { ErrorGroup, Overview } from "../../../client";
import { Spark } from "../../parts/bars";
import { Drained } from "../../parts/drained";
import { count, counted, duration, guess, percent } from "../../parts/format";
import { Icon } from "../../parts/icon";
import { StatusIcon } from "../../parts/status";
import { useNow, useZone } from "../../parts/time";
import { clockMoment, runsHref, type Span, sumOf } from "./span";

interface Props {
  overview: Overview;
  span: Span | null;
}

const SHOWN_GROUPS = 3;

/** Errors of the time shown by their cause. */
export const FailingNow = ({ overview, span }: Props): ReactNode => {
  const [all, setAll] = useState(false);
  const { items, more } = overview.failing;
  const within = items.filter(({ spark }) => sumOf(spark, span) > 0);
  const shown = all ? within : within.slice(0, SHOWN_GROUPS);
  const failed = sumOf(overview.counts.failure.spark, span);
  return (
    <section className="card" aria-label="Failing now">
      <div className="cardh">
        <h2>Failing now</h2>
        <span className="sub">grouped by error</span>
        <span className="grow" />
        {failed > 0 && (
          <Link href={runsHref("status:failure", overview, span)} className="link sub">
            {failed === 1 ? "1 run" : `All ${counted(failed, "run")}`}
          </Link>
        )}
      </div>
      {shown.map((group) => (
        <Group key={group.fingerprint} group={group} overview={overview} span={span} />
      ))}
      {within.length === 0 && (
        <p className="ov-none t2">
          <StatusIcon status="SUCCESS" size={13} />
          No step failed.
        </p>
      )}
      {within.length > shown.length && (
        <button type="button" className="ov-more" onClick={() => setAll(true)}>
          {counted(within.length - shown.length, "more error")}
          {more && " and others"}
          <Icon name="chevronDown" size={12} />
        </button>
      )}
    </section>
  );
};

const Group = ({ group, overview, span }: Props & { group: ErrorGroup }): ReactNode => {
  const shown = useZone();
  const now = useNow();
  const { type, message, first_seen_at: first, last_seen_at: last, steps, runs, jobs, frame, spark } = group;
  const since = clockMoment(Date.parse(first), now, shown);
  const error = /[\s,"]/.test(type) ? `"${type.replaceAll('"', "")}"` : type;
  return (
    <Link
      href={runsHref(`status:failure error:${error}`, overview, span)}
      className="ov-error"
      title={frame ?? undefined}
    >
      <StatusIcon status="FAILURE" size={13} />
      <span className="grow">
        <span className="row">
          <b className="ell">{type}</b>
          <span className="dim nw num small">
            {steps === 1 || first === last ? "at" : "since"} {since}
          </span>
        </span>
        <span className="ell t2 message">{message.split("\n")[0]}</span>
        <span className="row num dim small">
          <span className="nw">
            {counted(steps, "step")} · {counted(runs, "run")}
          </span>
          <span className="mono ell t2">{jobs.join(", ")}</span>
        </span>
      </span>
      <Spark values={spark} width={44} height={24} tone="failure" />
    </Link>
  );
};

const SHOWN_TICKS = 4;

/** What will be evaluated next, and what fails at it. */
export const NextTicks = ({ overview: { next_ticks } }: { overview: Overview }): ReactNode => {
  const now = useNow();
  return (
    <section className="card" aria-label="Next">
      <div className="cardh">
        <h2>Next</h2>
        <span className="sub">sensors</span>
      </div>
      <div className="ov-facts">
        {next_ticks.slice(0, SHOWN_TICKS).map(({ name, next_tick_at, failing_since, error, jobs }) => (
          <Link key={name} href={`/sensors?sel=${encodeURIComponent(name)}`} title={error ?? undefined}>
            {failing_since ? (
              <StatusIcon status="FAILURE" size={13} label="fails" />
            ) : (
              <Icon name="sensors" size={13} className="dim" />
            )}
            <span className="mono ell">{name}</span>
            <span className="dim ell small">
              {failing_since ? `fails for ${ageOf(now - Date.parse(failing_since))}` : jobs.join(", ")}
            </span>
            <b className={`num nw ${failing_since ? "t-failure" : ""}`}>{dueIn(Date.parse(next_tick_at) - now)}</b>
          </Link>
        ))}
        {next_ticks.length === 0 && <p className="ov-none t2">No sensor is on.</p>}
      </div>
    </section>
  );
};

const ageOf = (ms: number): string => guess(Math.max(0, ms)).slice(2);
const dueIn = (ms: number): string => (ms < 1_000 ? "now" : `in ${ageOf(ms)}`);

/** Whether what runs runs is there. */
export const PlatformCard = ({ overview: { platform } }: { overview: Overview }): ReactNode => {
  const { coordinators, sensors, workers, broker, database } = platform;
  const orphans = coordinators.shards_without_owner;
  const facts: Fact[] = [
    {
      href: "/deployment",
      name: "Coordinators",
      bad: coordinators.live === 0 || orphans > 0,
      about:
        orphans > 0
          ? `${orphans} of ${counted(coordinators.shards, "shard")} without owner`
          : counted(coordinators.shards, "shard"),
      value: `${coordinators.live} of ${coordinators.known}`,
    },
    {
      href: "/sensors",
      name: "Sensors",
      bad: sensors.nodes === 0 && sensors.running > 0,
      about: `${count(sensors.running)} on${sensors.failing > 0 ? `, ${count(sensors.failing)} failing` : ""}`,
      value: counted(sensors.nodes, "daemon"),
    },
    { href: "/queues?view=host", name: "Workers", ...workersFact(workers) },
    serverFact("Broker", broker),
    serverFact("Database", database),
  ];
  return (
    <section className="card" aria-label="Platform">
      <div className="cardh">
        <h2>Platform</h2>
      </div>
      <div className="ov-facts">
        {facts.map(({ href, name, bad, lost, about, value }) => (
          <Link key={name} href={href} title={about}>
            <StatusIcon
              status={bad ? "FAILURE" : lost ? "LOST" : "SUCCESS"}
              size={13}
              label={bad ? "wrong" : lost ? "lost" : "well"}
            />
            <span>{name}</span>
            <span className="dim ell small">{about}</span>
            <b className="num nw">{value}</b>
          </Link>
        ))}
      </div>
    </section>
  );
};

interface Fact {
  href: string;
  name: string;
  bad: boolean;
  lost?: boolean;
  about: string;
  value: string;
}

const workersFact = ({
  live,
  busy,
  slots,
  draining,
  lost,
}: Overview["platform"]["workers"]): Omit<Fact, "href" | "name"> => {
  const load = `${count(busy)} of ${counted(slots, "slot")} busy`;
  const gone = lost.length === 1 ? `${lost[0]!.id} is lost` : `${count(lost.length)} are lost`;
  return {
    bad: live === 0,
    lost: lost.length > 0,
    about: lost.length > 0 ? gone : draining > 0 ? `${load}, ${count(draining)} draining` : load,
    value: lost.length > 0 ? `${count(live)} of ${count(live + lost.length)}` : count(live),
  };
};

const serverFact = (name: string, { latency_ms, problems }: Overview["platform"]["broker"]): Fact => ({
  href: "/deployment",
  name,
  bad: latency_ms === null || problems.length > 0,
  about: problems[0] ?? (latency_ms === null ? "does not answer" : "answers"),
  value: latency_ms === null ? "—" : latency_ms < 0.1 ? "< 0.1\u00a0ms" : duration(Number(latency_ms.toPrecision(2))),
});

const SHOWN_QUEUES = 4;

/** What waits in which queue, and until when. */
export const Backlog = ({ overview: { backlog } }: { overview: Overview }): ReactNode => {
  const queues = [...backlog].sort((a, b) => b.queued - a.queued);
  return (
    <section className="card" aria-label="Backlog">
      <div className="cardh">
        <h2>Backlog</h2>
        <span className="sub ell">steps waiting, by queue</span>
        <span className="grow" />
        <Link href="/queues" className="link sub">
          {queues.length > SHOWN_QUEUES ? `All ${counted(queues.length, "queue")}` : "Queues"}
        </Link>
      </div>
      {queues.length === 0 ? (
        <p className="ov-none t2">No queue has work or workers.</p>
      ) : (
        <table className="table fixed ov-queues">
          <thead>
            <tr>
              <th>Queue</th>
              <th>Slots busy</th>
              <th className="fig">Waiting</th>
              <th className="fig">Drained in</th>
            </tr>
          </thead>
          <tbody>
            {queues.slice(0, SHOWN_QUEUES).map((queue) => (
              <tr key={queue.name}>
                <td className="mono" title={queue.name}>
                  {queue.name}
                </td>
                <td>
                  <Slots queue={queue} />
                </td>
                <td className="fig">{count(queue.queued)}</td>
                <td className="fig">
                  <Drained queue={queue} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
};

type Queue = Overview["backlog"][number];

const Slots = ({ queue: { busy, slots } }: { queue: Queue }): ReactNode =>
  slots === 0 ? (
    <span className="t-failure">no worker</span>
  ) : (
    <span className="row" title={`${count(busy)} of ${counted(slots, "slot")}`}>
      <span className="pbar grow" style={{ height: 6 }}>
        {busy > 0 && <i className="f-started" style={{ width: `${(100 * busy) / slots}%` }} />}
      </span>
      <span className="num dim small">{percent(busy, slots).replace(/\.\d/, "")}</span>
    </span>
  );
