import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Page, RunFilter, RunItem, RunListOptions } from "../../client";
import { api } from "./client";

export const PAGE_SIZE = 100;
/** Of what no stream brings: the load of workers, the length of queues. */
const LOOK_MS = 3_000;
export const SENSORS_LOOK_MS = 60_000;
const STORAGE_LOOK_MS = 60_000;

/** All runs of a filter, in its order, page by page. */
export const runsQuery = (options: RunListOptions) =>
  infiniteQueryOptions({
    queryKey: ["runs", "list", options],
    queryFn: ({ pageParam }): Promise<Page<RunItem>> =>
      api.runs.list({ ...options, limit: PAGE_SIZE, ...(pageParam !== undefined && { cursor: pageParam }) }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    // The stream keeps rows up to date; a list that is asked for again would move under the pointer.
    staleTime: Infinity,
  });

/** How many runs of a filter have which status. Asked for again as runs change. */
export const countsQuery = (filter: Omit<RunFilter, "status">) =>
  queryOptions({
    queryKey: ["counts", "runs", filter],
    queryFn: () => api.runs.counts(filter),
    placeholderData: keepPreviousData,
  });

export const runQuery = (id: string) => queryOptions({ queryKey: ["run", id], queryFn: () => api.runs.get(id) });

/** The graph that a run was launched with: it never changes. */
export const graphQuery = (id: string) =>
  queryOptions({ queryKey: ["graph", id], queryFn: () => api.runs.graph(id), staleTime: Infinity });

/** All jobs by name. */
export const jobsQuery = queryOptions({
  queryKey: ["jobs"],
  queryFn: async () => {
    const jobs = [];
    for await (const job of api.jobs.all()) jobs.push(job);
    return jobs;
  },
  staleTime: 60_000,
});

export const jobQuery = (name: string) => queryOptions({ queryKey: ["job", name], queryFn: () => api.jobs.get(name) });

/** All sensors by name. Ticks come by the stream; starts, stops and new code are looked for. */
export const sensorsQuery = queryOptions({
  queryKey: ["sensors", "names"],
  queryFn: async () => {
    const sensors = [];
    for await (const sensor of api.sensors.all()) sensors.push(sensor);
    return sensors;
  },
  refetchInterval: SENSORS_LOOK_MS,
});

export const queuesQuery = queryOptions({
  queryKey: ["queues"],
  queryFn: async () => (await api.queues.list()).items,
  refetchInterval: LOOK_MS,
});

export const workersQuery = queryOptions({
  queryKey: ["workers"],
  queryFn: async () => (await api.workers.list()).items,
  refetchInterval: LOOK_MS,
});

/** Workers that vanished, until some time after their steps went on elsewhere. */
export const lostWorkersQuery = queryOptions({
  queryKey: ["workers", "lost"],
  queryFn: async () => (await api.workers.lost()).items,
  refetchInterval: LOOK_MS,
});

export const deploymentQuery = queryOptions({
  queryKey: ["deployment"],
  queryFn: () => api.deployment(),
  refetchInterval: LOOK_MS,
});

export const storageQuery = queryOptions({
  queryKey: ["storage"],
  queryFn: () => api.storage(),
  refetchInterval: STORAGE_LOOK_MS,
});

export const healthQuery = queryOptions({ queryKey: ["health"], queryFn: () => api.health(), staleTime: Infinity });
