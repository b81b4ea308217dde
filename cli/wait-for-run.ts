import { setTimeout as sleep } from "node:timers/promises";
import { SingleBar } from "cli-progress";
import { CliError, EXIT } from "./exit";
import { tell } from "./print";
import { hasEnded, type RunView } from "./run-views";
import type { Server } from "./server";

const FIRST_LOOK_MS = 100;
const SLOWEST_LOOK_MS = 1_000;
/** A server that restarts is waited for; one that stays away for longer is not. */
const PATIENCE_MS = 60_000;

/** The exit code of a command that waited for a run. */
export const exitCodeOf = ({ status }: { status: string }): number => {
  if (status === "SUCCESS") return EXIT.ok;
  return status === "CANCELED" ? EXIT.canceled : EXIT.failure;
};

/**
 * Waits for the end of a run; a bar on stderr shows how far it is, where that is a terminal. Ctrl-C ends the waiting
 * alone: it fails with a CliError that says that the run goes on, as does a server that stays away.
 */
export const waitForRun = async (server: Server, { id, job }: { id: string; job: string }): Promise<RunView> => {
  const ctrlC = interruption(id);
  tell(`Run ${id} of ${job} launched.`);
  const bar = new SingleBar({
    format: "{bar} {value}/{total} steps · {status} · {duration_formatted}",
    stream: process.stderr,
    barCompleteChar: "█",
    barIncompleteChar: "░",
    clearOnComplete: true,
    hideCursor: true,
    gracefulExit: false,
  });
  bar.start(1, 0, { status: "QUEUED" });
  try {
    return await Promise.race([untilEnded(server, id, bar), ctrlC.happened]);
  } finally {
    bar.stop();
    ctrlC.ignore();
  }
};

const untilEnded = async (server: Server, id: string, bar: SingleBar): Promise<RunView> => {
  let pause = FIRST_LOOK_MS;
  let lastAnswer = performance.now();
  for (;;) {
    const run = await look(server, id, performance.now() - lastAnswer);
    if (run) {
      lastAnswer = performance.now();
      bar.setTotal(Math.max(1, run.steps_total));
      bar.update(run.steps_succeeded + run.steps_failed, { status: run.status });
      if (hasEnded(run)) return run;
    }
    await sleep(pause);
    pause = Math.min(SLOWEST_LOOK_MS, pause * 1.3);
  }
};

/** null: no answer at the moment. */
const look = async (server: Server, id: string, silentMs: number): Promise<RunView | null> => {
  try {
    return await server.get<RunView>(`/runs/${id}`);
  } catch (error) {
    if (!(error instanceof CliError) || error.exitCode !== EXIT.unreachable) throw error;
    if (silentMs < PATIENCE_MS) return null;
    const message = `The server has not answered for ${PATIENCE_MS / 1_000} s: ${error.message} Run ${id} may go on.`;
    throw new CliError(EXIT.unreachable, error.code, message, { run: id });
  }
};

const interruption = (id: string): { happened: Promise<never>; ignore(): void } => {
  let listener: () => void;
  const happened = new Promise<never>((_, reject) => {
    listener = () => {
      const message = `Run ${id} goes on without this command. Cancel it with \`dqueue runs cancel ${id}\`.`;
      reject(new CliError(EXIT.interrupted, "INTERRUPTED", message, { run: id }));
    };
    process.once("SIGINT", listener);
  });
  return { happened, ignore: () => void process.removeListener("SIGINT", listener) };
};

/** What people are told of a run's end. */
export const tellEnd = (run: RunView): void => {
  const reason = run.failure_reason ? ` (${run.failure_reason})` : "";
  const message = run.error?.message ? `: ${run.error.message}` : "";
  tell(`Run ${run.id} of ${run.job}: ${run.status}${reason}${message}`);
};
