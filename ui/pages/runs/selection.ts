import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { RunItem } from "../../../client";
import { useParam, writeParams } from "../../data/url";

/** Longer than this, an address is no longer one that people share. */
const MOST_IN_URL = 40;

/** Which runs are chosen. */
export interface Selection {
  ids: ReadonlySet<string>;
  toggle(id: string): void;
  /** From the one that was toggled last up to this one. */
  extend(id: string, rows: readonly RunItem[]): void;
  set(ids: readonly string[]): void;
}

/** A selection that the address remembers. */
export const useSelection = (): Selection => {
  const [sel] = useParam("sel");
  const [chosen, setChosen] = useState<readonly string[]>(() => sel.split(",").filter(Boolean));
  const last = useRef<string | null>(null);
  const ids = useMemo(() => new Set(chosen), [chosen]);
  useEffect(() => writeParams({ sel: chosen.length > MOST_IN_URL ? null : chosen.join(",") }), [chosen]);
  const toggle = useCallback((id: string) => {
    last.current = id;
    setChosen((known) => (known.includes(id) ? known.filter((one) => one !== id) : [...known, id]));
  }, []);
  const extend = useCallback(
    (id: string, rows: readonly RunItem[]) => {
      const at = rows.findIndex((row) => row.id === id);
      const from = rows.findIndex((row) => row.id === last.current);
      if (from < 0) return toggle(id);
      const between = rows.slice(Math.min(at, from), Math.max(at, from) + 1).map((row) => row.id);
      setChosen((known) => [...new Set([...known, ...between])]);
    },
    [toggle],
  );
  return { ids, toggle, extend, set: setChosen };
};
