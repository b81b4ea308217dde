import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { Storage } from "../../../client";
import { storageQuery } from "../../data/queries";
import { Button } from "../../parts/buttons";
import { bytes, counted } from "../../parts/format";
import { JobLink } from "../../parts/ids";
import { Loaded } from "../../parts/states";

type JobStorage = Storage["jobs"][number];

const AT_FIRST = 10;
/** What runs are made of, each with its hue of charts. */
const PARTS = [
  ["Steps", "steps", 6],
  ["Events", "events", 1],
  ["Logs", "logs", 4],
  ["Values", "values", 5],
] as const;

/** What the runs of each job take, and how long they are kept. */
export const JobStorage = (): ReactNode => {
  const query = useQuery(storageQuery);
  return (
    <section className="card" aria-labelledby="dep-runs">
      <div className="cardh">
        <h2 id="dep-runs">Runs by job</h2>
        <span className="sub ell">right to a few percent</span>
        <span className="grow" />
        <span className="deplegend" aria-hidden="true">
          {PARTS.map(([title, , hue]) => (
            <span key={title}>
              <i style={{ background: `var(--c${hue})` }} />
              {title}
            </span>
          ))}
        </span>
      </div>
      <Loaded query={query} failed="What runs take could not be read">
        {({ jobs, measured_at }) =>
          jobs.length > 0 ? (
            <Jobs jobs={jobs} />
          ) : (
            <p className="depfoot t2">
              {measured_at === null ? "It is measured within minutes." : "There are no runs."}
            </p>
          )
        }
      </Loaded>
    </section>
  );
};

/** For so many days, or for ever. */
export const keptFor = (days: number | null): string => (days === null ? "for ever" : counted(days, "day"));

const Jobs = ({ jobs }: { jobs: readonly JobStorage[] }): ReactNode => {
  const [all, setAll] = useState(false);
  const most = Math.max(1, ...jobs.map((job) => job.bytes));
  const shown = all ? jobs : jobs.slice(0, AT_FIRST);
  return (
    <>
      <table className="table fixed depjobs">
        <thead>
          <tr>
            <th scope="col">Job</th>
            <th scope="col" className="wide">
              Made of
            </th>
            <th scope="col" className="fig">
              Size ≈
            </th>
            <th scope="col" className="fig">
              Kept
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((job) => (
            <tr key={job.job}>
              <th scope="row">
                <JobLink name={job.job} />
              </th>
              <td className="wide">
                <Parts job={job} most={most} />
              </td>
              <td className="fig">{bytes(job.bytes)}</td>
              <td className="fig t2">{keptFor(job.retention_days)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {jobs.length > shown.length && (
        <p className="depfoot">
          <Button small kind="ghost" onClick={() => setAll(true)}>
            {counted(jobs.length - shown.length, "more job")}
          </Button>
        </p>
      )}
    </>
  );
};

const Parts = ({ job, most }: { job: JobStorage; most: number }): ReactNode => {
  const words = PARTS.map(([title, part]) => `${title.toLowerCase()} ${bytes(job[part])}`).join(", ");
  return (
    <span className="depparts" role="img" aria-label={words} title={words}>
      {PARTS.map(
        ([, part, hue]) =>
          job[part] > 0 && (
            <i key={part} style={{ width: `${(100 * job[part]) / most}%`, background: `var(--c${hue})` }} />
          ),
      )}
    </span>
  );
};
