import { spawn } from "node:child_process";
import { follow, MAIN, type Running, type Workspace } from "./command";

const SCRIPT = "/usr/bin/script";

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

/** A `dqueue` command in a terminal of 80 columns: both outputs are what it shows. */
export const inTerminal = (place: Workspace, ...args: string[]): Running => inTerminalOf(80, place, ...args);

/** In one of so many columns (util-linux' `script` makes it). */
export const inTerminalOf = (columns: number, place: Workspace, ...args: string[]): Running => {
  const line = `stty cols ${columns} rows 24; exec ${[process.execPath, MAIN, ...args].map(quoted).join(" ")}`;
  return follow(
    spawn(SCRIPT, ["-qec", line, "/dev/null"], {
      cwd: place.folder,
      env: place.env,
      stdio: ["pipe", "pipe", "pipe"],
    }),
  );
};

export const pressCtrlC = ({ child }: Running): void => void child.stdin!.write("\x03");
