import { type ReactNode, useMemo } from "react";
import { Link, useLocation } from "wouter";
import type { Run } from "../../../../client";
import { api } from "../../../data/client";
import { useCommands } from "../../../frame/commands";
import { type KeyGroup, useKeys } from "../../../frame/keys";
import { PageTop } from "../../../frame/page-top";
import { Button } from "../../../parts/buttons";
import { CopyButton } from "../../../parts/copy";
import { shortId } from "../../../parts/format";
import { Icon } from "../../../parts/icon";
import { tell, tellFailure } from "../../../parts/toasts";
import { ComingVerbs } from "../coming";
import { Verbs } from "./verbs";

/** Crumbs, neighbours and verbs. */
export const RunTop = ({ id, run, gone }: { id: string; run: Run | undefined; gone: boolean }): ReactNode => {
  const go = useNeighbours(run);
  useKeys(
    useMemo<KeyGroup>(
      () => ({
        title: "Run",
        bindings: [
          { keys: "[", label: "Older run of the job", act: () => go("older") },
          { keys: "]", label: "Newer run of the job", act: () => go("newer") },
        ],
      }),
      [go],
    ),
  );
  useCommands(
    useMemo(
      () => [
        { title: "Older run of this job", icon: "down", keys: "[", act: () => go("older") },
        { title: "Newer run of this job", icon: "up", keys: "]", act: () => go("newer") },
      ],
      [go],
    ),
  );
  return (
    <PageTop
      title={run ? `${run.job} ${shortId(id)}` : shortId(id)}
      {...(run && { status: run.status })}
      heading={<Crumbs id={id} run={run} />}
      beside={
        <span className="row wide-only neighbours">
          <Button small kind="ghost" icon="up" aria-label="Newer run of this job" onClick={() => go("newer")} />
          <Button small kind="ghost" icon="down" aria-label="Older run of this job" onClick={() => go("older")} />
        </span>
      }
      actions={run ? <Verbs run={run} gone={gone} /> : !gone && <ComingVerbs />}
      onPhones="below"
    />
  );
};

const Crumbs = ({ id, run }: { id: string; run: Run | undefined }): ReactNode => (
  <nav aria-label="Breadcrumb" className="crumbs">
    <span className="wide-only">
      <Link href="/runs">Runs</Link>
      <Icon name="chevronRight" size={12} />
    </span>
    {run && (
      <>
        <Link href={`/jobs/${encodeURIComponent(run.job)}`} className="ell">
          {run.job}
        </Link>
        <Icon name="chevronRight" size={12} />
      </>
    )}
    <b className="mono crumb-id">{shortId(id)}</b>
    <CopyButton text={id} what="run id" />
  </nav>
);

/** Goes to the run of the same job that was created next, or before. What stands in the address stays. */
const useNeighbours = (run: Run | undefined): ((which: "older" | "newer") => void) => {
  const [, navigate] = useLocation();
  return useMemo(() => {
    const find = async (which: "older" | "newer"): Promise<void> => {
      if (!run) return;
      const older = which === "older";
      const { items } = await api.runs.list({
        job: run.job,
        limit: 2,
        sort: older ? "-created" : "created",
        ...(older ? { created_before: run.created_at } : { created_after: run.created_at }),
      });
      const next = items.find(({ id }) => id !== run.id);
      if (next) navigate(`/runs/${next.id}${kept(location.search)}`);
      else tell({ title: `There is no ${which} run of ${run.job}` });
    };
    return (which) => void find(which).catch((error) => tellFailure(`The ${which} run was not found`, error));
  }, [run, navigate]);
};

/** How one looks at a run goes with the visitor to its neighbours; a moment and a stretch of time are the run's own. */
const kept = (search: string): string => {
  const params = new URLSearchParams(search);
  for (const own of ["t", "z", "attempt"]) params.delete(own);
  return params.size > 0 ? `?${params}` : "";
};
