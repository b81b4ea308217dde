import type { LogFilter, LogKind, LogSearch, LogSearchOptions, NumberedLogLine } from "../../../../client";
import { cache } from "../../../data/cache";
import { api } from "../../../data/client";

const PAGE = 500;
/** A page that grows ends here: more than one answer of the server it must not be. */
const LONGEST_PAGE = 1_000;

/** Where a page of lines begins. */
interface Start {
  row: number;
  /** How many lines of the run are before it. */
  number: number;
  /** Id of the line before it. */
  after?: string;
}

/** What is known of a run's lines without having them: how many, where they are, which match. */
export interface LogBook {
  /** What was asked. While another question is on its way, the book of the one before is shown. */
  of: LogQuestion;
  lines: number;
  shown: number;
  kinds: Partial<Record<LogKind, number>>;
  starts: readonly Start[];
  matchCount: number;
  matches: readonly number[];
  errors: readonly number[];
  warnings: readonly number[];
  last: string | null;
}

const NOTHING: Omit<LogBook, "of"> = {
  lines: 0,
  shown: 0,
  kinds: {},
  starts: [{ row: 0, number: 0 }],
  matchCount: 0,
  matches: [],
  errors: [],
  warnings: [],
  last: null,
};

/** The book with what came behind it. */
export const extended = (book: LogBook, news: LogSearch): LogBook => {
  if (news.last === null) return book;
  const { lines, shown } = book;
  const rows = (of: readonly number[]): number[] => of.map((row) => row + shown);
  const kinds = { ...book.kinds };
  for (const [kind, n] of Object.entries(news.kinds) as [LogKind, number][]) kinds[kind] = (kinds[kind] ?? 0) + n;
  return {
    of: book.of,
    lines: lines + news.lines,
    shown: shown + news.shown,
    kinds,
    starts: fits(book, news) ? book.starts : [...book.starts, ...startsOf(book, news)],
    matchCount: book.matchCount + news.match_count,
    matches: [...book.matches, ...rows(news.matches)],
    errors: [...book.errors, ...rows(news.errors)],
    warnings: [...book.warnings, ...rows(news.warnings)],
    last: news.last,
  };
};

/** True: what came is of the last page. */
const fits = (book: LogBook, news: LogSearch): boolean =>
  book.shown > 0 && book.shown - book.starts.at(-1)!.row + news.shown <= LONGEST_PAGE;

const startsOf = ({ lines, shown, last }: LogBook, { places }: LogSearch): Start[] => [
  ...(last === null ? [] : [{ row: shown, number: lines, after: last }]),
  ...places.map(([number, after], i) => ({ row: shown + (i + 1) * PAGE, number: lines + number, after })),
];

export interface LogQuestion {
  run: string;
  filter: LogFilter;
  find: string;
  mode: NonNullable<LogSearchOptions["mode"]>;
}

const ask = ({ run, filter, find, mode }: LogQuestion, after: string | null): Promise<LogSearch> =>
  api.runs.searchLogs(run, { ...filter, ...(find && { q: find, mode }), ...(after !== null && { after }) });

export const bookQuery = (question: LogQuestion) => ({
  queryKey: ["logs", question.run, "book", question],
  queryFn: async (): Promise<LogBook> => extended({ ...NOTHING, of: question }, await ask(question, null)),
  // It is read on as lines come.
  staleTime: Infinity,
});

/** Index of the page that a row is of. */
export const pageAt = ({ starts }: LogBook, row: number): number => {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]!.row <= row) low = middle;
    else high = middle - 1;
  }
  return low;
};

export const rowsOf = ({ starts, shown }: LogBook, page: number): number =>
  (starts[page + 1]?.row ?? shown) - starts[page]!.row;

const pageKey = (run: string, filter: LogFilter, { after }: Start): unknown[] => ["logs", run, "page", filter, after];

/** The lines of a page, with their numbers in the run. */
export const pageQuery = (run: string, filter: LogFilter, book: LogBook, page: number) => {
  const start = book.starts[page]!;
  return {
    queryKey: pageKey(run, filter, start),
    queryFn: () => linesFrom(run, filter, start.after, start.number, Math.max(1, rowsOf(book, page))),
    staleTime: Infinity,
  };
};

const linesFrom = async (
  run: string,
  filter: LogFilter,
  after: string | undefined,
  before: number,
  limit: number,
): Promise<NumberedLogLine[]> => {
  const { items } = await api.runs.logLines(run, { ...filter, limit, ...(after !== undefined && { after }) });
  return items.map((line) => ({ ...line, number: before + line.number }));
};

/** Reads on behind what is known. */
export const readOn = async (question: LogQuestion): Promise<void> => {
  const { queryKey } = bookQuery(question);
  const book = cache.getQueryData<LogBook>(queryKey);
  if (!book) return;
  const news = await ask(question, book.last);
  if (news.last === null || cache.getQueryData(queryKey) !== book) return;
  if (news.shown > 0 && fits(book, news)) await growPage(question, book, news.shown);
  cache.setQueryData(queryKey, extended(book, news));
};

/** Adds new lines to the last page, where that is there. */
const growPage = async ({ run, filter }: LogQuestion, book: LogBook, rows: number): Promise<void> => {
  const page = book.starts.length - 1;
  const key = pageKey(run, filter, book.starts[page]!);
  const known = cache.getQueryData<NumberedLogLine[]>(key);
  if (known?.length !== rowsOf(book, page)) return void cache.invalidateQueries({ queryKey: key });
  const more = await linesFrom(run, filter, book.last!, book.lines, rows);
  cache.setQueryData(key, [...known, ...more]);
};

/** The row of a line, or of the next that is shown. */
export const rowOfLine = async (run: string, filter: LogFilter, book: LogBook, number: number): Promise<number> => {
  const page = Math.max(
    0,
    book.starts.findLastIndex((start) => start.number < number),
  );
  const lines = await cache.fetchQuery(pageQuery(run, filter, book, page));
  const at = lines.findIndex((line) => line.number >= number);
  return book.starts[page]!.row + (at < 0 ? Math.max(0, lines.length - 1) : at);
};
