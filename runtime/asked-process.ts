import { DqueueError, type StepError } from "../core/errors";
import type { Catalog } from "../core/graph";
import type { JsonObject } from "../core/json";
import type { Secrets } from "../core/secrets";
import type { Said, SensorAnswer, SensorContext } from "../core/sensing";
import { logTo } from "../sdk/context";
import { catalogOf } from "../sdk/registry";
import { evaluateSensor } from "../sdk/sensor";
import { toStepError } from "../sdk/step-error";
import type { CodeBundle } from "./bundle";
import { loadCode } from "./code";
import { WholeLines } from "./whole-lines";
import { type SecretRules, secretsOf } from "./process-secrets";

/** How this process is started; its first message. */
export interface AskedProcessSettings {
  bundle: CodeBundle;
  secrets: SecretRules;
}

/** What this process can be asked. */
export type Question =
  | { type: "describe" }
  | { type: "evaluate"; sensor: string; context: SensorContext; /** Tell what it writes, too. */ listen: boolean };

export interface Description {
  catalog: Catalog;
  /** Sentences for the author about definitions that were left out. */
  problems: string[];
}
export type Reply =
  | { type: "ready" }
  | { type: "said"; said: Said }
  | { type: "answer"; answer: Description | SensorAnswer }
  | { type: "error"; error: StepError; /** It ends now. */ fatal?: boolean };

const reply = (message: Reply, then?: () => void): void => {
  if (process.connected) process.send!(message, () => then?.());
};

/** The main function of a process that loads the code once and answers questions about it, one at a time. */
const main = ({ bundle, secrets: rules }: AskedProcessSettings): void => {
  const secrets = secretsOf(rules);
  const byValue = (error: unknown): StepError => toStepError(error, secrets).error;
  process.on("disconnect", () => process.exit(0));
  const fail = (error: unknown): void => reply({ type: "error", error: byValue(error) });
  const ears = earsOf(secrets);
  const failAndEnd = (error: unknown): void => {
    ears.close();
    reply({ type: "error", error: byValue(error), fatal: true }, () => process.exit(1));
  };
  try {
    const code = loadCode(bundle);
    process.on("message", (question: Question) => {
      if (question.type === "describe") {
        const catalog: Catalog = { codeVersion: bundle.version, ...catalogOf(code) };
        return reply({ type: "answer", answer: { catalog, problems: [...code.problems] } });
      }
      const { sensor: name, context, listen } = question;
      const sensor = code.sensors.get(name);
      if (!sensor) return fail(unknownSensor(name));
      if (listen) ears.open();
      evaluateSensor(sensor, context, log)
        .then((answer) => withoutSecrets(name, answer, secrets))
        .finally(() => ears.close())
        .then((answer) => reply({ type: "answer", answer }), fail);
    });
    process.on("uncaughtException", failAndEnd);
    process.on("unhandledRejection", failAndEnd);
    reply({ type: "ready" });
  } catch (error) {
    failAndEnd(error);
  }
};

/** Tell what is written to stdout and stderr while they are open; it is written all the same. */
const earsOf = (secrets: Secrets): { open(): void; close(): void } => {
  const ears = (["stdout", "stderr"] as const).map((stream) => {
    const lines = new WholeLines(secrets, (text) => reply({ type: "said", said: { stream, text } }));
    return { stream, lines, write: process[stream].write.bind(process[stream]) };
  });
  const close = (): void => {
    for (const { stream, lines, write } of ears) {
      process[stream].write = write;
      lines.end();
    }
  };
  const open = (): void => {
    for (const { stream, lines, write } of ears)
      process[stream].write = ((...written: Parameters<typeof write>) => {
        lines.push(typeof written[0] === "string" ? written[0] : Buffer.from(written[0]));
        return write(...written);
      }) as typeof write;
  };
  return { open, close };
};

/** A sensor has no log of its own in the database: what it says goes to its daemon's. */
const log = logTo((level, text) => {
  (level === "warn" || level === "error" ? process.stderr : process.stdout).write(`${text}\n`);
});

/** @throws DqueueError SECRET_IN_OUTPUT where what would be stored holds a secret. */
const withoutSecrets = (sensor: string, answer: SensorAnswer, secrets: Secrets): SensorAnswer => {
  const { runRequests, skipReason, cursor } = answer;
  const held = secrets.heldBy({ runRequests, cursor: cursor ?? null } as unknown as JsonObject);
  if (held)
    throw new DqueueError(
      "SECRET_IN_OUTPUT",
      `Sensor "${sensor}" gave the secret env:${held.variable} at ${held.pointer}. What a sensor gives is stored and shown: give {"$secret": "env:${held.variable}"} in a config in its place.`,
      { pointer: held.pointer },
    );
  return { ...answer, skipReason: skipReason && secrets.mask(skipReason) };
};

const unknownSensor = (name: string): DqueueError =>
  new DqueueError(
    "UNKNOWN_SENSOR",
    `The code location has no sensor "${name}" any more. Its daemon publishes what it has.`,
  );

process.once("message", main);
