import type { LogLine } from "../../client";
import { colours } from "../colours";
import { connect } from "../connect";
import { asCliError, EXIT } from "../exit";
import { interruptible } from "../interrupt";
import { inOrderOfTime } from "../log-order";
import { printJson, say } from "../print";
import { clockWithMs } from "../times";
import { goesOn } from "../wait-for-run";

interface LogsOptions {
  step?: string;
  follow?: true;
  json?: true;
}

export const logs = async (id: string, { step, follow, json }: LogsOptions): Promise<number> => {
  const client = connect();
  const items: LogLine[] = [];
  const read = async (lines: AsyncIterable<LogLine>): Promise<void> => {
    for await (const line of inOrderOfTime(lines, { live: follow === true }))
      if (json) items.push(line);
      else printLine(line);
  };
  try {
    if (!follow) await read(client.runs.allLogs(id, { step }));
    else
      await interruptible(
        (signal) => read(client.runs.followLogs(id, { step, signal })),
        () => goesOn(id),
        { run: id },
      );
  } catch (error) {
    // One document is printed at the end, however it comes.
    throw json && items.length > 0 ? Object.assign(asCliError(error), { partial: { items } }) : error;
  }
  if (json) printJson({ items });
  return EXIT.ok;
};

export const printLine = ({ at, step, attempt, level, text }: LogLine): void => {
  const where = attempt > 1 ? `${step} #${attempt}` : step;
  const paint = level === "error" ? colours.red : level === "warn" ? colours.yellow : (plain: string) => plain;
  say(`${colours.dim(clockWithMs(at))} ${colours.cyan(where)} ${paint(text)}`);
};
