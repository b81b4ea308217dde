import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link, Redirect } from "wouter";
import { api } from "../../data/client";
import { PageTop } from "../../frame/page-top";
import { JobLink } from "../../parts/ids";
import { Empty, Loaded } from "../../parts/states";
import { StatusBadge } from "../../parts/status";
import { Moment } from "../../parts/time";

const MOST = 50;

/** The address holds the beginning of an id, as the interface shows it: leads to the run, or to those that begin so. */
export default function ByBeginning({ beginning }: { beginning: string }): ReactNode {
  const query = useQuery({
    queryKey: ["runs", "by-beginning", beginning],
    queryFn: async () => (await api.runs.list({ id: beginning, limit: MOST })).items,
  });
  return (
    <>
      <PageTop title={beginning} heading={<h1 className="mono">{beginning}</h1>} />
      <Loaded query={query} failed="The run could not be looked for">
        {(runs) => {
          const [run, ...others] = runs;
          if (!run) return <Empty icon="runs" title={`No run's id begins with ${beginning}`} />;
          if (others.length === 0) return <Redirect to={`/runs/${run.id}${location.search}${location.hash}`} replace />;
          return (
            <Empty icon="runs" title={`Several runs' ids begin with ${beginning}`}>
              {runs.map(({ id, job, status, created_at }) => (
                <span key={id} className="row">
                  <StatusBadge status={status} />
                  <Link href={`/runs/${id}`} className="link mono">
                    {id}
                  </Link>
                  <JobLink name={job} />
                  <span className="grow" />
                  <Moment at={created_at} />
                </span>
              ))}
            </Empty>
          );
        }}
      </Loaded>
    </>
  );
}
