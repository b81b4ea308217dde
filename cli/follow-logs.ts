import { setTimeout as sleep } from "node:timers/promises";
import pc from "picocolors";
import { say } from "./print";
import { hasEnded, type LogView, type RunView } from "./run-views";
import type { Page, Server } from "./server";

const LOOK_MS = 500;

/** Hands over each line once, in order; with `goOn` until the run has ended and every line of it is there. */
export const followLogs = async (
  server: Server,
  run: string,
  { step, goOn }: { step?: string | undefined; goOn: boolean },
  each: (line: LogView) => void,
): Promise<void> => {
  let after: string | undefined;
  for (;;) {
    // Asked before the lines: those of a run that had ended by then are all there.
    const { status } = await server.get<RunView>(`/runs/${run}`);
    for (;;) {
      const page = await server.get<Page<LogView>>(`/runs/${run}/logs`, { step, after, limit: 1_000 });
      page.items.forEach(each);
      after = page.items.at(-1)?.id ?? after;
      if (page.next_cursor === null) break;
    }
    if (!goOn || hasEnded({ status })) return;
    await sleep(LOOK_MS);
  }
};

export const printLine = ({ at, step, attempt, level, text }: LogView): void => {
  const where = attempt > 1 ? `${step} #${attempt}` : step;
  const paint = level === "error" ? pc.red : level === "warn" ? pc.yellow : (plain: string) => plain;
  say(`${pc.dim(at.slice(11, 23))} ${pc.cyan(where)} ${paint(text)}`);
};
