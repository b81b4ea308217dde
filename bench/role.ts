import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { built } from "../store/built";

/** A role as an operator starts it, in a process of its own. */
export interface StartedRole {
  readonly process: ChildProcess;
  /** Of a web server. */
  readonly url: string | null;
}

/** @throws where it ends before it is ready. */
export const startRole = async (role: string, cwd: string, env: NodeJS.ProcessEnv): Promise<StartedRole> => {
  // With this process's own flags, so that `node --cpu-prof dist/bench/main.js` profiles the cluster.
  const args = [...process.execArgv, built("cli", "main.js"), "start", role, "--json"];
  const child = spawn(process.execPath, args, { cwd, env });
  try {
    return { process: child, url: /"url": "(.*?)"/.exec(await ready(role, child))?.[1] ?? null };
  } catch (error) {
    await halt(child);
    throw error;
  }
};

const ready = (role: string, child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    let said = "";
    const read = (chunk: Buffer): void => {
      said = (said + chunk.toString()).slice(-10_000);
      if (/"roles": \[[^]*\n}/.test(said)) resolve(said);
    };
    child.stdout!.on("data", read);
    child.stderr!.on("data", read);
    child.once("exit", (code) => reject(new Error(`The ${role} ended with ${code} before it was ready:\n${said}`)));
  });

export const halt = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  await gone;
};
