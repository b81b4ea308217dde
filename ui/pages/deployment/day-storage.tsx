import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Storage } from "../../../client";
import { storageQuery } from "../../data/queries";
import { bytes, counted, dayOf } from "../../parts/format";
import { Loaded } from "../../parts/states";
import { useNow } from "../../parts/time";

/** What runs take by the day of their launch; the next day to go is pale. */
export const DayStorage = (): ReactNode => {
  const query = useQuery(storageQuery);
  return (
    <section className="card" aria-labelledby="dep-days">
      <div className="cardh">
        <h2 id="dep-days">By day</h2>
        <span className="sub ell">a table a day, in UTC; the oldest is dropped whole</span>
      </div>
      <Loaded query={query} failed="What days take could not be read">
        {(storage) => <Days storage={storage} />}
      </Loaded>
    </section>
  );
};

/** Tables of days to come are made ahead, and are empty. */
export const daysUntil = ({ days }: Storage, now: number): Storage["days"] =>
  days.filter(({ day }) => Date.parse(day) <= now);

const Days = ({ storage }: { storage: Storage }): ReactNode => {
  const days = daysUntil(storage, useNow());
  const most = Math.max(1, ...days.map((day) => day.bytes));
  if (days.length === 0) return <p className="depfoot t2">There are no runs.</p>;
  return (
    <div className="depchart num">
      <div className="values" aria-hidden="true">
        <span>{bytes(most)}</span>
        <span>0</span>
      </div>
      <ol className="depdays" aria-label="Bytes by day of launch">
        {days.map(({ day, bytes: size, goes_at }, at) => {
          const next = at === 0 && storage.retention.days !== null && days.length > 1;
          const goes = goes_at === null ? "" : `, goes after ${goes_at.slice(0, 10)}`;
          const words = `${day}: ${bytes(size)}${goes}`;
          return (
            <li key={day} title={words} className={next ? "next" : ""}>
              <i style={{ height: `${(100 * size) / most}%` }} aria-hidden="true" />
              <span className="sr">{words}</span>
            </li>
          );
        })}
      </ol>
      <div className="times" aria-hidden="true">
        <span>{dayOf(Date.parse(days[0]!.day), "utc")}</span>
        {days.length > 1 && <span>{dayOf(Date.parse(days.at(-1)!.day), "utc")}</span>}
        <span className="grow" />
        <span>{counted(days.length, "day")}</span>
      </div>
    </div>
  );
};
