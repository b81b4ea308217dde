import { type ChildProcess, type ForkOptions, type Serializable, fork } from "node:child_process";
import { builtFile } from "./built";
import { orphanGuard } from "./orphan-guard";

/**
 * Starts a process of user code: the one way, so that none outlives us. It leads a process group, which ends with it,
 * and with this process, however that ends.
 * @param main its main function's file, e.g. "runtime/step-process.js".
 * @param told its first message. It touches no user code before it has that, and gets it when it is guarded: if this
 *   process ends in between, it hears so and ends too, where code that loops while it is loaded would hear nothing.
 */
export const startUserProcess = (
  main: string,
  told: Serializable,
  options: Pick<ForkOptions, "stdio" | "env" | "execArgv">,
): ChildProcess => {
  const child = fork(builtFile(main), [], {
    execArgv: [],
    ...options,
    serialization: "json",
    detached: true,
  });
  const { pid } = child;
  if (pid === undefined) return child;
  orphanGuard.add(pid);
  // An error means that it has ended already, and `exit` says so.
  child.send(told, () => undefined);
  child.once("exit", () => {
    // What it started in its group goes with it, and lets go of the pipes.
    killGroup(pid);
    orphanGuard.remove(pid);
  });
  return child;
};

/** SIGKILL to a process and all that it has started; no error where it has ended, for then they have too. */
export const killUserProcess = ({ pid, exitCode, signalCode }: ChildProcess): void => {
  if (pid !== undefined && exitCode === null && signalCode === null) killGroup(pid);
};

const killGroup = (pid: number): void => {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // The group is gone already.
  }
};
