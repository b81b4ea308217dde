import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

export const MAIN = resolve(__dirname, "../../dist/cli/main.js");

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A `dqueue` process as a user starts it. */
export interface Running {
  readonly child: ChildProcess;
  /** Everything on stdout and stderr until now. */
  text(): string;
  /** Resolves with the match once it has been printed; rejects when the process ends without it. */
  printed(pattern: RegExp): Promise<RegExpMatchArray>;
  ended(): Promise<Ended>;
}

/** A folder to work in, with files of its own and nothing of the environment's settings. */
export interface Workspace {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  write(path: string, text: string): void;
  start(...args: string[]): Running;
  run(...args: string[]): Promise<Ended>;
  /** Kills what still runs and removes the folder. */
  remove(): Promise<void>;
}

export const workspace = (settings: NodeJS.ProcessEnv = {}): Workspace => {
  const folder = mkdtempSync(join(tmpdir(), "dqueue-cli-"));
  const env = { PATH: process.env.PATH, HOME: folder, ...settings };
  const started: Running[] = [];
  const start = (...args: string[]): Running => {
    const running = follow(
      spawn(process.execPath, [MAIN, ...args], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] }),
    );
    started.push(running);
    return running;
  };
  return {
    folder,
    env,
    start,
    run: (...args) => start(...args).ended(),
    write: (path, text) => {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    },
    remove: async () => {
      for (const { child } of started) if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
      await Promise.all(started.map((running) => running.ended()));
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
};

export const follow = (child: ChildProcess): Running => {
  const out = { stdout: "", stderr: "" };
  let all = "";
  const listeners = new Set<() => void>();
  for (const name of ["stdout", "stderr"] as const) {
    child[name]!.setEncoding("utf8").on("data", (text: string) => {
      out[name] += text;
      all += text;
      for (const listener of listeners) listener();
    });
  }
  const end = new Promise<Ended>((settle) => child.once("close", (code) => settle({ code, ...out })));
  return {
    child,
    text: () => all,
    ended: () => end,
    printed: (pattern) =>
      new Promise((settle, reject) => {
        const look = (): void => {
          const found = pattern.exec(all);
          if (found) settle(found);
        };
        listeners.add(look);
        look();
        void end.then(({ code }) => reject(new Error(`dqueue ended with ${code} and without ${pattern}:\n${all}`)));
      }),
  };
};

const IMPATIENCE_MS = 300;

/** Signals again and again, as one does who will not wait. @returns the exit code. */
export const stopAtOnce = async (
  { child, ended }: Running,
  signal: NodeJS.Signals = "SIGTERM",
): Promise<number | null> => {
  child.kill(signal);
  const again = setInterval(() => child.kill(signal), IMPATIENCE_MS);
  const { code } = await ended();
  clearInterval(again);
  return code;
};
