import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { ROOT } from "./blocks";
import type { Performed } from "./job-process";

/** A process in an author's project that runs the jobs of its files without a server. */
export class JobProcess {
  private readonly child: ChildProcess;
  private readonly ended: Promise<{ error: string }>;
  private said = "";

  constructor(project: string) {
    this.child = fork(join(__dirname, "job-process.ts"), {
      cwd: project,
      env: { PATH: process.env.PATH, HOME: process.env.HOME },
      execArgv: ["--import", join(ROOT, "node_modules/tsx/dist/loader.mjs")],
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.ended = once(this.child, "exit").then(() => ({ error: this.said }));
    for (const stream of [this.child.stdout!, this.child.stderr!])
      stream.setEncoding("utf8").on("data", (text: string) => (this.said += text));
  }

  /** @throws Error where the file cannot be loaded or the process ends. */
  async perform(file: string): Promise<Performed[]> {
    this.child.send(file);
    const answer = once(this.child, "message").then(([message]) => message as { performed: Performed[] });
    const told = await Promise.race([answer, this.ended]);
    if ("error" in told) throw new Error(`${file}: ${String(told.error)}`);
    return told.performed;
  }

  async end(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.ended;
  }
}
