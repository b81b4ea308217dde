import type { ReactNode } from "react";
import type { Deployment } from "../../../client";
import { counted } from "../../parts/format";
import { StatusIcon } from "../../parts/status";
import { Moment } from "../../parts/time";

/** Which changes of the schema the database has seen. */
export const Migrations = ({ migrations }: { migrations: Deployment["migrations"] }): ReactNode => {
  const { applied, pending } = migrations;
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
            <span className="mono ell">{name}</span>
            <span className="t-queued">pending</span>
          </li>
        ))}
        {[...applied].reverse().map(({ name, applied_at: at }) => (
          <li key={name}>
            <StatusIcon status="SUCCESS" label="Applied" />
            <span className="mono ell">{name}</span>
            <span className="dim">
              <Moment at={at} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
};
