import { useCallback, useSyncExternalStore } from "react";
import type { Draft } from "./draft";

/** A launch of a job that has a name, kept in this browser. */
export interface Preset extends Pick<Draft, "text" | "format" | "tags" | "priority"> {
  name: string;
}

const keyOf = (job: string): string => `dqueue.presets.${job}`;

const watchers = new Set<() => void>();
const watch = (watcher: () => void): (() => void) => {
  watchers.add(watcher);
  addEventListener("storage", watcher);
  return () => {
    watchers.delete(watcher);
    removeEventListener("storage", watcher);
  };
};

/** "" where there is no storage. */
const stored = (job: string): string => {
  try {
    return localStorage.getItem(keyOf(job)) ?? "";
  } catch {
    return "";
  }
};

const parsed = (text: string): readonly Preset[] => {
  try {
    return JSON.parse(text) as Preset[];
  } catch {
    return [];
  }
};

/** All presets of a job, oldest first. */
export const presetsOf = (job: string): readonly Preset[] => parsed(stored(job));

const write = (job: string, presets: readonly Preset[]): void => {
  localStorage.setItem(keyOf(job), JSON.stringify(presets));
  watchers.forEach((watcher) => watcher());
};

/** One of the same name is replaced. @throws DOMException where the browser keeps nothing (more). */
export const savePreset = (job: string, { name, text, format, tags, priority }: Preset): void => {
  const preset = { name, text, format, tags, priority };
  const known = presetsOf(job);
  const at = known.findIndex((one) => one.name === name);
  write(job, at < 0 ? [...known, preset] : known.with(at, preset));
};

export const removePreset = (job: string, name: string): void =>
  write(
    job,
    presetsOf(job).filter((one) => one.name !== name),
  );

export const usePresets = (job: string): readonly Preset[] =>
  parsed(
    useSyncExternalStore(
      watch,
      useCallback(() => stored(job), [job]),
    ),
  );
