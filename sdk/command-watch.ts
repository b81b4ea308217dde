import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";

/**
 * Commands run in process groups of their own, which a SIGKILL of the step process does not reach. So each step
 * process that starts commands has a watchman: a shell that learns their groups on its stdin and kills those left
 * when that pipe closes, however this process ended.
 */
const SCRIPT = `groups=" "
while read -r sign group; do
  if [ "$sign" = + ]; then groups="$groups$group "; else groups="\${groups%% $group *} \${groups#* $group }"; fi
done
for group in $groups; do kill -9 -"$group" 2>/dev/null; done`;

let watchman: ChildProcess | null = null;

/** To be called before a command starts: starting the watchman takes longer than a command may need to start others. */
export const readyWatchman = (): void => {
  if (process.platform !== "win32") watchman ??= start();
};

/** Has a process group killed when this process ends before the returned function is called. */
export const watchGroup = (pid: number | undefined): (() => void) => {
  if (pid === undefined || process.platform === "win32") return () => {};
  tell(`+ ${pid}`);
  return () => tell(`- ${pid}`);
};

const tell = (line: string): void => {
  watchman ??= start();
  watchman.stdin!.write(`${line}\n`);
};

const start = (): ChildProcess => {
  const shell = spawn("/bin/sh", ["-c", SCRIPT], { stdio: ["pipe", "ignore", "ignore"], detached: true });
  // It must not keep this process alive, nor be a reason to fail: without it only a hard kill leaves orphans.
  shell.on("error", () => {});
  shell.on("exit", () => (watchman = null));
  shell.stdin.on("error", () => {});
  shell.unref();
  (shell.stdin as unknown as { unref(): void }).unref();
  return shell;
};

/** Signals a whole process group; one that is gone is no error. */
export const killGroup = (pid: number | undefined, signal: NodeJS.Signals): void => {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, signal);
  } catch {
    // ESRCH: nobody of the group is left.
  }
};
