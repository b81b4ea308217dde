import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type ReactNode, useCallback, useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { writeParams } from "../../../data/url";
import { Button } from "../../../parts/buttons";
import { Empty, Loaded } from "../../../parts/states";
import { bookQuery, type LogBook, type LogQuestion, rowOfLine } from "./log-book";
import { type LogAddress, patternOf, useLogAddress } from "./log-filter";
import { LogList } from "./log-list";
import { Toolbar } from "./toolbar";
import { useReadingOn } from "./use-lines";
import "./logs.css";

/** A search begins once typing pauses. */
const TYPING_MS = 200;

/** What the ops of a run said and printed. */
export default function LogsTab({ runId }: { runId: string }): ReactNode {
  const address = useLogAddress(runId);
  const settled = useSettled(address);
  const question = useMemo<LogQuestion>(
    () => ({ run: runId, filter: settled.filter, find: settled.find, mode: settled.mode }),
    [runId, settled],
  );
  const query = useQuery({ ...bookQuery(question), placeholderData: keepPreviousData });
  const live = useReadingOn(question);
  const { chosen, target, match, choose, step } = usePlace(question, query.isPlaceholderData ? undefined : query.data);
  const pattern = useDeferredValue(useMemo(() => patternOf(settled), [settled]));
  return (
    <section className="logs" aria-label="Logs">
      <Toolbar runId={runId} address={address} book={query.data} match={match} step={step} />
      <Loaded query={query} failed="The logs could not be searched">
        {(book) =>
          book.shown === 0 ? (
            <NoLines book={book} live={live} />
          ) : (
            <LogList
              {...{ book, pattern, live, target, chosen, choose }}
              wrap={address.wrap}
              match={match === null ? null : (book.matches[match] ?? null)}
            />
          )
        }
      </Loaded>
    </section>
  );
}

const NoLines = ({ book, live }: { book: LogBook; live: boolean }): ReactNode =>
  book.lines > 0 && Object.keys(book.of.filter).join() === "until" ? (
    <Empty icon="terminal" title="No lines by then">
      The first ones were written later.
    </Empty>
  ) : book.lines === 0 ? (
    <Empty icon="terminal" title={live ? "No lines yet" : "The run has logged nothing"}>
      What ops print and what they write with <code>log</code> stands here.
    </Empty>
  ) : (
    <Empty
      icon="filter"
      title="No line fits"
      acts={
        <Button onClick={() => writeParams({ step: null, attempt: null, worker: null, hide: null }, { push: true })}>
          Show all lines
        </Button>
      }
    />
  );

/** The address, as soon as nobody types in it. */
const useSettled = (address: LogAddress): LogAddress => {
  const [settled, setSettled] = useState(address);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(address), address.find === settled.find ? 0 : TYPING_MS);
    return () => clearTimeout(timer);
  }, [address, settled.find]);
  return settled;
};

const lineOfHash = (): number | null => {
  const [, line] = /^#L(\d{1,9})$/.exec(location.hash) ?? [];
  return line === undefined ? null : Number(line);
};

interface Place {
  /** The line that the address names. */
  chosen: number | null;
  target: { row: number; wish: number } | null;
  match: number | null;
  choose(line: number): void;
  step(by: 1 | -1): void;
}

/** Which line is looked at: the one of the address, or one that was found. */
const usePlace = (question: LogQuestion, book: LogBook | undefined): Place => {
  const [chosen, setChosen] = useState(lineOfHash);
  const [target, setTarget] = useState<Place["target"]>(null);
  const [match, setMatch] = useState<{ of: LogQuestion; at: number } | null>(null);
  const goTo = useCallback((row: number) => setTarget((before) => ({ row, wish: (before?.wish ?? 0) + 1 })), []);
  const opened = useRef(false);
  useEffect(() => {
    if (!book || opened.current) return;
    opened.current = true;
    if (chosen !== null && book.shown > 0) void rowOfLine(question.run, question.filter, book, chosen).then(goTo);
  }, [book, chosen, question, goTo]);
  const at = match?.of === question ? match.at : null;
  const choose = useCallback((line: number) => {
    setChosen(line);
    history.replaceState(history.state, "", `#L${line}`);
  }, []);
  const step = useCallback(
    (by: 1 | -1) => {
      const found = book?.matches.length ?? 0;
      if (!book || found === 0) return;
      const next = at === null ? (by > 0 ? 0 : found - 1) : (at + by + found) % found;
      setMatch({ of: question, at: next });
      goTo(book.matches[next]!);
    },
    [book, at, question, goTo],
  );
  return { chosen, target, match: at, choose, step };
};
