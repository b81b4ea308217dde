import { type ReactNode, useState } from "react";
import { useLocation } from "wouter";
import type { Overview } from "../../../client";
import { api } from "../../data/client";
import { Button } from "../../parts/buttons";
import { count, counted } from "../../parts/format";
import type { IconName } from "../../parts/icon";
import { late } from "../../parts/late";
import { StatusIcon } from "../../parts/status";
import { useZone } from "../../parts/time";
import { tellFailure } from "../../parts/toasts";
import type { RunItem } from "../../../client";
import { RANGE_WORDS } from "./counts";
import { clockMoment, runsHref } from "./span";

const Ask = late(() => import("../runs/ask-rows"));

/** Characters of an error within the sentence. */
const MOST_TOLD = 56;
/** More failed runs than these are chosen by a filter, on their page. */
const MOST_AT_ONCE = 1_000;

/** How the system fares, in one sentence, and what to do. */
export const Verdict = ({ overview }: { overview: Overview }): ReactNode => {
  const { rule } = overview.verdict;
  const bad = rule === "platform_down" || rule === "jobs_failing";
  return (
    <section className="ov-verdict" aria-label="Verdict">
      <span className={`mark b-${bad ? "failure" : rule === "all_well" ? "success" : "retry"}`}>
        <StatusIcon status={bad ? "FAILURE" : rule === "all_well" ? "SUCCESS" : "UP_FOR_RETRY"} size={20} />
      </span>
      <div className="grow">
        <h2>{titleOf(overview)}</h2>
        <p className="t2">
          <Why overview={overview} />
        </p>
      </div>
      <div className="acts">
        <Acts overview={overview} />
      </div>
    </section>
  );
};

