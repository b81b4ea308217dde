import { useVirtualizer } from "@tanstack/react-virtual";
import {
  type CSSProperties,
  memo,
  type MouseEvent,
  type ReactNode,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { useLocation } from "wouter";
import type { RunItem, RunSort } from "../../../client";
import { writeParams } from "../../data/url";
import { type KeyGroup, useKeys } from "../../frame/keys";
import { Icon } from "../../parts/icon";
import { useNarrow } from "../../parts/narrow";
import { type Column, nextSort } from "./columns";
import { PhoneRow } from "./phone-row";
import type { Selection } from "./selection";
import { useProgress } from "./use-runs";

const ROW = 34;
const PHONE_ROW = 62;
/** Rows beyond the last that is in view are asked for before it is reached. */
const AHEAD = 20;
const SETTLED_MS = 200;

export interface RunListProps {
  rows: readonly RunItem[];
  columns: readonly Column[];
  sort: RunSort;
  setSort(sort: RunSort): void;
  selection: Selection;
  /** False: it left the filter while it was shown. It fades, but stays. */
  fits(run: RunItem): boolean;
  more: boolean;
  loadMore(): void;
  /** The first row that is to be in view. */
  anchor: string;
  onTop(top: boolean): void;
  /** Stands in the head, over the rows. */
  pill: ReactNode;
}

/** All runs of a filter in a table of which only what is in view exists. */
export const RunList = (props: RunListProps): ReactNode => {
  const { rows, columns, selection, more, loadMore, pill, fits } = props;
  const narrow = useNarrow();
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (narrow ? PHONE_ROW : ROW),
    getItemKey: (at) => rows[at]!.id,
    overscan: 20,
  });
  const items = virtual.getVirtualItems();
  const lastShown = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && lastShown >= rows.length - AHEAD) loadMore();
  }, [more, lastShown, rows.length, loadMore]);
  useLayoutEffect(() => virtual.measure(), [narrow, virtual]);
  const keepPlace = useAnchor(props, virtual, narrow ? PHONE_ROW : ROW);
  useProgress(items.map(({ index }) => rows[index]!));
  const { current, setCurrent } = useRowKeys(props, (at) => virtual.scrollToIndex(at), keepPlace);
  const template = useMemo(() => ["46px", ...columns.map(({ width }) => width)].join(" "), [columns]);
  return (
    <div
      className="runlist stale-ground"
      ref={scroller}
      role="table"
      aria-label="Runs"
      aria-rowcount={more ? -1 : rows.length + 1}
      style={{ "--columns": template } as CSSProperties}
      tabIndex={0}
      onScroll={({ currentTarget }) => props.onTop(currentTarget.scrollTop < ROW)}
      onClickCapture={({ target }) => {
        // Of links alone: drawn anew within its click, a checkbox would not notice that it was clicked.
        if (target instanceof Element && target.closest("a")) keepPlace();
      }}
    >
      <Head {...props} />
      {pill}
      <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {items.map(({ index, start }) => {
          const run = rows[index]!;
          return (
            <Row
              key={run.id}
              run={run}
              index={index}
              start={start}
              columns={columns}
              narrow={narrow}
              selected={selection.has(run.id)}
              current={run.id === current}
              left={!fits(run)}
              onPoint={setCurrent}
              onSelect={(extend) => (extend ? selection.extend(run.id, rows) : selection.toggle(run.id))}
            />
          );
        })}
      </div>
    </div>
  );
};

const Head = ({ columns, rows, sort, setSort, selection }: RunListProps): ReactNode => {
  const chosen = rows.filter(({ id }) => selection.has(id)).length;
  const all = chosen > 0 && chosen === rows.length;
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (box.current) box.current.indeterminate = chosen > 0 && !all;
  });
  const sortBy = (by: Parameters<typeof nextSort>[0], button: Element): void => {
    button.closest("[role=table]")!.scrollTop = 0;
    setSort(nextSort(by, sort));
  };
  return (
    <div role="rowgroup" className="runhead">
      <div role="row" className="runrow" aria-rowindex={1}>
        <span role="columnheader" className="pick">
          <input
            ref={box}
            type="checkbox"
            className="cb"
            aria-label="Select all loaded runs"
            checked={all}
            onChange={() => selection.set(all ? [] : rows.map(({ id }) => id))}
          />
        </span>
        {columns.map(({ name, title, right, sort: by }) => (
          <span
            key={name}
            role="columnheader"
            className={`c-${name} ${right ? "right" : ""}`}
            {...(by && sort.endsWith(by) && { "aria-sort": sort.startsWith("-") ? "descending" : "ascending" })}
          >
            {by ? (
              <button type="button" onClick={({ currentTarget }) => sortBy(by, currentTarget)}>
                {title}
                {sort.endsWith(by) && <Icon name={sort.startsWith("-") ? "down" : "up"} size={11} />}
              </button>
            ) : (
              title
            )}
          </span>
        ))}
      </div>
    </div>
  );
};

