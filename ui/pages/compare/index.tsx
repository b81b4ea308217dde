import { type ReactNode, useMemo } from "react";
import { Link, useLocation, useParams } from "wouter";
import { type KeyGroup, useKeys } from "../../frame/keys";
import { PageTop } from "../../frame/page-top";
import { Button } from "../../parts/buttons";
import { copyText } from "../../parts/copy";
import { count, exact, timeOfDay } from "../../parts/format";
import { Icon } from "../../parts/icon";
import { JobLink, RunLink } from "../../parts/ids";
import { Loaded } from "../../parts/states";
import { StatusBadge } from "../../parts/status";
import { Duration, useNow, useZone } from "../../parts/time";
import { tell } from "../../parts/toasts";
import { ConfigDiff } from "./config-diff";
import { factsOf, sharedTags } from "./facts";
import { pairsOf } from "./pairs";
import type { Side } from "./side";
import { areOfTwoJobs, groundOfTwoJobs, sharedPairs, verdictOfTwoJobs } from "./two-jobs";
import { StepPairs } from "./step-pairs";
import { useSide } from "./use-side";
import { causesOf, verdictOf } from "./verdict";
import "./compare.css";

/** Two runs side by side. */
export default function ComparePage(): ReactNode {
  const { id, other } = useParams<{ id: string; other: string }>();
  const [a, b] = [useSide(id), useSide(other)];
  // Of both; null: they are not known yet, or of two.
  const job = a.data && b.data && !areOfTwoJobs(a.data, b.data) ? a.data.run.job : null;
  const [, navigate] = useLocation();
  const swap = (): void => navigate(`/runs/${other}/compare/${id}${location.search}`);
  useKeys(useMemo(() => keys(id), [id]));
  return (
    <>
      <PageTop
        onPhones="below"
        title={`Compare ${job ?? "runs"}`}
        heading={<Crumbs job={job} />}
        actions={
          <>
            <Button kind="ghost" icon="diff" onClick={swap}>
              Swap
            </Button>
            <Button
              kind="ghost"
              icon="link"
              onClick={() => void copyText(location.href).then(() => tell({ title: "Link copied" }))}
            >
              Copy link
            </Button>
          </>
        }
      />
      <Loaded query={a} failed="Run A could not be loaded">
        {(sideA) => (
          <Loaded query={b} failed="Run B could not be loaded">
            {(sideB) => <Compared a={sideA} b={sideB} />}
          </Loaded>
        )}
      </Loaded>
    </>
  );
}

const keys = (id: string): KeyGroup => ({
  title: "Compare",
  bindings: [{ keys: "Escape", label: "Back to run A", act: () => history.pushState(null, "", `/runs/${id}`) }],
});

const Crumbs = ({ job }: { job: string | null }): ReactNode => (
  <>
    <nav aria-label="Breadcrumb" className="crumbs">
      <Link href="/runs">Runs</Link>
      {job !== null && (
        <>
          <Icon name="chevronRight" size={12} />
          <JobLink name={job} className="ell" />
        </>
      )}
      <Icon name="chevronRight" size={12} />
      <b>Compare</b>
    </nav>
    <h1 className="sr">Compare two runs{job === null ? "" : ` of ${job}`}</h1>
  </>
);

const Compared = ({ a, b }: { a: Side; b: Side }): ReactNode => {
  const now = useNow();
  const mixed = areOfTwoJobs(a, b);
  const pairs = useMemo(() => {
    const all = pairsOf(a, b);
    return areOfTwoJobs(a, b) ? sharedPairs(a, b, all) : all;
  }, [a, b]);
  const zone = useZone();
  const facts = factsOf(a, b, now, zone);
  return (
    <div className="cm">
      <div className="vs">
        <RunCard sign="A" side={a} named={mixed} />
        <RunCard sign="B" side={b} named={mixed} />
        <div className="vd">
          <b>{mixed ? verdictOfTwoJobs(a, b) : verdictOf(a, b, pairs, now)}</b>
          <span className="t2">{mixed ? groundOfTwoJobs(a, b) : causesOf(a.run, b.run)}</span>
        </div>
      </div>
      <div className="c2">
        <section className="card" aria-labelledby="cm-facts">
          <header>
            <h2 id="cm-facts">What differs</h2>
            <span className="dim num">
              {facts.filter(({ differs }) => differs).length} of {facts.length}
            </span>
          </header>
          <table className="table fixed kv">
            <thead className="sr">
              <tr>
                <th scope="col">Fact</th>
                <th scope="col">A</th>
                <th scope="col">B</th>
              </tr>
            </thead>
            <tbody>
              {facts.map((fact) => (
                <tr key={fact.name} className={fact.differs ? "df" : ""}>
                  <th scope="row">{fact.name}</th>
                  <td className="t2">{fact.a}</td>
                  <td>{fact.b}</td>
                </tr>
              ))}
              <SharedTags tags={sharedTags(a.run, b.run)} />
            </tbody>
          </table>
        </section>
        <ConfigDiff a={a.run.config} b={b.run.config} />
      </div>
      {(pairs.length > 0 || !mixed) && <StepPairs pairs={pairs} />}
    </div>
  );
};

/** What is alike is there for whom it helps, and takes no room. */
const SharedTags = ({ tags }: { tags: readonly string[] }): ReactNode =>
  tags.length > 0 && (
    <tr>
      <th scope="row">Tags of both</th>
      <td colSpan={2} className="t2">
        <details>
          <summary>{count(tags.length)}</summary>
          {tags.join(", ")}
        </details>
      </td>
    </tr>
  );

/** @param named the job is told, too. */
const RunCard = ({ sign, side: { run }, named }: { sign: "A" | "B"; side: Side; named: boolean }): ReactNode => {
  const zone = useZone();
  const created = Date.parse(run.created_at);
  return (
    <div className={`rc ${sign === "B" ? "bb" : ""}`}>
      <em>{sign}</em>
      <div className="grow">
        <RunLink id={run.id} className="strong" />
        {named && (
          <div className="ell">
            <JobLink name={run.job} />
          </div>
        )}
        <div className="dim num ell">
          <time dateTime={run.created_at} title={exact(created, zone)}>
            {timeOfDay(created, zone, true)} {zone === "utc" && "UTC"}
          </time>{" "}
          · <Duration from={run.started_at} to={run.ended_at} />
        </div>
      </div>
      <StatusBadge status={run.status} />
    </div>
  );
};
