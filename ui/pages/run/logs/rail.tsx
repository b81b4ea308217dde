import { memo, type ReactNode } from "react";
import type { LogBook } from "./log-book";

/** A screen has no room for more. */
const MOST = 400;

interface Props {
  book: LogBook;
  /** Rows in view. */
  top: number;
  rows: number;
  goTo(row: number): void;
}

const share = (row: number, shown: number): string => `${(100 * row) / Math.max(1, shown)}%`;

/** Where in all lines errors, warnings and what was found are. For the eye: the search and the kinds say the same. */
export const Rail = ({ book, top, rows, goTo }: Props): ReactNode => (
  <div
    className="rail"
    aria-hidden="true"
    onClick={({ currentTarget, clientY }) => {
      const { y, height } = currentTarget.getBoundingClientRect();
      goTo(Math.max(0, Math.min(book.shown - 1, Math.floor((book.shown * (clientY - y)) / height))));
    }}
  >
    <Marks of={book.warnings} shown={book.shown} className="w" />
    <Marks of={book.errors} shown={book.shown} className="e" />
    <Marks of={book.matches} shown={book.shown} className="m" />
    {rows < book.shown && <b style={{ top: share(top, book.shown), height: share(rows, book.shown) }} />}
  </div>
);

const Marks = memo(
  ({ of, shown, className }: { of: readonly number[]; shown: number; className: string }): ReactNode => {
    const places = [...new Set(of.map((row) => Math.floor((row * MOST) / Math.max(1, shown))))];
    return places.map((place) => <i key={place} className={className} style={{ top: share(place, MOST) }} />);
  },
);
