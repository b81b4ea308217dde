/** On elements whose tooltip was set here, and not by a part of the page. */
const MARK = "data-whole-words";

/** The nearest element around a place whose text ends in three dots for want of room; null if a tooltip is nearer. */
const cutAround = (place: Element): Element | null => {
  for (let at: Element | null = place; at; at = at.parentElement) {
    const isCut = at.scrollWidth > at.clientWidth && getComputedStyle(at).textOverflow === "ellipsis";
    if (at.hasAttribute(MARK) && !isCut) {
      at.removeAttribute(MARK);
      at.removeAttribute("title");
    }
    if (at.hasAttribute("title") && !at.hasAttribute(MARK)) return null;
    if (isCut) return at;
  }
  return null;
};

/** On every page, what is cut off for want of room tells the whole of it once it is pointed at. */
export const tellWholeWords = (): void =>
  document.addEventListener("pointerover", ({ target }) => {
    const cut = target instanceof Element ? cutAround(target) : null;
    if (cut === null) return;
    cut.setAttribute(MARK, "");
    cut.setAttribute("title", cut.textContent);
  });
