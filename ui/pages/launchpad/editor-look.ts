import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const MONO =
  'ui-monospace, "SF Mono", SFMono-Regular, "JetBrains Mono", "Cascadia Code", Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace';
const SANS = 'Inter, -apple-system, "Segoe UI", "Liberation Sans", Arial, sans-serif';

const theme = EditorView.theme({
  "&": { height: "100%", backgroundColor: "var(--sheet)", color: "var(--text)", fontSize: "13px" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: MONO, lineHeight: "24px", paddingTop: "10px" },
  ".cm-content": { padding: "0 0 40px", caretColor: "var(--accent)" },
  ".cm-cursor": { borderLeft: "1.5px solid var(--accent)" },
  ".cm-line": { padding: "0 16px 0 4px" },
  ".cm-gutters": { backgroundColor: "var(--sheet)", color: "var(--text3)", border: "none", minWidth: "56px" },
  ".cm-lineNumbers": { flex: "1" },
  ".cm-lineNumbers .cm-gutterElement": { padding: "0 12px 0 18px", fontSize: "12px" },
  ".cm-bad-number": { color: "var(--failure-t)", fontWeight: "600" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--line) 40%, transparent)" },
  "&:not(.cm-focused) :is(.cm-activeLine, .cm-activeLineGutter)": { backgroundColor: "transparent" },
  ".cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": {
    backgroundColor: "var(--accentline)",
  },
  ".cm-bad, &:not(.cm-focused) .cm-bad": { backgroundColor: "color-mix(in srgb, var(--failure-b) 60%, transparent)" },
  ".cm-wrong": { textDecoration: "underline wavy var(--failure) 1.2px", textUnderlineOffset: "4px" },
  ".cm-hint": {
    marginLeft: "32px",
    color: "var(--failure-t)",
    fontFamily: SANS,
    fontSize: "12.5px",
    userSelect: "none",
  },
  ".cm-hint button": {
    padding: "0",
    border: "0",
    background: "none",
    color: "var(--text)",
    font: "inherit",
    textDecoration: "underline",
    textUnderlineOffset: "3px",
    cursor: "pointer",
  },
  ".cm-tooltip": {
    maxWidth: "calc(100vw - 32px)",
    border: "none",
    borderRadius: "8px",
    backgroundColor: "var(--raised)",
    color: "var(--text)",
    boxShadow: "0 0 0 1px var(--line2), var(--shadow2)",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": {
    padding: "4px",
    fontFamily: MONO,
    fontSize: "12.5px",
    minWidth: "280px",
    maxWidth: "100%",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": {
    display: "flex",
    alignItems: "center",
    gap: "8px",
    height: "28px",
    padding: "0 8px",
    borderRadius: "5px",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": {
    backgroundColor: "var(--accentbg)",
    color: "var(--text)",
  },
  ".cm-completionLabel": { flex: "1", overflow: "hidden", textOverflow: "ellipsis" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "600" },
  ".cm-completionDetail": {
    marginLeft: "12px",
    color: "var(--text2)",
    fontFamily: SANS,
    fontSize: "11.5px",
    fontStyle: "normal",
  },
  ".cm-kind": { width: "32px", color: "var(--text2)", fontSize: "11px" },
  ".cm-tooltip.cm-completionInfo": {
    maxWidth: "300px",
    overflowWrap: "anywhere",
    padding: "8px 12px",
    color: "var(--text2)",
    fontFamily: SANS,
    fontSize: "12px",
    lineHeight: "17px",
  },
  "@media (max-width: 639px)": {
    ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { height: "44px" },
  },
});

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--accent)" },
  { tag: [tags.string, tags.content], color: "var(--success-t)" },
  { tag: [tags.number], color: "var(--retry-t)" },
  { tag: [tags.bool, tags.null, tags.keyword], color: "var(--started-t)" },
  { tag: [tags.comment, tags.lineComment], color: "var(--text3)" },
  { tag: [tags.punctuation, tags.separator, tags.bracket], color: "var(--text2)" },
]);

export const editorLook = [theme, syntaxHighlighting(colours)];
