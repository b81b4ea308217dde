import { type ReactNode, useState } from "react";
import type { Deployment } from "../../../client";
import { counted } from "../../parts/format";
import { StatusIcon } from "../../parts/status";
import { Moment } from "../../parts/time";
import { Older } from "./older";

const AT_FIRST = 6;

/** `010_takeovers` of its file. */
const wordOf = (name: string): string => name.replace(/\.sql$/, "");

/** Which changes of the schema the database has seen. */
export const Migrations = ({ migrations }: { migrations: Deployment["migrations"] }): ReactNode => {
  const { applied, pending } = migrations;
  const [all, setAll] = useState(false);
  const shown = [...applied].reverse().slice(0, all ? undefined : AT_FIRST);
  return (
    <section className="card" aria-labelledby="dep-migrations">
      <div className="cardh">
        <h2 id="dep-migrations">Migrations</h2>
        <span className="sub num">
          {pending.length === 0 ? "up to date" : `${counted(pending.length, "migration")} to apply: dqueue migrate`}
        </span>
      </div>
      <ul className="migs">
        {pending.map((name) => (
          <li key={name}>
            <StatusIcon status="QUEUED" label="Pending" />
            <span className="mono ell">{wordOf(name)}</span>
            <span className="t-queued">pending</span>
          </li>
        ))}
        {shown.map(({ name, applied_at: at }) => (
          <li key={name}>
            <StatusIcon status="SUCCESS" label="Applied" />
            <span className="mono ell">{wordOf(name)}</span>
            <span className="dim">
              <Moment at={at} />
            </span>
          </li>
        ))}
      </ul>
      <Older more={applied.length - shown.length} show={() => setAll(true)} />
    </section>
  );
};
