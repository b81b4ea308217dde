import { type InfiniteData, QueryCache, QueryClient } from "@tanstack/react-query";
import { ApiError, type Page, type Run, type RunItem, type RunSummary, type StreamMessage } from "../../client";

const FRESH_MS = 5_000;
const KEPT_MS = 10 * 60_000;
const RETRIES = 1;

/** What a repetition may mend. */
export const passing = (error: Error): boolean =>
  !(error instanceof ApiError) || error.status === 0 || error.status >= 500;

/** Whether an error says that a run is not there, or not any more. */
export const isGone = (error: Error | null): boolean => error instanceof ApiError && error.code === "RUN_NOT_FOUND";

/** Who is not signed in (any more) is asked to, and comes back to where they were. */
const askToSignIn = (error: Error): void => {
  if (!(error instanceof ApiError) || error.code !== "UNAUTHENTICATED") return;
  location.replace(`/signin?next=${encodeURIComponent(location.href.slice(location.origin.length))}`);
};

/** All that is known of the server. Errors are shown with what is known (stale is better than empty). */
export const cache = new QueryClient({
  queryCache: new QueryCache({ onError: askToSignIn }),
  defaultOptions: {
    queries: {
      staleTime: FRESH_MS,
      gcTime: KEPT_MS,
      retry: (failures, error) => failures < RETRIES && passing(error),
      retryDelay: 500,
      // Whether there is a network is the stream's to say: dqueue often runs on the own machine.
      networkMode: "always",
    },
    mutations: { networkMode: "always" },
  },
});

export type RunPages = InfiniteData<Page<RunItem>, string | undefined>;

/** Puts runs in the place of what was known of them, in lists and on their own pages. */
export const patchRuns = (runs: RunSummary[]): void => {
  const byId = new Map(runs.map((run) => [run.id, run]));
  cache.setQueriesData<RunPages>({ queryKey: ["runs", "list"] }, (known) => known && patched(known, byId));
  for (const run of runs)
    cache.setQueryData<Run>(["run", run.id], (known) => known && (known.seq > run.seq ? known : { ...known, ...run }));
};

const patched = (known: RunPages, byId: Map<string, RunSummary>): RunPages => {
  const stale = (run: RunItem): boolean => {
    const newer = byId.get(run.id);
    return newer !== undefined && newer.seq >= run.seq && differs(run, newer);
  };
  if (!known.pages.some(({ items }) => items.some(stale))) return known;
  return {
    ...known,
    pages: known.pages.map((page) => ({
      ...page,
      items: page.items.map((run) => (stale(run) ? { ...run, ...byId.get(run.id) } : run)),
    })),
  };
};

/** In what changes while a run goes on. */
const differs = (a: RunSummary, b: RunSummary): boolean =>
  a.status !== b.status ||
  a.seq !== b.seq ||
  a.steps_total !== b.steps_total ||
  a.steps_succeeded !== b.steps_succeeded ||
  a.steps_failed !== b.steps_failed;

/** What the stream says of runs and ticks goes into what is known. */
export const takeNews = (messages: StreamMessage[]): void => {
  const runs = messages.flatMap((message) => (message.event === "run" ? [message.data] : []));
  if (runs.length > 0) patchRuns(runs);
};
