import { type ChildProcess, spawn } from "node:child_process";

/**
 * Reads "+ pid" and "- pid" lines; when this process is gone (its end of the pipe closes with it), kills the groups of
 * the pids that are left, after the time that a step process has for tearing down.
 */
const SCRIPT = `
trap "" INT TERM HUP
pids=" "
while read -r op pid; do
  if [ "$op" = "+" ]; then pids="$pids$pid "; continue; fi
  left=" "
  for other in $pids; do [ "$other" = "$pid" ] || left="$left$other "; done
  pids="$left"
done
[ "$pids" = " " ] && exit 0
sleep 2
for pid in $pids; do kill -s KILL -- "-$pid" 2>/dev/null; done
`;

/**
 * Ends processes of user code whose parent was killed, or has ended before them. They end by themselves when they hear
 * of it, but one in an endless loop hears nothing and would burn a processor for ever. A shell of 1 MB, one for this
 * whole process, does it; where there is none, nothing does.
 */
class OrphanGuard {
  private shell: ChildProcess | null = null;
  private readonly groups = new Set<number>();

  /** @param group the pid of its leader. */
  add(group: number): void {
    this.groups.add(group);
    if (this.shell) this.tell(`+ ${group}\n`);
    else this.start();
  }

  remove(group: number): void {
    if (this.groups.delete(group)) this.tell(`- ${group}\n`);
  }

  private start(): void {
    if (process.platform === "win32") return;
    // In a group of its own: a Ctrl-C, or the kill of this process's group, does not reach it.
    const shell = spawn("/bin/sh", ["-c", SCRIPT], { stdio: ["pipe", "ignore", "ignore"], detached: true });
    this.shell = shell;
    // One that has ended is started anew with the next process, and told all that there are.
    const ended = (): void => void (this.shell = null);
    shell.on("error", ended);
    shell.on("exit", ended);
    shell.stdin.on("error", () => undefined);
    shell.unref();
    (shell.stdin as unknown as { unref(): void }).unref();
    for (const group of this.groups) this.tell(`+ ${group}\n`);
  }

  private tell(line: string): void {
    this.shell?.stdin!.write(line);
  }
}

export const orphanGuard = new OrphanGuard();
