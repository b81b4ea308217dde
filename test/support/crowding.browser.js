/**
 * Runs in a page, as it is shown: finds words over other words, words cut off of which nothing tells the whole when they
 * are pointed at, and a page that scrolls sideways.
 */
(() => {
  /** Rounding, and letters that lean over their box. */
  const SLACK_PX = 2;
  const flaws = new Set();

  const nameOf = ({ tagName, classList }) => [tagName.toLowerCase(), ...classList].join(".");
  const placeOf = (element) => {
    const path = [];
    for (let at = element; at && path.length < 4; at = at.parentElement) path.unshift(nameOf(at));
    return path.join(" ");
  };
  const short = (words) => (words.length > 40 ? `${words.slice(0, 40)}…` : words);

  const isTold = (element, words) => {
    element.dispatchEvent(new PointerEvent("pointerover", { bubbles: true }));
    for (let at = element; at; at = at.parentElement) if (at.title.replace(/\s+/g, " ").includes(words)) return true;
    return false;
  };
  /** Only where words stand in a line of their own, not where they are items of a flex box, three dots are drawn. */
  const isMarked = ({ textOverflow, display }) => textOverflow === "ellipsis" && !/flex|grid/.test(display);

  /** A line of words, cut to what is seen of it. `cut`: by what and how much, if it cannot be scrolled to. */
  const seenOf = (element, { left, right, top, bottom }) => {
    const line = { element, left, right, top, bottom, cut: null };
    let scrolls = false;
    for (let at = element; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (at.parentElement && style.overflowX === "visible" && style.overflowY === "visible") continue;
      const clip = at.parentElement
        ? at.getBoundingClientRect()
        : { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
      // For those who hear the page.
      if (style.clipPath === "inset(50%)") return null;
      scrolls ||= /auto|scroll/.test(style.overflowX) && at.scrollWidth > at.clientWidth;
      if (!scrolls && Math.max(line.right - clip.right, clip.left - line.left) > SLACK_PX)
        line.cut = line.cut === null ? isMarked(style) : line.cut && isMarked(style);
      line.left = Math.max(line.left, clip.left);
      line.right = Math.min(line.right, clip.right);
      line.top = Math.max(line.top, clip.top);
      line.bottom = Math.min(line.bottom, clip.bottom);
    }
    return line;
  };

  for (const page of [
    document.documentElement,
    ...document.querySelectorAll("main > :not([tabindex]), .page, [role=dialog]"),
  ])
    if (page.scrollWidth > page.clientWidth + SLACK_PX && /auto|scroll|visible/.test(getComputedStyle(page).overflowX))
      flaws.add(`scrolls sideways: ${placeOf(page)}`);
  const lines = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    const words = node.textContent.trim().replace(/\s+/g, " ");
    if (words === "" || element.closest(".sr, script, noscript") || !element.checkVisibility()) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) {
      const line = seenOf(element, box);
      if (line === null) continue;
      line.words = words;
      if (line.cut === false) flaws.add(`cut without a mark: ${placeOf(element)}: ${short(words)}`);
      else if (line.cut && !isTold(element, words)) flaws.add(`cut and not told: ${placeOf(element)}: ${short(words)}`);
      if (line.right - line.left > SLACK_PX && line.bottom - line.top > SLACK_PX) lines.push(line);
    }
  }

  /** What lies below something opaque is not seen. */
  const isSeen = ({ element }, x, y) => {
    for (const above of document.elementsFromPoint(x, y)) {
      if (above.contains(element)) return true;
      if (element.contains(above)) continue;
      const { backgroundColor } = getComputedStyle(above);
      if (!/, 0\)$|transparent/.test(backgroundColor)) return false;
    }
    return false;
  };
  lines.sort((a, b) => a.top - b.top);
  lines.forEach((one, i) => {
    for (const other of lines.slice(i + 1)) {
      if (other.top > one.bottom - SLACK_PX) break;
      // What is cut off is told of in pieces that lie on one another.
      if (one.element === other.element) continue;
      const [left, right] = [Math.max(one.left, other.left), Math.min(one.right, other.right)];
      const [top, bottom] = [Math.max(one.top, other.top), Math.min(one.bottom, other.bottom)];
      if (right - left <= SLACK_PX || bottom - top <= 2 * SLACK_PX) continue;
      const at = [(left + right) / 2, (top + bottom) / 2];
      if (isSeen(one, ...at) && isSeen(other, ...at))
        flaws.add(
          `overlap: ${placeOf(one.element)}: ${short(one.words)} | ${placeOf(other.element)}: ${short(other.words)}`,
        );
    }
  });
  return [...flaws];
})();
