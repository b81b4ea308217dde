import { colours } from "./colours";
import { say } from "./print";

export interface Column<T> {
  title: string;
  text: (row: T) => string;
  paint?: (text: string, row: T) => string;
  /** Numbers stand at the right. */
  right?: true;
  /** Cut short where the terminal is too narrow for the table. */
  flexible?: true;
  /** Left out where even that does not suffice; the last ones first. */
  optional?: true;
}

const GAP = "  ";
/** Less of a cell tells nothing. */
const LEAST = 12;

/**
 * Prints rows under their titles, columns as wide as their widest cell. On a terminal the table is made to fit; into a
 * file or pipe it is written in full.
 */
export const printTable = <T>(columns: Column<T>[], rows: T[]): void => {
  const room = process.stdout.isTTY ? process.stdout.columns || 80 : Infinity;
  for (const line of tableLines(columns, rows, room)) say(line);
};

export const tableLines = <T>(columns: Column<T>[], rows: T[], room: number): string[] => {
  const sized = columns.map((column) => {
    const cells = rows.map(column.text);
    const width = Math.max(...[column.title, ...cells].map(lengthOf));
    return { column, cells, width, least: column.flexible ? Math.min(width, LEAST) : width };
  });
  const empty = ({ column, cells }: Sized<T>): boolean =>
    column.optional === true && cells.every((cell) => cell === "");
  const shown = fitted(
    sized.filter((column) => !empty(column)),
    room,
  );
  const line = (cells: string[]): string => cells.join(GAP).trimEnd();
  return [
    colours.dim(line(shown.map(({ column, width }) => fill(column, width, column.title)))),
    ...rows.map((row, i) =>
      line(
        shown.map(({ column, cells, width }) => fill(column, width, cells[i]!, (text) => painted(column, text, row))),
      ),
    ),
  ];
};

const painted = <T>({ paint }: Column<T>, text: string, row: T): string =>
  paint && text !== "" ? paint(text, row) : text;

interface Sized<T> {
  column: Column<T>;
  cells: string[];
  width: number;
  least: number;
}

/** The columns that there is room for, as wide as there is room for. */
const fitted = <T>(columns: Sized<T>[], room: number): Sized<T>[] => {
  const gaps = (columns.length - 1) * GAP.length;
  const sum = (of: (column: Sized<T>) => number): number => columns.reduce((total, column) => total + of(column), gaps);
  const last = columns.findLast(({ column }) => column.optional);
  if (last && sum(({ least }) => least) > room) {
    return fitted(
      columns.filter((column) => column !== last),
      room,
    );
  }
  let over = sum(({ width }) => width) - room;
  // What comes first names the row: it is cut last.
  return columns.reduceRight<Sized<T>[]>((others, column) => {
    const less = Math.max(0, Math.min(over, column.width - column.least));
    over -= less;
    return [{ ...column, width: column.width - less }, ...others];
  }, []);
};

const lengthOf = (text: string): number => [...text].length;

const fill = <T>({ right }: Column<T>, width: number, cell: string, paint = (text: string) => text): string => {
  const text = lengthOf(cell) <= width ? cell : `${[...cell].slice(0, width - 1).join("")}…`;
  const space = " ".repeat(width - lengthOf(text));
  return right ? space + paint(text) : paint(text) + space;
};
