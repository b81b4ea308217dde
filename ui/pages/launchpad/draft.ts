import { useState } from "react";
import type { Format } from "./config-text";

export interface Draft {
  text: string;
  format: Format;
  tags: Record<string, string>;
  priority: number;
  runKey: string;
  /** Milliseconds; null: nobody has changed it yet. */
  savedAt: number | null;
}

const keyOf = (job: string, from: string): string => `dqueue.draft.${job}${from && `.${from}`}`;

const read = (key: string): Draft | null => {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null") as Draft | null;
  } catch {
    return null;
  }
};

/** What somebody is about to launch of a job, kept in this browser on every change. @param first before any change. */
export const useDraft = (job: string, from: string, first: () => Draft) => {
  const key = keyOf(job, from);
  const [draft, setDraft] = useState<Draft>(() => read(key) ?? first());
  const change = (next: Partial<Draft>): void => {
    const changed = { ...draft, ...next, savedAt: Date.now() };
    setDraft(changed);
    try {
      localStorage.setItem(key, JSON.stringify(changed));
    } catch {
      // No room: the draft holds for this page.
    }
  };
  const discard = (): void => {
    localStorage.removeItem(key);
    setDraft(first());
  };
  return { draft, change, discard };
};
