import { BegunWriter } from "./begun-marks";
import { loadCode } from "./code";
import { Outbox } from "./outbox";
import { captureOutput, currentStepId } from "./output-capture";
import { secretsOf } from "./process-secrets";
import { RecordWriter } from "./record-pipe";
import {
  BEGUN_FD,
  type FromStepProcess,
  RECORD_FD,
  type StepProcessSettings,
  type ToStepProcess,
} from "./step-messages";
import { receivedTasks } from "./sent-tasks";
import { StepRunner } from "./step-runner";
import { ResourcePool } from "../sdk/resource";
import type { Secrets } from "../core/secrets";
import { toStepError } from "../sdk/step-error";

/** Time for tearing down when the worker has gone. */
const ORPHAN_MS = 1_000;

/** Ours alone: what user code said by it, or a library that tells whoever has started it, would be taken for our words. */
const tellWorker = process.send!.bind(process) as (message: FromStepProcess, done: () => void) => void;
process.send = undefined;

const send = (message: FromStepProcess): void => {
  // The worker is going or gone; `disconnect` ends this process.
  if (process.connected) tellWorker(message, () => undefined);
};

/** The main function of a step process: loads the code once, then runs what the worker sends. */
const main = ({ bundle, limits, secrets: rules }: StepProcessSettings): void => {
  const secrets = secretsOf(rules);
  const records = new RecordWriter(RECORD_FD);
  const outbox = new Outbox(send);
  captureOutput(records);
  process.once("disconnect", () => endOrphan(() => runner?.close()));
  let runner: StepRunner | undefined;
  try {
    const code = loadCode(bundle);
    const begun = new BegunWriter(BEGUN_FD);
    runner = new StepRunner({ code, records, begun, outbox, limits, secrets, resources: new ResourcePool() });
    catchStrays(runner, secrets);
    process.on("message", (message) => obey(runner!, message as ToStepProcess));
    process.on("exit", () => outbox.flush());
    send({ type: "ready", ops: [...new Set([...code.jobs.values()].flatMap((job) => [...job.ops.keys()]))] });
  } catch (error) {
    tellWorker({ type: "cannot_start", error: toStepError(error, secrets).error }, () => process.exit(1));
  }
};

const obey = (runner: StepRunner, message: ToStepProcess): void => {
  switch (message.type) {
    case "run":
      for (const tasks of receivedTasks(message.bundles)) void runner.run(tasks);
      return;
    case "abort":
      return runner.abort(message.id, message.reason);
    case "drop":
      return runner.drop(message.id);
    case "taken":
      return runner.taken(message.id, message.items, message.bytes);
    case "page":
      return runner.page(message.id, message.request, message.page);
    case "no_page":
      return runner.page(message.id, message.request, new Error(message.message));
    case "finish":
      return void runner.close().then(
        () => process.exit(0),
        (error: unknown) => {
          console.error(error);
          process.exit(0);
        },
      );
  }
};

/** An error that no code caught ends the step that it came from, not its neighbours; the process is replaced. */
const catchStrays = (runner: StepRunner, secrets: Secrets): void => {
  const stray = (error: unknown): void => {
    const { name, message } = toStepError(error, secrets).error;
    if (!runner.escaped(currentStepId(), error)) console.error("An error that belongs to no running step:", error);
    send({ type: "worn", why: `an error escaped from its code (${name}: ${message})` });
  };
  process.on("uncaughtException", stray);
  process.on("unhandledRejection", stray);
};

/** The worker has died: nobody hears this process any more, and its steps are given to others. */
const endOrphan = (tearDown: () => Promise<void> | undefined): void => {
  const end = (): void => {
    try {
      // With all that the steps have started.
      process.kill(-process.pid, "SIGKILL");
    } catch {
      process.exit(1);
    }
  };
  setTimeout(end, ORPHAN_MS);
  void Promise.resolve(tearDown()).then(end, end);
};

process.once("message", main);
