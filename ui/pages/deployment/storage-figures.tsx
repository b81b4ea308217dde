import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Deployment, Storage } from "../../../client";
import { storageQuery } from "../../data/queries";
import { Figures } from "../../parts/figures";
import { bytes } from "../../parts/format";
import { useNow } from "../../parts/time";
import { daysUntil } from "./day-storage";
import { keptFor } from "./job-storage";

/** How much there is, how fast it grows, and what bounds it. */
export const StorageFigures = ({ database }: { database: Deployment["storage"] }): ReactNode => {
  const { data } = useQuery(storageQuery);
  return (
    <section className="card" aria-label="Storage in figures">
      <Figures
        large
        all={[
          ["Database", bytes(database.bytes), database.database === "embedded" ? "embedded database" : "PostgreSQL"],
          ["Runs", data ? bytes(sizeOf(data.days)) : "—", data ? boundOf(data) : ""],
          ["A day", ...useGrowth(data)],
          ["Oldest run", data?.oldest_run_at?.slice(0, 10) ?? "—", data ? `kept ${keptFor(data.retention.days)}` : ""],
        ]}
      />
    </section>
  );
};

const sizeOf = (days: Storage["days"]): number => days.reduce((sum, day) => sum + day.bytes, 0);

const boundOf = ({ retention }: Storage): string =>
  retention.bytes === null ? "without a limit" : `at most ${bytes(retention.bytes)}, then the oldest day goes`;

/** The mean of days that are over, else what today has taken until now. */
const useGrowth = (storage: Storage | undefined): [value: string, about: string] => {
  const today = new Date(useNow()).toISOString().slice(0, 10);
  if (!storage) return ["—", ""];
  const now = bytes(sizeOf(daysUntil(storage, Date.parse(today)).filter(({ day }) => day === today)));
  return storage.growth_per_day === null
    ? [now, "today until now"]
    : [bytes(storage.growth_per_day), `mean of 7 days; today until now ${now}`];
};
