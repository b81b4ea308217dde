import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "wouter";
import type { Storage } from "../../../client";
import { storageQuery } from "../../data/queries";
import { bytes, counted } from "../../parts/format";
import { Loaded } from "../../parts/states";

/** What runs take by day and by job, and when it goes. */
export const RunStorage = (): ReactNode => {
  const query = useQuery(storageQuery);
  return (
    <section className="card" aria-labelledby="dep-runs">
      <div className="cardh">
        <h2 id="dep-runs">Runs by job</h2>
        {query.data && <span className="sub num ell">{wordsOf(query.data)}</span>}
      </div>
      <Loaded query={query} failed="What runs take could not be read">
        {(storage) => (
          <>
            <Days storage={storage} />
            <Jobs storage={storage} />
          </>
        )}
      </Loaded>
    </section>
  );
};

const keptFor = (days: number | null): string => (days === null ? "for ever" : counted(days, "day"));

const wordsOf = ({ retention, growth_per_day, oldest_run_at }: Storage): string =>
  [
    `kept ${keptFor(retention.days)}`,
    ...(retention.bytes === null ? [] : [`at most ${bytes(retention.bytes)}`]),
    ...(growth_per_day === null ? [] : [`${bytes(growth_per_day)} a day`]),
    ...(oldest_run_at === null ? [] : [`oldest of ${oldest_run_at.slice(0, 10)}`]),
  ].join(" · ");

/** A bar a day; the next one to go is pale. */
const Days = ({ storage: { days, retention } }: { storage: Storage }): ReactNode => {
  const most = Math.max(1, ...days.map((day) => day.bytes));
  if (days.length === 0) return null;
  return (
    <ol className="depdays" aria-label="Bytes by day of launch">
      {days.map(({ day, bytes: size, goes_at }, at) => {
        const next = at === 0 && retention.days !== null && days.length > 1;
        const goes = goes_at === null ? "" : `, goes after ${goes_at.slice(0, 10)}`;
        const words = `${day}: ${bytes(size)}${goes}`;
        return (
          <li key={day} title={words} className={next ? "next" : ""}>
            <i style={{ height: `${Math.max(4, (100 * size) / most)}%` }} aria-hidden="true" />
            <span className="sr">{words}</span>
          </li>
        );
      })}
    </ol>
  );
};

const Jobs = ({ storage: { jobs, measured_at } }: { storage: Storage }): ReactNode => {
  if (jobs.length === 0)
    return (
      <p className="depfoot t2">{measured_at === null ? "It is measured within minutes." : "There are no runs."}</p>
    );
  return (
    <div className="deptw" role="region" aria-label="Runs by job in figures" tabIndex={0}>
      <table className="dept num">
        <thead>
          <tr>
            <th scope="col">Job</th>
            {["Size ≈", "Steps", "Events", "Logs", "Values", "Kept"].map((name) => (
              <th key={name} scope="col" className="fig">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {jobs.map((one) => (
            <tr key={one.job}>
              <th scope="row">
                <Link href={`/jobs/${encodeURIComponent(one.job)}`}>{one.job}</Link>
              </th>
              {[one.bytes, one.steps, one.events, one.logs, one.values].map((size, at) => (
                <td key={at} className="fig">
                  {size === 0 ? "—" : bytes(size)}
                </td>
              ))}
              <td className="fig">{keptFor(one.retention_days)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
};
