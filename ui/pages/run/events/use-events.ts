import { useInfiniteQuery, useQueries } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import type { RunEvent } from "../../../../client";
import { api } from "../../../data/client";
import { saidBy } from "./event-kinds";

const PAGE = 500;
/** Found ones beyond what is in view are looked for when somebody scrolls there. */
const ENOUGH = 100;

/** Events without gaps from 1 on: every page's place is known. */
export const useAllEvents = (
  run: string,
  seq: number,
  first: number,
  last: number,
): ((row: number) => RunEvent | undefined) => {
  const from = Math.floor(first / PAGE);
  const pages = Array.from({ length: Math.floor(Math.max(first, last) / PAGE) - from + 1 }, (_, i) => from + i);
  const queries = useQueries({
    queries: pages.map((page) => {
      const rows = Math.min(PAGE, seq - page * PAGE);
      return {
        queryKey: ["events", run, page, rows],
        queryFn: async () => (await api.runs.events(run, { after: page * PAGE, limit: Math.max(1, rows) })).items,
        staleTime: Infinity,
        // While a page grows, what of it is known stays.
        placeholderData: (known: RunEvent[] | undefined) => (known?.[0]?.seq === page * PAGE + 1 ? known : undefined),
      };
    }),
  });
  return (row) => queries[Math.floor(row / PAGE) - from]?.data?.[row % PAGE];
};

interface Found {
  events: readonly RunEvent[];
  /** So far has been looked. */
  looked: number;
  more: boolean;
  error: Error | null;
  loadMore(): void;
}

/** Events of some types that say something, looked for from the first on. */
export const useFoundEvents = (run: string, types: readonly string[] | null, text: string, on: boolean): Found => {
  const query = useInfiniteQuery({
    queryKey: ["events", run, "of", types],
    queryFn: ({ pageParam }) =>
      api.runs.events(run, { after: pageParam, limit: 1_000, ...(types && { type: [...types] }) }),
    initialPageParam: 0,
    getNextPageParam: ({ next_cursor }) => (next_cursor === null ? undefined : Number(next_cursor)),
    enabled: on,
    staleTime: 3_000,
  });
  const pages = query.data?.pages;
  const events = useMemo(() => {
    const all = pages?.flatMap(({ items }) => items) ?? [];
    const wanted = text.toLowerCase();
    return wanted === "" ? all : all.filter((event) => says(event, wanted));
  }, [pages, text]);
  const { hasNextPage, isFetching, fetchNextPage } = query;
  const lacking = on && text !== "" && events.length < ENOUGH && hasNextPage && !isFetching;
  useEffect(() => {
    if (lacking) void fetchNextPage();
  }, [lacking, fetchNextPage]);
  return {
    events,
    looked: pages?.at(-1)?.items.at(-1)?.seq ?? 0,
    more: hasNextPage,
    error: query.error,
    loadMore: () => void (isFetching || fetchNextPage()),
  };
};

const says = (event: RunEvent, wanted: string): boolean =>
  [event.type, event.step ?? "", saidBy(event)].some((said) => said.toLowerCase().includes(wanted));
