import type { Virtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type RefObject, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { type KeyGroup, useKeys } from "../frame/keys";

interface List {
  /** Of the list, for the help and for its rows. */
  name: string;
  virtual: Virtualizer<HTMLDivElement, Element>;
  scroller: RefObject<HTMLDivElement | null>;
  rows: number;
  /** What can be done with a row: the control in it that a key presses, by selector. */
  acts: Readonly<Record<string, string>>;
  /** Of Enter, for the help. */
  enter: string;
  /** A row was gone to. */
  moved(row: number): void;
}

/**
 * A virtual list as one stop of the keyboard: arrows, j and k move from row to row, and what can be done with a row has
 * a key. Its controls need `tabIndex={-1}`.
 * @returns what the scroller is to have, and the row where the keyboard is; −1: it has not been there.
 */
export const useListKeys = (list: List) => {
  const [chosen, setAt] = useState(-1);
  const at = Math.min(chosen, list.rows - 1);
  const { name, virtual, scroller, rows, acts, enter } = list;
  const go = (to: number, { shown = false } = {}): void => {
    const row = Math.max(0, Math.min(rows - 1, to));
    setAt(row);
    list.moved(row);
    if (!shown) virtual.scrollToIndex(row);
  };
  const move = (by: number): void => go(at < 0 ? (virtual.range?.startIndex ?? 0) : at + by);
  const latest = useRef(move);
  useEffect(() => void (latest.current = move));
  const step = useCallback(
    (by: 1 | -1) => {
      scroller.current?.focus({ preventScroll: true });
      latest.current(by);
    },
    [scroller],
  );
  const keys = useMemo<KeyGroup>(
    () => ({
      title: name,
      bindings: [
        { keys: "j", label: "Next row", act: () => step(1) },
        { keys: "k", label: "Row before", act: () => step(-1) },
        // The list itself hears it; elsewhere it is somebody else's.
        { keys: "Enter", label: enter, act: () => false },
      ],
    }),
    [name, enter, step],
  );
  useKeys(keys);
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    // The list goes there by keys of its own.
    if (event.key === "Home" || event.key === "End") return go(event.key === "Home" ? 0 : rows - 1, { shown: true });
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const act = acts[event.key];
    if (by === undefined && act === undefined) return;
    event.preventDefault();
    if (by !== undefined) return move(by);
    scroller.current!.querySelector<HTMLElement>(`[data-index="${at}"] :is(${act})`)?.click();
  };
  const isThere = virtual.getVirtualItems().some(({ index }) => index === at);
  return {
    at,
    props: {
      role: rows > 0 ? "grid" : "region",
      tabIndex: 0,
      "aria-rowcount": rows > 0 ? rows : undefined,
      "aria-activedescendant": isThere ? rowId(name, at) : undefined,
      onKeyDown,
    },
  };
};

/** Of a row's element. */
export const rowId = (list: string, row: number): string => `${list.replaceAll(" ", "-")}-${row}`;
