import { useEffect, useSyncExternalStore } from "react";

export interface KeyBinding {
  /** `g r`, `/`, `mod+k`, `Escape`: strokes by their `KeyboardEvent.key`, `mod` is ⌘ or Ctrl. */
  keys: string;
  /** For the help. */
  label: string;
  /** False: it was not for this one after all; the next one is asked. */
  act(event: KeyboardEvent): void | boolean;
  /** It also acts while somebody types. */
  typing?: boolean;
}

export interface KeyGroup {
  title: string;
  bindings: readonly KeyBinding[];
}

/** A second stroke must come within. */
const SEQUENCE_MS = 1_200;

let groups: readonly KeyGroup[] = [];
const watchers = new Set<() => void>();
const change = (next: typeof groups): void => {
  groups = next;
  watchers.forEach((watcher) => watcher());
};
const watch = (watcher: () => void): (() => void) => {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
};

/**
 * Binds keys while the component is there; those of who comes later go first, and all go before those of the `frame`,
 * whose effects come after its page's where both are drawn at once. `group` must be kept between renders.
 */
export const useKeys = (group: KeyGroup, of: "page" | "frame" = "page"): void =>
  useEffect(() => {
    change(of === "frame" ? [group, ...groups] : [...groups, group]);
    return () => change(groups.filter((known) => known !== group));
  }, [group, of]);

/** All that is bound now. */
export const useKeyGroups = (): readonly KeyGroup[] => useSyncExternalStore(watch, () => groups);

const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

/** `⌘K`, `Ctrl K`, `g r` */
export const shownKeys = (keys: string): string =>
  keys
    .replace(/^mod\+(\w)$/, (_, key: string) => (isMac ? `⌘${key.toUpperCase()}` : `Ctrl ${key.toUpperCase()}`))
    .replace(/^mod\+enter$/, isMac ? "⌘↵" : "Ctrl ↵")
    .replace("Escape", "Esc")
    .replace("Enter", "↵");

const strokeOf = ({ key, metaKey, ctrlKey, altKey }: KeyboardEvent): string | null => {
  if (altKey) return null;
  return metaKey || ctrlKey ? `mod+${key.toLowerCase()}` : key;
};

const types = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.matches("input:not([type=checkbox], [type=radio]), textarea, select"));

/** Enter and Space of what has the focus are its own. */
const isOwn = (target: EventTarget | null, stroke: string): boolean =>
  (stroke === "Enter" || stroke === " ") &&
  target instanceof HTMLElement &&
  target.matches("a, button, summary, [role]");

let before = { stroke: "", at: 0 };

const press = (event: KeyboardEvent): void => {
  const stroke = strokeOf(event);
  if (stroke === null || event.defaultPrevented || event.isComposing) return;
  // What lies on top has keys of its own.
  if (document.querySelector('[role="dialog"], [role="menu"]')) return;
  // Within a shadow tree (an editor) `target` is its host.
  const [target = null] = event.composedPath();
  if (isOwn(target, stroke)) return;
  const typing = types(target);
  const sequence = event.timeStamp - before.at < SEQUENCE_MS ? `${before.stroke} ${stroke}` : null;
  before = typing ? { stroke: "", at: 0 } : { stroke, at: event.timeStamp };
  const candidates = groups.toReversed().flatMap(({ bindings }) => bindings);
  for (const binding of candidates) {
    if (typing && !binding.typing) continue;
    if (binding.keys !== sequence && binding.keys !== stroke) continue;
    if (binding.keys === stroke && sequence !== null && candidates.some(({ keys }) => keys === sequence)) continue;
    if (binding.act(event) === false) continue;
    event.preventDefault();
    before = { stroke: "", at: 0 };
    return;
  }
};
addEventListener("keydown", press);
