/** For pipes that are closed early (`dqueue runs list | head -1`): the rest is for nobody, and that is no error. */
export const endSilentlyOnBrokenPipe = (): void => {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (!isBrokenPipe(error)) throw error;
    process.exit(process.exitCode ?? 0);
  });
  // What is told beside the result has no reader any more; the result, and the exit code, may.
  process.stderr.on("error", (error: NodeJS.ErrnoException) => {
    if (!isBrokenPipe(error)) throw error;
  });
};

const isBrokenPipe = ({ code }: NodeJS.ErrnoException): boolean => code === "EPIPE" || code === "ERR_STREAM_DESTROYED";

export const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** For people beside the result: progress, hints, errors. */
export const tell = (line: string): void => void process.stderr.write(`${line}\n`);

export const printJson = (document: unknown): void => say(JSON.stringify(document, null, 2));

/** The first line of a text, fit for a line of ours: user code may print anything. */
export const inOneLine = (text: string): string =>
  text
    .trim()
    .split("\n")[0]!
    .replace(/\p{Cc}+/gu, " ");
