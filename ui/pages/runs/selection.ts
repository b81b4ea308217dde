import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { RunItem } from "../../../client";
import { useParam, writeParams } from "../../data/url";

/** Longer than this, an address is no longer one that people share. */
const MOST_IN_URL = 40;

const ALL = "all";

/** Which runs are chosen. */
export interface Selection {
  /** Those of them that were chosen one by one. */
  ids: ReadonlySet<string>;
  /** All that the filter finds, loaded or not. */
  all: boolean;
  none: boolean;
  has(id: string): boolean;
  toggle(id: string): void;
  /** From the one that was toggled last up to this one. */
  extend(id: string, rows: readonly RunItem[]): void;
  set(ids: readonly string[]): void;
  /** The whole filter; its rows stay chosen where one of them is taken out. */
  setAll(rows: readonly RunItem[]): void;
}

interface Chosen {
  ids: readonly string[];
  /** The filter of which all are chosen: with another one, only its rows are. */
  all: string | null;
}

const readChosen = (sel: string, q: string): Chosen =>
  sel === ALL ? { ids: [], all: q } : { ids: sel.split(",").filter(Boolean), all: null };

/** A selection that the address remembers. @param q the filter of the address. */
export const useSelection = (q: string): Selection => {
  const [sel] = useParam("sel");
  const [chosen, setChosen] = useState<Chosen>(() => readChosen(sel, q));
  const last = useRef<string | null>(null);
  const ids = useMemo(() => new Set(chosen.ids), [chosen.ids]);
  const all = chosen.all === q;
  useEffect(
    () => writeParams({ sel: all ? ALL : chosen.ids.length > MOST_IN_URL ? null : chosen.ids.join(",") }),
    [chosen.ids, all],
  );
  const set = useCallback((next: readonly string[]) => setChosen({ ids: next, all: null }), []);
  const toggle = useCallback(
    (id: string) => {
      last.current = id;
      setChosen((known) => ({ ids: toggled(known.ids, id, known.all === q), all: null }));
    },
    [q],
  );
  const extend = useCallback(
    (id: string, rows: readonly RunItem[]) => {
      const at = rows.findIndex((row) => row.id === id);
      const from = rows.findIndex((row) => row.id === last.current);
      if (from < 0) return toggle(id);
      const between = rows.slice(Math.min(at, from), Math.max(at, from) + 1).map((row) => row.id);
      setChosen((known) => ({ ids: [...new Set([...known.ids, ...between])], all: null }));
    },
    [toggle],
  );
  const setAll = useCallback((rows: readonly RunItem[]) => setChosen({ ids: rows.map((row) => row.id), all: q }), [q]);
  return { ids, all, none: !all && ids.size === 0, has: (id) => all || ids.has(id), toggle, extend, set, setAll };
};

/** Where all are chosen, what is toggled is taken out. */
const toggled = (ids: readonly string[], id: string, all: boolean): string[] =>
  all || ids.includes(id) ? ids.filter((one) => one !== id) : [...ids, id];