interface RowProps {
  run: RunItem;
  index: number;
  start: number;
  columns: readonly Column[];
  narrow: boolean;
  selected: boolean;
  current: boolean;
  left: boolean;
  onPoint(id: string): void;
  onSelect(extend: boolean): void;
}

const sameRow = (a: RowProps, b: RowProps): boolean =>
  a.run === b.run &&
  a.index === b.index &&
  a.start === b.start &&
  a.columns === b.columns &&
  a.narrow === b.narrow &&
  a.selected === b.selected &&
  a.current === b.current &&
  a.left === b.left;

const Row = memo(
  ({ run, index, start, columns, narrow, selected, current, left, onPoint, onSelect }: RowProps): ReactNode => {
    const [, navigate] = useLocation();
    const open = ({ target }: MouseEvent): void => {
      onPoint(run.id);
      const own = target instanceof Element && target.closest("a, button, input, label");
      if (!own && getSelection()?.isCollapsed !== false) navigate(`/runs/${run.id}`);
    };
    return (
      <div
        role="row"
        aria-rowindex={index + 2}
        aria-selected={selected}
        {...(current && { "aria-current": true })}
        className={`runrow ${narrow ? "phone" : ""} ${left ? "left" : ""}`}
        style={{ position: "absolute", top: 0, transform: `translateY(${start}px)` }}
        onClick={open}
      >
        <div role="cell" className="pick">
          <label>
            <input
              type="checkbox"
              className="cb"
              aria-label={`Select run ${run.id}`}
              checked={selected}
              onChange={({ nativeEvent }) => onSelect((nativeEvent as globalThis.MouseEvent).shiftKey)}
            />
          </label>
        </div>
        {narrow ? (
          <PhoneRow run={run} />
        ) : (
          columns.map(({ name, right, cell }) => (
            <span key={name} role="cell" className={`c-${name} ${right ? "right" : ""}`}>
              {cell(run)}
            </span>
          ))
        )}
      </div>
    );
  },
  sameRow,
);

/** j and k move, Enter opens, x selects. */
const useRowKeys = ({ rows, selection }: RunListProps, reveal: (at: number) => void, keepPlace: () => void) => {
  const [current, setCurrent] = useState<string | null>(null);
  const [, navigate] = useLocation();
  const state = { rows, selection, current, reveal, keepPlace };
  const latest = useRef(state);
  useEffect(() => {
    latest.current = state;
  });
  const move = useCallback((step: number) => {
    const { rows, current, reveal } = latest.current;
    const at = rows.findIndex(({ id }) => id === current);
    const to = at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + step));
    const run = rows[to];
    if (!run) return;
    setCurrent(run.id);
    reveal(to);
  }, []);
  const withCurrent = useCallback((act: (id: string) => void): boolean => {
    const { current } = latest.current;
    if (current !== null) act(current);
    return current !== null;
  }, []);
  const open = useCallback(
    (id: string) => {
      latest.current.keepPlace();
      navigate(`/runs/${id}`);
    },
    [navigate],
  );
  const keys = useMemo<KeyGroup>(
    () => ({
      title: "Runs",
      bindings: [
        { keys: "j", label: "Next run", act: () => move(1) },
        { keys: "k", label: "Previous run", act: () => move(-1) },
        { keys: "Enter", label: "Open it", act: () => withCurrent(open) },
        { keys: "x", label: "Select it", act: () => withCurrent((id) => latest.current.selection.toggle(id)) },
      ],
    }),
    [move, open, withCurrent],
  );
  useKeys(keys);
  return { current, setCurrent };
};

/**
 * The first row in view stands in the address, so that Back comes back to it.
 * @returns writes it at once, for who leaves before the scrolling has settled.
 */
const useAnchor = (
  { rows, anchor }: RunListProps,
  {
    scrollToIndex,
    scrollOffset,
  }: { scrollToIndex(at: number, options: { align: "start" }): void; scrollOffset: number | null },
  height: number,
): (() => void) => {
  const restored = useRef(false);
  useLayoutEffect(() => {
    if (restored.current || rows.length === 0) return;
    restored.current = true;
    const at = anchor === "" ? -1 : rows.findIndex(({ id }) => id === anchor);
    if (at > 0) scrollToIndex(at, { align: "start" });
  }, [anchor, rows, scrollToIndex]);
  const keepPlace = useCallback(() => {
    const first = Math.round((scrollOffset ?? 0) / height);
    writeParams({ anchor: first > 0 ? (rows[first]?.id ?? null) : null });
  }, [scrollOffset, height, rows]);
  useEffect(() => {
    const timer = setTimeout(keepPlace, SETTLED_MS);
    return () => clearTimeout(timer);
  }, [keepPlace]);
  return keepPlace;
};
