import type { z } from "zod";
import type { Json } from "../core/json";
import { checkDefinition } from "./checks";
import { runCommand } from "./command-process";
import type { OpContext } from "./context";
import { invalidDefinition } from "./definition-error";
import type { Handle, ResultOf, WiringOf } from "./handle";
import type { Item, Op, OpOptions } from "./op";
import { op, OP_OPTIONS } from "./op";
import type { OptionNames } from "./options";
import type { ResourceSpec } from "./resource";
import type { InputSpec, OutputSpec } from "./schema";
import { isMarked } from "./schema";

type Erased = OpOptions<z.ZodObject | undefined, InputSpec, OutputSpec, ResourceSpec, unknown>;

export interface CommandOptions<C, I extends InputSpec, O extends OutputSpec> extends Omit<
  OpOptions<C, I, O, Record<never, never>, unknown>,
  "run" | "resources"
> {
  /** The program and its arguments; it is started without a shell. */
  command: readonly [string, ...string[]] | readonly string[];
  /** Working directory; the step process's by default. */
  cwd?: string;
  /** Added to the step process's environment. */
  env?: Readonly<Record<string, string>>;
}

const { run: _run, resources: _resources, ...SHARED_OPTIONS } = OP_OPTIONS;
const COMMAND_OPTIONS: OptionNames<CommandOptions<unknown, InputSpec, OutputSpec>> = {
  command: true,
  cwd: true,
  env: true,
  ...SHARED_OPTIONS,
};

/**
 * Declares an op that is a program in any language.
 *
 * It gets its input as one JSON document on stdin (null if it has none) and its config as JSON in `DQUEUE_CONFIG`
 * (also `DQUEUE_RUN_ID`, `DQUEUE_STEP_KEY`, `DQUEUE_ATTEMPT`, `DQUEUE_FENCE`, where traces are on `TRACEPARENT`). It tells what it has to tell as JSON,
 * one message a line, on the descriptor in `DQUEUE_MESSAGES_FD` (3): `{"output": …}`, for a generator
 * `{"item": {"key": …, "value": …}}`, `{"log": "…", "level": "info"}`, `{"progress": 0.4, "message": "…"}`, and
 * `{"failure": {"message": "…", "metadata": {…}, "retryable": false}}`. stdout and stderr are its log. Exit code 0 is
 * success; any other fails the step with the code and the last lines of stderr. A cancel or timeout sends SIGTERM to
 * its whole process group and, 5 s later, SIGKILL; what it leaves running behind it is killed too.
 */
export const commandOp = <
  C extends z.ZodObject | undefined = undefined,
  I extends InputSpec = undefined,
  O extends OutputSpec = undefined,
>(
  options: CommandOptions<C, I, O>,
): Op<WiringOf<I>, O extends undefined ? Handle<unknown> : ResultOf<O, never>> => {
  checkDefinition("op", options, COMMAND_OPTIONS);
  const { command, cwd, env, ...rest } = options;
  if (
    !Array.isArray(command) ||
    command.length === 0 ||
    command.some((part) => typeof part !== "string" || part.includes("\0"))
  )
    throw invalidDefinition({
      op: options.name,
      field: "command",
      problem: "is not a program with its arguments",
      fix: 'give an array of strings, such as ["python3", "work.py"]',
    });
  const start = (context: OpContext<unknown, unknown, unknown>) =>
    runCommand({ command, cwd, env }, context as OpContext<unknown, Json | undefined, unknown>);
  const run = isMarked("dynamic", options.out)
    ? async function* (context: OpContext<unknown, unknown, unknown>): AsyncGenerator<Item<unknown>> {
        yield* start(context).items();
      }
    : (context: OpContext<unknown, unknown, unknown>) => start(context).output();
  return op({ ...rest, run } as unknown as Erased & { out?: undefined }) as never;
};
