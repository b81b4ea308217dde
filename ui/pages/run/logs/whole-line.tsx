import type { ReactNode } from "react";
import { bytes } from "../../../parts/format";

/** More of a line than this only costs: nobody reads it in a row. */
export const MOST_SHOWN = 4_000;

/** Behind a line that is too long to be shown: how much of it is not, and a way to have it. */
export const WholeLine = ({ text, number }: { text: string; number: number }): ReactNode => (
  <button
    type="button"
    tabIndex={-1}
    className="link whole-line"
    title="Its key: w"
    onClick={() => save(text, `line-${number}.txt`)}
  >
    … {bytes(text.length - MOST_SHOWN)} more: whole line
  </button>
);

const save = (text: string, name: string): void => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
};
