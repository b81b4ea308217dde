import { ApiError, type DqueueClient, type Run, type RunEvent } from "../client";
import { coloured, errorColours } from "./colours";
import { asCliError, CliError, EXIT } from "./exit";
import { interruptible } from "./interrupt";
import { inOneLine, tell } from "./print";
import { Progress } from "./progress";

/** The exit code of a command that waited for a run. */
export const exitCodeOf = ({ status }: Run): number => {
  if (status === "SUCCESS") return EXIT.ok;
  return status === "CANCELED" ? EXIT.canceled : EXIT.failure;
};

/** Whether a run goes on that is not waited for any more. */
export const goesOn = (id: string): string =>
  `Run ${id} goes on without this command. Cancel it with \`dqueue runs cancel ${id}\`.`;

/**
 * Waits for the end of a run; a bar on stderr shows how far it is, where that is a terminal. Ctrl-C ends the waiting
 * alone: it fails with a CliError that says whether the run goes on, as does a server that stays away.
 */
export const waitForRun = async (client: DqueueClient, launched: Run): Promise<Run> => {
  const { id, job } = launched;
  const progress = new Progress(client, launched);
  let canceling = false;
  const heard = (event: RunEvent): void => {
    canceling ||= event.type === "RUN_CANCELING";
    progress.heard(event);
  };
  try {
    return await interruptible(
      (signal) => {
        tell(`Run ${id} of ${job} launched.`);
        progress.start();
        return client.runs.wait(id, heard, { signal });
      },
      () => (canceling ? `Run ${id} is being canceled; this command no longer waits for its end.` : goesOn(id)),
      { run: id },
    );
  } catch (error) {
    throw error instanceof ApiError ? lostSight(id, error) : error;
  } finally {
    progress.stop();
  }
};

const lostSight = (id: string, error: ApiError): CliError => {
  const { exitCode, code, message } = asCliError(error);
  if (exitCode !== EXIT.unreachable) return asCliError(error);
  return new CliError(exitCode, code, `${message}\nRun ${id} may go on: \`dqueue runs show ${id}\` tells.`, {
    run: id,
  });
};

const FAILURES_TOLD = 3;

/** What people are told of a run's end. */
export const tellEnd = async (client: DqueueClient, run: Run): Promise<void> => {
  const reason = run.failure_reason ? ` (${run.failure_reason})` : "";
  const message = run.error?.message ? `: ${run.error.message}` : "";
  tell(`Run ${run.id} of ${run.job}: ${coloured(run.status, errorColours)}${reason}${message}`);
  if (run.status !== "FAILURE") return;
  const { items } = await client.runs.steps(run.id, { status: "FAILURE", limit: FAILURES_TOLD });
  for (const { key, error } of items)
    tell(`  ${key}: ${inOneLine(`${error?.name ?? "Error"}: ${error?.message ?? ""}`)}`);
  if (run.steps_failed > items.length) tell(`  and ${run.steps_failed - items.length} more`);
  tell(errorColours.dim(`See \`dqueue runs show ${run.id}\` and \`dqueue runs logs ${run.id}\`.`));
};
