import type { Ink } from "./rects";

const NAMES = [
  "sheet",
  "sunken",
  "line",
  "line2",
  "ctl",
  "text",
  "text2",
  "text3",
  "accent",
  "accentbg",
  "accentline",
  "success",
  "failure",
  "started",
  "queued",
  "retry",
  "canceled",
  "lost",
  "failure-t",
  "retry-t",
  "lost-t",
  "started-t",
] as const;

/** The page's colours, as a canvas needs them. */
export type Palette = Readonly<Record<(typeof NAMES)[number] | Ink, string>> & { readonly font: string };

let known: Palette | null = null;
const watchers = new Set<() => void>();
const forget = (): void => {
  known = null;
  watchers.forEach((watcher) => watcher());
};
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", forget);
new MutationObserver(forget).observe(document.documentElement, { attributeFilter: ["data-theme"] });

/** The colours of the theme that is shown. */
export const palette = (): Palette => {
  if (known) return known;
  const style = getComputedStyle(document.documentElement);
  const colours = Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
  return (known = { ...colours, font: getComputedStyle(document.body).fontFamily } as Palette);
};

/** Told when the theme has changed. */
export const onPalette = (watcher: () => void): (() => void) => {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
};
