/**
 * Runs in a page, as it is shown on a phone: finds controls that a finger misses, of which less than 44 px answer to it,
 * upwards and downwards. What stands in a row of many needs the 24 px of WCAG 2.5.8: the row as a whole leads on. Links
 * within a text are as high as its lines, as it has it, too. What is chosen from a list is a control, not one within a row.
 */
(() => {
  const LEAST_PX = 44;
  const LEAST_IN_ROW_PX = 24;
  const ROWS =
    "tr, li, dd, [role=row], [role=listitem], .vrows, .gnames, .ov-row, .runrow, .sensor-row, .tick, .jt, .job-trigger";
  /** Rounding, and the lines between rows. */
  const SLACK_PX = 1.5;
  /** As large as their scale: the graph can be drawn larger. */
  const DRAWN = "svg, .cv";
  const CONTROLS =
    "a[href], button, input, select, textarea, summary, [role=button], [role=tab], [role=radio], [role=switch], [role^=menuitem], [role=option]";

  const LAYERS = "[role=menu], [role=listbox], [role=dialog], .toasts, .spanel, .insp, .cm-tooltip";
  const CHOICES = "[role^=menuitem], [role=option]";

  const nameOf = ({ tagName, classList }) => [tagName.toLowerCase(), ...classList].join(".");
  const placeOf = (element) => {
    const path = [];
    for (let at = element; at && path.length < 4; at = at.parentElement) path.unshift(nameOf(at));
    return path.join(" ");
  };

  const wordsOf = (node) => node.textContent.trim();
  /** A link with more of the same text before or behind it. */
  const isInText = (element) => {
    // Of an editor: what corrects a line stands in it.
    if (element.closest(".cm-line")) return true;
    if (element.tagName !== "A" || getComputedStyle(element).display !== "inline") return false;
    const text = element.parentElement;
    return [...text.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && wordsOf(node) !== "");
  };
  /** Not shown to eyes until it has the focus. */
  const isForEars = (element) => {
    for (let at = element; at; at = at.parentElement) if (getComputedStyle(at).clipPath !== "none") return true;
    return false;
  };

  /** Also within an editor, whose styles are its own. */
  const hitAt = (x, y) => {
    let hit = document.elementFromPoint(x, y);
    while (hit?.shadowRoot?.elementFromPoint(x, y)) hit = hit.shadowRoot.elementFromPoint(x, y);
    return hit;
  };
  const rootsOf = (root) => [root, ...[...root.querySelectorAll("*")].flatMap((one) => one.shadowRoot ?? [])];

  /** Something lies there that goes when it is done with. */
  const isUnderLayer = (element, x, y) => {
    const layer = hitAt(x, y)?.closest(LAYERS);
    return layer != null && !layer.contains(element);
  };
  const answers = (element, x, y) => {
    const hit = hitAt(x, y);
    if (!hit) return null;
    return element.contains(hit) || [...(element.labels ?? [])].some((label) => label.contains(hit));
  };

  /** How many pixels answer, upwards and downwards from its middle; beyond the window it is not asked. */
  const heightOf = (element) => {
    const { left, right, top, bottom } = element.getBoundingClientRect();
    const [x, y] = [(left + right) / 2, (top + bottom) / 2];
    if (!answers(element, x, y)) return null;
    let [from, to] = [y, y];
    for (; to - y < LEAST_PX && answers(element, x, to + 0.5) === true;) to += 0.5;
    for (; y - from < LEAST_PX && answers(element, x, from - 0.5) === true;) from -= 0.5;
    const covered = isUnderLayer(element, x, to + 0.5) || isUnderLayer(element, x, from - 0.5);
    return covered ? null : to - from;
  };

  const flaws = new Set();
  for (const element of rootsOf(document).flatMap((root) => [...root.querySelectorAll(CONTROLS)])) {
    if (!element.checkVisibility({ visibilityProperty: true }) || element.closest(DRAWN)) continue;
    if (isInText(element) || isForEars(element)) continue;
    element.scrollIntoView({ block: "center", inline: "center" });
    const height = heightOf(element);
    const least = !element.matches(CHOICES) && element.closest(ROWS) ? LEAST_IN_ROW_PX : LEAST_PX;
    // Something lies over it: what that is has a size of its own.
    if (height === null || height >= least - SLACK_PX) continue;
    flaws.add(`${Math.round(height)} px: ${placeOf(element)}: ${wordsOf(element).slice(0, 30) || element.ariaLabel}`);
  }
  return [...flaws];
})();
