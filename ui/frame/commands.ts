import { useEffect, useSyncExternalStore } from "react";
import type { IconName } from "../parts/icon";

/** A verb that the palette offers. */
export interface Command {
  /** "Cancel run 0198f3c2-7d41" */
  title: string;
  icon: IconName;
  /** As bound elsewhere, for show. */
  keys?: string;
  /** Why it may not be done: it is offered, says so, and does nothing else. */
  not?: string | false;
  act(): void;
}

let sets: readonly (readonly Command[])[] = [];
const watchers = new Set<() => void>();
const change = (next: typeof sets): void => {
  sets = next;
  watchers.forEach((watcher) => watcher());
};
const watch = (watcher: () => void): (() => void) => {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
};

/** Offers verbs in the palette while the component is there. `commands` must be kept between renders. */
export const useCommands = (commands: readonly Command[]): void =>
  useEffect(() => {
    change([commands, ...sets]);
    return () => change(sets.filter((known) => known !== commands));
  }, [commands]);

export const useOfferedCommands = (): readonly (readonly Command[])[] => useSyncExternalStore(watch, () => sets);
