import type { ReactNode } from "react";
import type { Job, JobChanges } from "../../../client";
import { count, counted, percent, shortCode } from "../../parts/format";
import { Moment } from "../../parts/time";

/** How each version of the code fared and what of the job it changed, the newest first. */
export const CodeVersions = ({
  job: { code_versions: versions, code_versions_complete: complete, code_version: current },
}: {
  job: Job;
}): ReactNode => (
  <section className="card" aria-label="Code versions">
    <div className="cardh">
      <h2>Code versions</h2>
      <span className="sub">{complete ? "of its runs" : "of its newest runs"}</span>
    </div>
    {versions.map((version) => (
      <Version key={version.code_version} version={version} isCurrent={version.code_version === current} />
    ))}
    {versions.length === 0 && (
      <p className="job-none t2">
        <span className="mono">{shortCode(current)}</span> has not run yet.
      </p>
    )}
  </section>
);

const Version = ({
  version: {
    code_version: version,
    first_published_at: published,
    first_run_at: first,
    runs,
    succeeded,
    failed,
    changes,
  },
  isCurrent,
}: {
  version: Job["code_versions"][number];
  isCurrent: boolean;
}): ReactNode => (
  <div className="job-version">
    <span className="mono ell" title={version}>
      {shortCode(version)}
    </span>
    <span className="num t2 nw">
      <Moment at={published ?? first} />
    </span>
    <span className="num dim nw">{counted(runs, "run")}</span>
    <span
      className={`num nw ${isCurrent && succeeded + failed === 0 ? "t-started" : failed > 0 ? "" : "t2"}`}
      title={`${count(succeeded)} of ${count(succeeded + failed)} succeeded`}
    >
      {succeeded + failed > 0 ? percent(succeeded, succeeded + failed) : isCurrent ? "now" : "—"}
    </span>
    {changes && (
      <span className="job-changes dim small ell" title={named(changes)}>
        {told(changes)}
      </span>
    )}
  </div>
);

/** As in "2 ops added, 1 changed; config". */
const told = ({ added, removed, changed, of_job }: JobChanges): string => {
  const ops = [
    added.count > 0 && `${counted(added.count, "op")} added`,
    removed.count > 0 && `${counted(removed.count, "op")} removed`,
    changed.count > 0 && `${counted(changed.count, "op")} changed`,
  ].filter((part) => part !== false);
  return [ops.join(", "), of_job.join(", ")].filter((part) => part !== "").join("; ") || "the code alone";
};

/** Which ops they are, as far as the server names them. */
const named = ({ added, removed, changed }: JobChanges): string => {
  const line = (what: string, { count: n, names }: JobChanges["added"]): string =>
    `${what}: ${names.join(", ")}${n > names.length ? ` and ${count(n - names.length)} more` : ""}`;
  return [
    added.count > 0 && line("Added", added),
    removed.count > 0 && line("Removed", removed),
    changed.count > 0 && line("Changed", changed),
  ]
    .filter((one) => one !== false)
    .join("\n");
};
