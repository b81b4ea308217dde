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
 * Ends processes of user code whose worker or daemon was killed. They end by themselves when they hear of it, but one in
 * an endless loop hears nothing and would burn a processor for ever. A shell of 1 MB does it; where there is none, nothing does.
 */
export class OrphanGuard {
  private shell: ChildProcess | null = null;

  start(): void {
    if (this.shell || process.platform === "win32") return;
    // In a group of its own: a Ctrl-C, or the kill of the worker's group, does not reach it.
    this.shell = spawn("/bin/sh", ["-c", SCRIPT], { stdio: ["pipe", "ignore", "ignore"], detached: true });
    this.shell.on("error", () => (this.shell = null));
    this.shell.stdin!.on("error", () => (this.shell = null));
    this.shell.unref();
    (this.shell.stdin as unknown as { unref(): void }).unref();
  }

  add(pid: number | undefined): void {
    if (pid !== undefined) this.shell?.stdin!.write(`+ ${pid}\n`);
  }

  remove(pid: number | undefined): void {
    if (pid !== undefined) this.shell?.stdin!.write(`- ${pid}\n`);
  }

  stop(): void {
    this.shell?.stdin!.end();
    this.shell = null;
  }
}
