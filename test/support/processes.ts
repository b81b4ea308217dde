import { existsSync, readFileSync } from "node:fs";

const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

/** Resolves when the process has ended; a zombie has. */
export const untilGone = async (pid: number): Promise<void> => {
  for (;;) {
    try {
      if (/\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"))) return;
    } catch {
      return;
    }
    await soon();
  }
};

/** What the file says once it is there: to be written under another name and renamed. */
export const toldBy = async (file: string): Promise<string> => {
  while (!existsSync(file)) await soon();
  return readFileSync(file, "utf8");
};
