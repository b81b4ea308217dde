import { useVirtualizer, type Virtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useLayoutEffect, useMemo, useRef } from "react";
import { type KeyGroup, useKeys } from "../../../frame/keys";
import { FollowPill, useFollow, VirtualRows } from "../../../parts/follow";
import { useListKeys } from "../../../parts/list-keys";
import { useZone } from "../../../parts/time";
import type { LogBook } from "./log-book";
import { LogRow } from "./log-row";
import { Rail } from "./rail";
import { useLines } from "./use-lines";

const ROW = 24;
const LINES = {
  name: "Logs",
  enter: "Link to the line",
  acts: { Enter: ".no", ArrowRight: "[aria-expanded=false]", ArrowLeft: "[aria-expanded=true]", w: ".whole-line" },
};

interface Props {
  book: LogBook;
  pattern: RegExp | null;
  wrap: boolean;
  /** More lines come. */
  live: boolean;
  /** To be brought into view; the number tells one wish from the next. */
  target: { row: number; wish: number } | null;
  /** The line that the address names. */
  chosen: number | null;
  /** The row of the match that is shown. */
  match: number | null;
  choose(line: number): void;
}

type Lines = Virtualizer<HTMLDivElement, Element>;

/** All lines of a filter, of which only what is in view exists. */
export const LogList = ({ book, pattern, wrap, live, target, chosen, match, choose }: Props): ReactNode => {
  const zone = useZone();
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: book.shown,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 20,
  });
  const items = virtual.getVirtualItems();
  const lineAt = useLines(book, items[0]?.index ?? 0, items.at(-1)?.index ?? 0);
  const { fresh, follow, stay } = useFollow(virtual, scroller, book.shown, live && target === null);
  const moved = (row: number): void => void (row < book.shown - 1 && stay());
  const keys = useListKeys({ ...LINES, virtual, scroller, rows: book.shown, moved });
  useTarget(virtual, target);
  useKeys(useMemo(() => endKeys(follow, () => virtual.scrollToIndex(0)), [follow, virtual]));
  const row = (index: number): ReactNode => {
    const line = lineAt(index);
    if (line === undefined) return <div className="lg" role="gridcell" />;
    const above = book.of.filter.kind && index > 0 ? lineAt(index - 1) : undefined;
    const before = above ? line.number - above.number - 1 : 0;
    return (
      <LogRow
        {...{ line, pattern, zone, choose, before }}
        chosen={match === null ? line.number === chosen : index === match}
      />
    );
  };
  return (
    <div className="lb">
      <div ref={scroller} className={`lines mono ${wrap ? "wrap" : ""}`} aria-label="Log lines" {...keys.props}>
        <VirtualRows list={LINES.name} virtual={virtual} at={keys.at}>
          {row}
        </VirtualRows>
      </div>
      <Rail
        book={book}
        top={items[0]?.index ?? 0}
        rows={items.length}
        goTo={(at) => virtual.scrollToIndex(at, { align: "center" })}
      />
      <FollowPill fresh={fresh} one="new line" follow={follow} />
    </div>
  );
};

const endKeys = (toEnd: () => void, toStart: () => void): KeyGroup => ({
  title: "Logs",
  bindings: [
    { keys: "End", label: "Last line, and follow", act: toEnd },
    { keys: "Home", label: "First line", act: toStart },
  ],
});

const useTarget = (virtual: Lines, target: Props["target"]): void =>
  useLayoutEffect(() => {
    if (target) virtual.scrollToIndex(target.row, { align: "center" });
  }, [virtual, target]);
