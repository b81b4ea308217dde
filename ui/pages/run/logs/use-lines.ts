import { useQueries, useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import type { NumberedLogLine } from "../../../../client";
import { runQuery } from "../../../data/queries";
import { runHasEnded } from "../../../parts/status";
import { type LogBook, type LogQuestion, pageAt, pageQuery, readOn, rowsOf } from "./log-book";

/** Lines are no events: while a run goes on they are looked for. */
const LOOK_MS = 1_000;
/** The last lines may come behind the run's end. */
const LATE_MS = 2_000;

/** Reads on while the run goes on. True: it does. */
export const useReadingOn = (question: LogQuestion): boolean => {
  const { data: run } = useQuery(runQuery(question.run));
  const live = run !== undefined && !runHasEnded(run.status);
  const latest = useRef(question);
  useEffect(() => {
    latest.current = question;
  });
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    let over = false;
    const look = async (): Promise<void> => {
      // Who cannot be asked now is asked again.
      if (!document.hidden) await readOn(latest.current).catch(() => undefined);
      if (live && !over) timer = setTimeout(() => void look(), LOOK_MS);
    };
    timer = setTimeout(() => void look(), live ? LOOK_MS : LATE_MS);
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [live]);
  return live;
};

/** The lines of the rows in view, as far as they are there. */
export const useLines = (
  book: LogBook,
  first: number,
  last: number,
): ((row: number) => NumberedLogLine | undefined) => {
  const { run, filter } = book.of;
  const from = pageAt(book, first);
  const to = pageAt(book, Math.max(first, last));
  const pages = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  const queries = useQueries({ queries: pages.map((page) => pageQuery(run, filter, book, page)) });
  const lacking = pages.findIndex((page, i) => {
    const { data, isFetching } = queries[i]!;
    return data !== undefined && !isFetching && data.length < rowsOf(book, page);
  });
  const refetch = lacking < 0 ? null : queries[lacking]!.refetch;
  useEffect(() => void refetch?.(), [refetch]);
  return (row) => {
    const page = pageAt(book, row);
    return queries[page - from]?.data?.[row - book.starts[page]!.row];
  };
};
