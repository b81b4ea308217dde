import pc from "picocolors";

/** Colours are for terminals alone. NO_COLOR forbids, FORCE_COLOR demands them. */
const wanted = ({ isTTY }: NodeJS.WriteStream): boolean => {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR || FORCE_COLOR === "0") return false;
  return Boolean(FORCE_COLOR) || (isTTY === true && TERM !== "dumb");
};

export type Palette = ReturnType<typeof pc.createColors>;

/** On stdout. */
export const colours = pc.createColors(wanted(process.stdout));
/** On stderr. */
export const errorColours = pc.createColors(wanted(process.stderr));

/** A status in its colour. */
export const coloured = (status: string, { green, red, yellow, cyan, dim }: Palette = colours): string => {
  const paints: Record<string, (text: string) => string> = {
    SUCCESS: green,
    RUNNING: green,
    FAILURE: red,
    CANCELED: yellow,
    CANCELING: yellow,
    UP_FOR_RETRY: yellow,
    STARTED: cyan,
    STARTING: cyan,
    STOPPED: dim,
    SKIPPED: dim,
  };
  return paints[status]?.(status) ?? status;
};
