import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "wouter";
import type { Run, Waiting } from "../../../../client";
import { api } from "../../../data/client";
import { count, counted } from "../../../parts/format";

const LOOK_MS = 2_000;

/** Which rule keeps a queued run from starting. */
export const WhyWaiting = ({ run }: { run: Run }): ReactNode => {
  const { data } = useQuery({
    queryKey: ["waiting", run.id],
    queryFn: () => api.runs.waiting(run.id),
    refetchInterval: LOOK_MS,
  });
  return <span className="t-queued ell num">{data ? wordsOf(data) : "waits to be admitted"}</span>;
};

const wordsOf = ({ rule, ahead, going_on, max_concurrent_runs: most }: Waiting): ReactNode => {
  if (rule === "no_daemon") return <b className="t-retry">waits for a daemon: none is up to admit it</b>;
  if (rule !== "max_concurrent_runs") return "is about to start";
  return (
    <>
      waits for a place:{" "}
      <Link href="/runs?q=status:STARTED">{`${count(going_on)} of ${counted(most, "run")} go on`}</Link>{" "}
      <span className="dim">(MAX_CONCURRENT_RUNS)</span>,{" "}
      {ahead === 0 ? "it is next" : `${counted(ahead, "run")} before it`}
    </>
  );
};
