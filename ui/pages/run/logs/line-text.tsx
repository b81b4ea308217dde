import Anser from "anser";
import { memo, type ReactNode } from "react";
import { visible } from "../../../parts/visible";

const ESCAPE = "\u001b";

interface Piece {
  text: string;
  className: string;
}

/** A line in the colours that it was printed in: classes `ansi-red`, `ansi-bold`; those of our own choosing, in both themes. */
const piecesOf = (text: string): Piece[] => {
  if (!text.includes(ESCAPE)) return [{ text, className: "" }];
  return Anser.ansiToJson(text, { use_classes: true, remove_empty: true, json: true }).map(
    ({ content, fg, bg, decorations }) => ({
      text: content,
      className: [
        ...(/^ansi-[a-z-]+$/.test(fg ?? "") ? [fg] : []),
        ...(/^ansi-[a-z-]+$/.test(bg ?? "") ? [`${bg}-bg`] : []),
        ...decorations.map((one) => `ansi-${one}`),
      ].join(" "),
    }),
  );
};

const rangesOf = (text: string, pattern: RegExp | null): [number, number][] => {
  if (!pattern) return [];
  return Array.from(text.matchAll(pattern), (match): [number, number] => [
    match.index,
    match.index + match[0].length,
  ]).filter(([from, to]) => to > from);
};

/** A piece, with what was found in it marked. */
const marked = (text: string, offset: number, ranges: [number, number][]): ReactNode[] => {
  const parts: ReactNode[] = [];
  let at = 0;
  for (const [from, to] of ranges) {
    const [start, end] = [Math.max(from - offset, 0), Math.min(to - offset, text.length)];
    if (start >= end) continue;
    parts.push(text.slice(at, start), <mark key={start}>{text.slice(start, end)}</mark>);
    at = end;
  }
  return [...parts, text.slice(at)];
};

/** What a line says: coloured as it was printed, with what was looked for marked. */
export const LineText = memo(({ text, pattern }: { text: string; pattern: RegExp | null }): ReactNode => {
  const pieces = piecesOf(visible(text));
  const ranges = rangesOf(pieces.map((piece) => piece.text).join(""), pattern);
  let offset = 0;
  return pieces.map((piece, i) => {
    const content = marked(piece.text, offset, ranges);
    offset += piece.text.length;
    return piece.className ? (
      <span key={i} className={piece.className}>
        {content}
      </span>
    ) : (
      content
    );
  });
});
