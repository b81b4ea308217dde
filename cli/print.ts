import pc from "picocolors";

/** For pipes that are closed early (`dqueue runs list | head -1`): the rest is for nobody, and that is no error. */
export const endSilentlyOnBrokenPipe = (): void => {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE" || error.code === "ERR_STREAM_DESTROYED") process.exit(process.exitCode ?? 0);
      throw error;
    });
  }
};

export const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** For people beside the result: progress, hints, errors. */
export const tell = (line: string): void => void process.stderr.write(`${line}\n`);

export const printJson = (document: unknown): void => say(JSON.stringify(document, null, 2));

/** Columns as wide as their widest cell; the last one is never padded. Cells may carry colours. */
export const printTable = (head: string[], rows: string[][]): void => {
  const widths = head.map((title, column) =>
    Math.max(...[title, ...rows.map((row) => row[column]!)].map(visibleWidth)),
  );
  const line = (cells: string[]): string =>
    cells
      .map((cell, column) => cell + " ".repeat(column < cells.length - 1 ? widths[column]! - visibleWidth(cell) : 0))
      .join("  ");
  say(pc.dim(line(head)));
  for (const row of rows) say(line(row));
};

const COLOUR = /\u001b\[\d+m/g;
const visibleWidth = (cell: string): number => cell.replace(COLOUR, "").length;

const STATUS_COLOURS: Record<string, (text: string) => string> = {
  SUCCESS: pc.green,
  RUNNING: pc.green,
  FAILURE: pc.red,
  CANCELED: pc.yellow,
  CANCELING: pc.yellow,
  STARTED: pc.cyan,
  STARTING: pc.cyan,
  STOPPED: pc.dim,
  SKIPPED: pc.dim,
};

export const coloured = (status: string): string => (STATUS_COLOURS[status] ?? ((text: string) => text))(status);

/** A length of time as people say it: 340 ms, 4.2 s, 3 min 5 s, 2 h 10 min. */
export const duration = (ms: number): string => {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min ${Math.floor((ms % 60_000) / 1_000)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
};
