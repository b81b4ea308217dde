import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { RunItem, RunListOptions, RunSummary, StreamMessage } from "../../../client";
import { patchRuns, type RunPages } from "../../data/cache";
import { api } from "../../data/client";
import { useTopic } from "../../data/live/live";
import { PAGE_SIZE, runsQuery } from "../../data/queries";
import { runHasEnded } from "../../parts/status";

const LOOK_MS = 1_000;
const PROGRESS_MS = 2_000;
/** So many rows at most are in view. */
const MOST_WATCHED = 60;

export const useRuns = (options: RunListOptions) => {
  const query = useInfiniteQuery(runsQuery(options));
  const rows = useMemo(() => query.data?.pages.flatMap(({ items }) => items) ?? [], [query.data]);
  return { query, rows };
};

/** Steps of runs that go on are counted anew from time to time; their statuses come by the stream. */
export const useProgress = (inView: readonly RunItem[]): void => {
  const ids = inView
    .filter(({ status }) => !runHasEnded(status))
    .map(({ id }) => id)
    .slice(0, MOST_WATCHED);
  useQuery({
    queryKey: ["progress", ...ids],
    enabled: ids.length > 0,
    refetchInterval: PROGRESS_MS,
    gcTime: 0,
    queryFn: async () => {
      const { items } = await api.runs.list({ id: ids, limit: MOST_WATCHED });
      patchRuns(items);
      return items.length;
    },
  });
};

/**
 * Runs that have come since the list was read wait until they are asked for: nothing moves under the pointer.
 * @param atOnce they need not wait: nobody has scrolled or selected.
 */
export const useNewRuns = (options: RunListOptions, rows: readonly RunItem[], atOnce: boolean) => {
  const client = useQueryClient();
  const [found, setFound] = useState<{ options: RunListOptions; items: RunItem[] } | null>(null);
  const known = useMemo(() => new Set(rows.map(({ id }) => id)), [rows]);
  const fresh = found?.options === options ? found.items.filter(({ id }) => !known.has(id)) : [];
  const byCreation = options.sort === "-created";
  const insert = useCallback(
    (items: RunItem[]) => {
      const { queryKey } = runsQuery(options);
      // More than a page: what lies between is not known.
      if (!byCreation || items.length >= PAGE_SIZE) return void client.resetQueries({ queryKey });
      client.setQueryData<RunPages>(queryKey, (pages) => pages && withFirst(pages, items));
    },
    [byCreation, client, options],
  );
  const look = async (): Promise<void> => {
    const { items } = await api.runs.list({ ...options, limit: PAGE_SIZE });
    const news = items.filter(({ id }) => !known.has(id));
    if (atOnce && byCreation && news.length > 0) insert(news);
    else setFound({ options, items: news });
  };
  const latest = useRef({ look, known });
  useEffect(() => {
    latest.current = { look, known };
  });
  const due = useRef(false);
  useTopic("runs", (messages: StreamMessage[]) => {
    const unknown = messages.some((message) => message.event === "run" && isNews(message.data, latest.current.known));
    if (!unknown || due.current) return;
    due.current = true;
    setTimeout(() => {
      due.current = false;
      // Who is away is told of it elsewhere; the next news asks again.
      latest.current.look().catch(() => undefined);
    }, LOOK_MS);
  });
  return { fresh: fresh.length, show: () => insert(fresh) };
};

const isNews = ({ id }: RunSummary, known: ReadonlySet<string>): boolean => !known.has(id);

const withFirst = (known: RunPages, fresh: RunItem[]): RunPages => {
  const [first, ...rest] = known.pages;
  if (!first) return known;
  const have = new Set(first.items.map(({ id }) => id));
  const items = [...fresh.filter(({ id }) => !have.has(id)), ...first.items].sort((a, b) => (a.id < b.id ? 1 : -1));
  return { ...known, pages: [{ ...first, items }, ...rest] };
};
