const WITHIN_REACH = "a[href], button, input, select, textarea, summary, [tabindex]";
/** What belongs together: the focus stays in it as long as there is something to have it. */
const REGIONS = "section, article, aside, form, header, footer, nav, [role=dialog], main";

/** What had the focus last and has not given it up; only where it could be seen: a finger's tap leaves none behind. */
let last: { element: Element; page: string } | null = null;

/**
 * Keeps the focus in its place where what has it goes away by its own act, or with its row: a button that an input
 * stands in for, "Show more", an entry that was removed. The same control gets it where it was drawn anew, else what
 * took its place, else the next within reach in the same region, else the one before; on another page, the page. Who
 * knows better, such as a dialog that gives the focus back to its opener, goes first. Without it the keyboard begins anew
 * at the top, and a screen reader is lost.
 */
export const keepFocus = (): void => {
  addEventListener("focusin", ({ target }) => {
    last =
      target instanceof Element && target.matches(":focus-visible")
        ? { element: target, page: location.pathname }
        : null;
  });
  // What stays has given it up freely: by Esc, or by a click on the ground.
  addEventListener("focusout", () => queueMicrotask(() => isLost() && last?.element.isConnected && (last = null)));
  new MutationObserver((changes) => {
    if (last === null || last.element.isConnected) return;
    const { element, page } = last;
    last = null;
    const place = placeOf(element, changes);
    setTimeout(() => {
      if (!isLost()) return;
      const heir = page === location.pathname && place ? heirOf(element, place) : null;
      (heir ?? document.querySelector("main"))?.focus({ preventScroll: true });
    });
  }).observe(document, { childList: true, subtree: true });
};

const isLost = (): boolean => document.activeElement === document.body;

interface Place {
  parent: Element;
  /** What stood before it. */
  before: Node | null;
}

/** Where it was, as far as that is still there. */
const placeOf = (lost: Node, changes: readonly MutationRecord[]): Place | null => {
  const change = changes.find(({ removedNodes }) => [...removedNodes].some((node) => node.contains(lost)));
  if (!change) return null;
  const { target, previousSibling: before } = change;
  if (!target.isConnected) return placeOf(target, changes);
  return target instanceof Element ? { parent: target, before: before?.isConnected ? before : null } : null;
};

const heirOf = (lost: Element, { parent, before }: Place): HTMLElement | null => {
  const region = parent.closest(REGIONS) ?? parent;
  const all = [...region.querySelectorAll<HTMLElement>(WITHIN_REACH)].filter(isWithinReach);
  const same = all.find((one) => one.tagName === lost.tagName && nameOf(one) !== "" && nameOf(one) === nameOf(lost));
  const next = all.find((one) => (before ? isBehind(before, one) : parent.contains(one) || isBehind(parent, one)));
  return same ?? next ?? all.at(-1) ?? null;
};

const nameOf = (one: Element): string => one.getAttribute("aria-label") ?? one.textContent;

const isWithinReach = (one: HTMLElement): boolean =>
  one.tabIndex >= 0 && !one.matches(":disabled") && one.checkVisibility();

const isBehind = (one: Node, other: Node): boolean =>
  (one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0 && !one.contains(other);
