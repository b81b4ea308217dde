import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Page, RunItem, RunListOptions, StreamMessage } from "../../../client";
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
  const query = useInfiniteQuery({
    ...runsQuery(options),
    // Sorted in another way they stay until they are, and with them the head that was pressed.
    placeholderData: (known, before) =>
      before && differInSort(before.queryKey[2] as RunListOptions, options) ? known : undefined,
  });
  const rows = useMemo(() => query.data?.pages.flatMap(({ items }) => items) ?? [], [query.data]);
  return { query, rows };
};

const differInSort = (one: RunListOptions, other: RunListOptions): boolean =>
  JSON.stringify({ ...one, sort: null }) === JSON.stringify({ ...other, sort: null });

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
 * @param rows null: not read yet.
 * @param atOnce they need not wait: nobody has scrolled or selected.
 */
export const useNewRuns = (options: RunListOptions, rows: readonly RunItem[] | null, atOnce: boolean) => {
  const client = useQueryClient();
  const [found, setFound] = useState<{ options: RunListOptions; page: Page<RunItem> } | null>(null);
  const known = useMemo(() => rows && new Set(rows.map(({ id }) => id)), [rows]);
  const fresh = found?.options === options ? newsOf(found.page, known) : [];
  const insert = useCallback(
    (page: Page<RunItem>) => {
      const { queryKey } = runsQuery(options);
      client.setQueryData<RunPages>(queryKey, (pages) => pages && withNews(pages, page, options.sort === "-created"));
    },
    [client, options],
  );
  const latest = useRef({ known, atOnce });
  useEffect(() => {
    latest.current = { known, atOnce };
  });
  const look = useCallback(async (): Promise<void> => {
    const page = await api.runs.list({ ...options, limit: PAGE_SIZE });
    // What is known by now, not when it was asked for.
    const { known, atOnce } = latest.current;
    if (atOnce && newsOf(page, known).length > 0) insert(page);
    else setFound({ options, page });
  }, [insert, options]);
  // Of a list that was read on an earlier visit, nobody has heard what has come since.
  useEffect(() => {
    if (latest.current.known) look().catch(() => undefined);
  }, [look]);
  const due = useRef(false);
  useTopic("runs", (messages: StreamMessage[]) => {
    const { known } = latest.current;
    // Before the list itself has come, nothing is news.
    const unknown = known && messages.some((message) => message.event === "run" && !known.has(message.data.id));
    if (!unknown || due.current) return;
    due.current = true;
    setTimeout(() => {
      due.current = false;
      // Who is away is told of it elsewhere; the next news asks again.
      look().catch(() => undefined);
    }, LOOK_MS);
  });
  return { fresh: fresh.length, show: () => fresh.length > 0 && insert(found!.page) };
};

const newsOf = ({ items }: Page<RunItem>, known: ReadonlySet<string> | null): RunItem[] =>
  items.filter(({ id }) => known !== null && !known.has(id));

/** Where nothing of the first page is known, what lies between is not known either: the list begins anew. */
const withNews = (known: RunPages, page: Page<RunItem>, newestFirst: boolean): RunPages => {
  const have = new Set(known.pages.flatMap(({ items }) => items.map(({ id }) => id)));
  const news = newsOf(page, have);
  const [first, ...rest] = known.pages;
  if (!first || !newestFirst || news.length === PAGE_SIZE) return { pages: [page], pageParams: [undefined] };
  const items = [...news, ...first.items].sort((a, b) => (a.id < b.id ? 1 : -1));
  return { ...known, pages: [{ ...first, items }, ...rest] };
};
