import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import type { Job } from "../../../client";
import { api } from "../../data/client";
import { useRunsGathered } from "../../data/gather";

/** How many of a job's last runs are shown. */
export type Count = "50" | "200" | "all";

const GATHER_MS = 1_500;
const LOOK_MS = 15_000;
/** "All": no more than can be told apart. */
const MOST = 1_000;

const pageQuery = (name: string, n: Count) =>
  queryOptions({
    queryKey: ["job", name, n],
    queryFn: async (): Promise<Job> => {
      const job = await api.jobs.get(name, { runs: n === "50" ? 50 : 200 });
      return n === "all" ? { ...job, last_runs: await allRuns(name) } : job;
    },
    refetchInterval: LOOK_MS,
    // Of this job; another's figures under its name would be wrong.
    placeholderData: (known, query) => (query?.queryKey[1] === name ? keepPreviousData(known) : undefined),
  });

const allRuns = async (name: string): Promise<Job["last_runs"]> => {
  const { items } = await api.runs.list({ job: name, limit: MOST });
  const runs = items.reverse();
  const between = (from: string | null, to: string | null): number | null =>
    from !== null && to !== null ? Date.parse(to) - Date.parse(from) : null;
  return {
    id: runs.map(({ id }) => id),
    status: runs.map(({ status }) => status),
    duration_ms: runs.map(({ started_at, ended_at }) => between(started_at, ended_at)),
    created_at: runs.map(({ created_at }) => created_at),
    started_at: runs.map(({ started_at }) => started_at),
    waited_ms: runs.map(({ created_at, started_at }) => between(created_at, started_at)),
    steps: runs.map(({ steps_total }) => steps_total),
    code_version: runs.map(({ code_version }) => code_version),
  };
};

/** A job with its last runs, asked for again as they change. */
export const useJob = (name: string, n: Count) => {
  const query = useQuery(pageQuery(name, n));
  useRunsGathered(
    GATHER_MS,
    () => void query.refetch(),
    (message) => message.event === "run" && message.data.job === name,
  );
  return query;
};
