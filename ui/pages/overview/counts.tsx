import type { ReactNode } from "react";
import { Link } from "wouter";
import type { Overview, OverviewRange } from "../../../client";
import { Spark } from "../../parts/bars";
import { count, duration, percent, rate, timeOfDay } from "../../parts/format";
import { type Status, StatusWord, toneOf } from "../../parts/status";
import { useNow, useZone } from "../../parts/time";
import { runsHref, type Span, sumOf } from "./span";

interface Props {
  overview: Overview;
  span: Span | null;
}

export const RANGE_WORDS: Readonly<Record<OverviewRange, string>> = {
  "1h": "1 h",
  "6h": "6 h",
  "24h": "24 h",
  "7d": "7 d",
};

/** How many runs are, and ended, in which status; each leads to them. */
export const Counts = ({ overview, span }: Props): ReactNode => {
  const { success, failure, canceled } = overview.counts;
  const [good, bad, ended] = [
    sumOf(success.spark, span),
    sumOf(failure.spark, span),
    [success, failure, canceled].reduce((sum, { spark }) => sum + sumOf(spark, span), 0),
  ];
  const before = ({ count: now, before: then }: { count: number; before: number }): string =>
    span ? "" : `${signed(now - then)} vs. ${RANGE_WORDS[overview.range]} before`;
  return (
    <div className="ov-counts">
      <Live status="QUEUED" overview={overview} span={span} />
      <Live status="STARTED" overview={overview} span={span} />
      <Ended status="SUCCESS" n={good} overview={overview} span={span}>
        {ended === 0 ? "none ended" : `${percent(good, ended)} of ended`}
      </Ended>
      <Ended status="FAILURE" n={bad} overview={overview} span={span}>
        {before(failure) || `${percent(bad, ended)} of ended`}
      </Ended>
      <Ended status="CANCELED" n={sumOf(canceled.spark, span)} overview={overview} span={span}>
        {before(canceled)}
      </Ended>
      <Steps overview={overview} span={span} />
    </div>
  );
};

const signed = (n: number): string => (n === 0 ? "±0" : n > 0 ? `+${count(n)}` : `−${count(-n)}`);

/** Of what waits or runs: now, or as it was at the end of the part of time. */
const Live = ({ status, overview, span }: Props & { status: "QUEUED" | "STARTED" }): ReactNode => {
  const shown = useZone();
  const now = useNow();
  const { queued, started } = overview.counts;
  const { spark, count: n } = status === "QUEUED" ? queued : started;
  const oldest = status === "QUEUED" ? queued.oldest_created_at : null;
  const about = oldest
    ? `oldest ${duration(Math.max(0, now - Date.parse(oldest)))}`
    : `most ${count(Math.max(...spark))}`;
  return (
    <Tile
      href={`/runs?q=status:${status === "STARTED" ? "starting,started,canceling" : "queued"}`}
      status={status}
      n={span ? spark[span.last]! : n}
      spark={spark}
    >
      {span ? `at ${timeOfDay(span.to, shown)}` : `now · ${about}`}
    </Tile>
  );
};

const Ended = ({
  status,
  n,
  overview,
  span,
  children,
}: Props & { status: "SUCCESS" | "FAILURE" | "CANCELED"; n: number; children: ReactNode }): ReactNode => {
  const name = status.toLowerCase() as "success" | "failure" | "canceled";
  return (
    <Tile href={runsHref(`status:${name}`, overview, span)} status={status} n={n} spark={overview.counts[name].spark}>
      {children}
    </Tile>
  );
};

const Tile = ({
  href,
  status,
  n,
  spark,
  children,
}: {
  href: string;
  status: Status;
  n: number;
  spark: readonly number[];
  children: ReactNode;
}): ReactNode => (
  <Link href={href} className="ov-count">
    <StatusWord status={status} />
    <span className="row">
      <b className="num">{count(n)}</b>
      <Spark values={spark} width={72} height={26} tone={toneOf(status)} />
    </span>
    <span className="dim num ell">{children}</span>
  </Link>
);

const Steps = ({ overview: { steps, bucket_seconds }, span }: Props): ReactNode => {
  const all = steps.succeeded_per_second.map((n, i) => n + steps.failed_per_second[i]!);
  const mean = (values: readonly number[]): number => values.reduce((sum, n) => sum + n, 0) / values.length;
  const shown = span ? mean(all.slice(span.first, span.last + 1)) : all.at(-1)!;
  return (
    <div className="ov-count">
      <span className="st dim">
        <span>
          Steps <span className="wide-only">per second</span>
          <span className="narrow-only">/s</span>
        </span>
      </span>
      <span className="row">
        <b className="num">{rate(shown).split("\u00a0")[0]}</b>
        <Spark values={all} width={72} height={26} />
      </span>
      <span className="dim num ell">
        {span
          ? "mean"
          : `last ${duration(bucket_seconds * 1_000).replace(/\u00a000\u00a0[sm]$/, "")} · mean ${rate(mean(all)).split("\u00a0")[0]}`}
      </span>
    </div>
  );
};
