import { spawn } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Ended, follow, type Running } from "../cli/command";
import { freePort } from "../support/free-port";
import { ROOT } from "./blocks";

/** What of the repository a reader of its README needs. */
const OF_CHECKOUT = ["README.md", "dist", "docs", "package.json", "package-lock.json"];

/** Where a page begins: in this repository, or in a project that `dqueue init` has written. */
export type Beginning = "checkout" | "project";

/** A shell in a folder of its own in which a page is followed, line by line, and the server that it talks to. */
export class Place {
  readonly top = mkdtempSync(join(tmpdir(), "dqueue-docs-"));
  /** Where the shell is. */
  cwd = this.top;
  /** Id of the run that was launched last. */
  run: string | null = null;
  server: Running | null = null;
  private readonly state = join(this.top, "state");

  private constructor(
    readonly url: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  static async open(beginning: Beginning): Promise<Place> {
    const port = await freePort();
    const place = new Place(`http://127.0.0.1:${port}`, {
      ...{ PORT: String(port), METRICS_PORT: "0", DQUEUE_PROCESSES: "1", NO_COLOR: "1" },
      ...{ HOME: process.env.HOME, PATH: process.env.PATH },
    });
    place.installPrograms();
    if (beginning === "checkout") place.checkOut();
    else await place.begin();
    return place;
  }

  /** Runs a script as typed in one shell session: folder and variables are those that the one before has left. */
  async type(script: string): Promise<Ended & { all: string }> {
    const whole = [
      `[ ! -e ${this.state} ] || . ${this.state}`,
      `trap 'export -p > ${this.state}; pwd > ${this.state}.cwd' EXIT`,
      "set -ea",
      this.translated(script),
    ].join("\n");
    const running = follow(this.spawn(whole));
    const ended = await running.ended();
    this.cwd = readFileSync(`${this.state}.cwd`, "utf8").trim();
    const all = this.untranslated(running.text());
    this.run =
      all
        .match(/^(?:Run )?[\da-f]{8}-[\da-f-]{27}\b/gm)
        ?.at(-1)
        ?.slice(-36) ?? this.run;
    return { ...ended, stdout: this.untranslated(ended.stdout), all };
  }

  /** Starts the server by a command that does not end. @returns what it has said until it serves. */
  async serve(command: string): Promise<string> {
    this.server = follow(this.spawn(this.translated(command)));
    await this.server.printed(/dqueue is at .*\n/);
    return this.untranslated(this.server.text());
  }

  /** Saves a file of a page; a server that serves the folder has taken it up when this resolves. */
  async save(path: string, text: string): Promise<void> {
    const file = join(this.cwd, path);
    if (existsSync(file) && readFileSync(file, "utf8") === text) return;
    const seen = this.server?.text().length;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    if (seen === undefined || !path.startsWith("jobs/")) return;
    await this.server!.printed(new RegExp(`^[^]{${seen},}↻ code changed`));
  }

  async remove(): Promise<void> {
    if (this.server && this.server.child.exitCode === null) process.kill(-this.server.child.pid!, "SIGKILL");
    await this.server?.ended();
    rmSync(this.top, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  private spawn(script: string) {
    // A group of its own: npm starts a shell, which starts what is meant.
    return spawn("bash", ["-c", script], {
      ...{ cwd: this.cwd, env: this.env, detached: true },
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  /** A page says 3000 and <id> where a test has a port of its own and the run that was launched last. */
  private translated(script: string): string {
    return script
      .replaceAll(/http:\/\/(?:localhost|127\.0\.0\.1):3000/g, this.url)
      .replaceAll(/<(?:id|run)>/g, this.run ?? "no-run-yet");
  }

  private untranslated(text: string): string {
    return text.replaceAll(this.url, "http://127.0.0.1:3000");
  }

  /** npm installs nothing here: what it would install is linked. That it can is for the tests of the package. */
  private installPrograms(): void {
    const modules = join(this.top, "modules");
    mkdirSync(join(modules, ".bin"), { recursive: true });
    symlinkSync(ROOT, join(modules, "dqueue"));
    for (const name of ["@types", "tsx", "typescript"])
      symlinkSync(join(ROOT, "node_modules", name), join(modules, name));
    for (const name of ["tsc", "tsx"]) symlinkSync(join(ROOT, "node_modules/.bin", name), join(modules, ".bin", name));
    this.program(join(modules, ".bin/dqueue"), `exec node ${join(ROOT, "dist/cli/main.js")} "$@"`);
    const programs = join(this.top, "bin");
    mkdirSync(programs);
    const link = `[ -e node_modules ] || ln -s ${modules} node_modules`;
    this.program(
      join(programs, "npm"),
      `case "$1" in\n  ci | install) test -f package.json && { ${link}; } ;;\n  *) PATH=\${PATH#*:} exec npm "$@" ;;\nesac`,
    );
    // What npx does with an installed package, without the seconds that it takes to find that out.
    this.program(join(programs, "npx"), 'program=$1\nshift\nexec "node_modules/.bin/$program" "$@"');
    this.env.PATH = `${programs}:${this.env.PATH}`;
  }

  private program(path: string, script: string): void {
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
  }

  private checkOut(): void {
    this.cwd = join(this.top, "dqueue");
    mkdirSync(this.cwd);
    for (const name of OF_CHECKOUT) symlinkSync(join(ROOT, name), join(this.cwd, name));
    cpSync(join(ROOT, "jobs"), join(this.cwd, "jobs"), { recursive: true });
  }

  private async begin(): Promise<void> {
    const { code, all } = await this.type(
      `ln -s modules node_modules; npx dqueue init my-project; cd my-project; npm install`,
    );
    if (code !== 0) throw new Error(all);
  }
}