const WORDS = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve"];
const inWords = (n: number): string => WORDS[n] ?? count(n);
const listed = (names: readonly string[]): string =>
  names.length < 2 ? (names[0] ?? "") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)!}`;

const hasRun = ({ jobs, counts }: Overview): boolean =>
  counts.queued.count + counts.started.count > 0 || jobs.items.some(({ last_status }) => last_status !== null);

const titleOf = (overview: Overview): string => {
  const { rule, problems, failing_jobs_total: failing, growing_queues: growing } = overview.verdict;
  const grow = growing.length === 1 ? `Queue ${growing[0]!} grows` : `The queues ${listed(growing)} grow`;
  switch (rule) {
    case "platform_down":
      return problems[0]!;
    case "jobs_failing":
      return `${inWords(failing)} ${failing === 1 ? "job is" : "jobs are"} failing. ${growing.length > 0 ? `${grow}.` : "Everything else keeps up."}`;
    case "backlog_growing":
      return `${grow} faster than ${growing.length === 1 ? "it is" : "they are"} worked off.`;
    case "all_well":
      return hasRun(overview) ? "All is well." : "Nothing has run yet.";
  }
};

const Why = ({ overview }: { overview: Overview }): ReactNode => {
  const { verdict, counts, range } = overview;
  const lost = verdict.lost_workers;
  const gone =
    lost.length > 0 &&
    ` ${listed(lost.slice(0, 3))} ${lost.length > 1 ? "are" : "is"} gone; ${lost.length > 1 ? "their" : "its"} work moves on.`;
  if (verdict.rule === "platform_down" && verdict.problems.length > 1)
    return <>{verdict.problems.slice(1).join(" ")}</>;
  if (verdict.rule === "backlog_growing")
    return (
      <>
        More workers, or more slots on them, would help: {listed(verdict.growing_queues)}.{gone}
      </>
    );
  if (verdict.rule === "all_well" && !hasRun(overview))
    return (
      <>
        Launch the first run from here, or from a terminal: <code>npx dqueue run &lt;job&gt; --wait</code>
      </>
    );
  if (verdict.failed_runs > 0)
    return (
      <>
        <Failures overview={overview} />
        {gone}
      </>
    );
  if (verdict.rule === "jobs_failing")
    return (
      <>
        Their last runs failed before the {RANGE_WORDS[range]} shown.{gone}
      </>
    );
  return (
    <>
      {counted(counts.success.count, "run")} succeeded in {RANGE_WORDS[range]}, none failed.{gone}
    </>
  );
};

/** `8 of the 11 failed runs since 13:44 end in one error: 503 from ledger-api.` */
const Failures = ({ overview: { verdict, range, at } }: { overview: Overview }): ReactNode => {
  const shown = useZone();
  const { failed_runs: failed, main_error: main, failing_since: since } = verdict;
  const when =
    since && range !== "7d"
      ? `since ${clockMoment(Date.parse(since), Date.parse(at), shown)}`
      : `of the last ${RANGE_WORDS[range]}`;
  if (!main)
    return (
      <>
        {counted(failed, "run")} failed in {RANGE_WORDS[range]}.
      </>
    );
  const { runs } = main;
  const who =
    failed === 1
      ? `The failed run ${when} ends`
      : runs === failed
        ? `All ${count(failed)} failed runs ${when} end`
        : runs === 1
          ? `Each of the ${count(failed)} failed runs ${when} ends`
          : `${count(runs)} of the ${count(failed)} failed runs ${when} end`;
  const told =
    main.message.length > MOST_TOLD ? `${main.message.slice(0, MOST_TOLD).trimEnd()}…` : main.message || main.type;
  const what = failed > 1 && runs === 1 ? "an error of its own, such as" : "one error:";
  return (
    <>
      {who} in {what} <b title={`${main.type}: ${main.message}`}>{told}</b>
      {!told.endsWith("…") && "."}
    </>
  );
};

const Acts = ({ overview }: { overview: Overview }): ReactNode => {
  const { rule, failed_runs: failed } = overview.verdict;
  if (rule === "platform_down")
    return (
      <>
        <Go to="/queues?view=host" icon="workers" quiet>
          Workers
        </Go>
        <Go to="/deployment" icon="deployment">
          Deployment
        </Go>
      </>
    );
  if (rule === "backlog_growing")
    return (
      <>
        <Go to="/runs?q=status:queued" icon="filter" quiet>
          Queued runs
        </Go>
        <Go to="/queues" icon="queues">
          Queues
        </Go>
      </>
    );
  if (failed > 0)
    return (
      <>
        <Go to={runsHref("status:failure", overview, null)} icon="filter" quiet>
          Show {counted(failed, "run")}
        </Go>
        <Reexecute overview={overview} />
      </>
    );
  return (
    <>
      <Go to="/jobs" icon="jobs" quiet>
        Jobs
      </Go>
      <Go to="/runs" icon="runs">
        Runs
      </Go>
    </>
  );
};

const Go = ({
  to,
  icon,
  quiet,
  children,
}: {
  to: string;
  icon: IconName;
  quiet?: boolean;
  children: ReactNode;
}): ReactNode => {
  const [, navigate] = useLocation();
  return (
    <Button icon={icon} kind={quiet ? "ghost" : "plain"} onClick={() => navigate(to)}>
      {children}
    </Button>
  );
};

/** Asks whether the failed runs of the time shown are to be repeated from their failure. */
const Reexecute = ({ overview }: { overview: Overview }): ReactNode => {
  const [runs, setRuns] = useState<readonly RunItem[] | null>(null);
  const failed = overview.verdict.failed_runs;
  if (failed > MOST_AT_ONCE) return null;
  const ask = async (): Promise<void> => {
    try {
      const { items } = await api.runs.list({ status: "FAILURE", created_after: overview.from, limit: MOST_AT_ONCE });
      setRuns(items);
    } catch (error) {
      tellFailure("The failed runs could not be read", error);
    }
  };
  return (
    <>
      <Button icon="retry" onClick={() => void ask()}>
        Re-execute {count(failed)}…
      </Button>
      {runs && <Ask runs={runs} verb="failure" onClose={() => setRuns(null)} done={() => undefined} />}
    </>
  );
};
