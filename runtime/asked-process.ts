import { DqueueError, type StepError } from "../core/errors";
import type { Catalog } from "../core/graph";
import type { SensorAnswer, SensorContext } from "../core/sensing";
import { logTo } from "../sdk/context";
import { catalogOf } from "../sdk/registry";
import { evaluateSensor } from "../sdk/sensor";
import { toStepError } from "../sdk/step-error";
import type { CodeBundle } from "./bundle";
import { loadCode } from "./code";

/** What this process can be asked. */
export type Question = { type: "describe" } | { type: "evaluate"; sensor: string; context: SensorContext };

export interface Description {
  catalog: Catalog;
  /** Sentences for the author about definitions that were left out. */
  problems: string[];
}
export type Reply =
  | { type: "ready" }
  | { type: "answer"; answer: Description | SensorAnswer }
  | { type: "error"; error: StepError; /** It ends now. */ fatal?: boolean };

const reply = (message: Reply, then?: () => void): void => {
  if (process.connected) process.send!(message, () => then?.());
};

/** The main function of a process that loads the code once and answers questions about it, one at a time. */
const main = (): void => {
  const bundle = JSON.parse(process.argv[2]!) as CodeBundle;
  process.on("disconnect", () => process.exit(0));
  const fail = (error: unknown): void => reply({ type: "error", error: toStepError(error).error });
  const failAndEnd = (error: unknown): void =>
    reply({ type: "error", error: toStepError(error).error, fatal: true }, () => process.exit(1));
  try {
    const code = loadCode(bundle);
    process.on("message", (question: Question) => {
      if (question.type === "describe") {
        const catalog: Catalog = { codeVersion: bundle.version, ...catalogOf(code) };
        return reply({ type: "answer", answer: { catalog, problems: [...code.problems] } });
      }
      const { sensor: name, context } = question;
      const sensor = code.sensors.get(name);
      if (!sensor) return fail(unknownSensor(name));
      evaluateSensor(sensor, context, log).then((answer) => reply({ type: "answer", answer }), fail);
    });
    process.on("uncaughtException", failAndEnd);
    process.on("unhandledRejection", failAndEnd);
    reply({ type: "ready" });
  } catch (error) {
    failAndEnd(error);
  }
};

/** A sensor has no log of its own in the database: what it says goes to its daemon's. */
const log = logTo((level, text) => {
  (level === "warn" || level === "error" ? process.stderr : process.stdout).write(`${text}\n`);
});

const unknownSensor = (name: string): DqueueError =>
  new DqueueError(
    "UNKNOWN_SENSOR",
    `The code location has no sensor "${name}" any more. Its daemon publishes what it has.`,
  );

main();
