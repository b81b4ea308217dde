import type { StepError } from "../core/errors";
import type { OpContext } from "./context";
import { logTo } from "./context";
import type { OpDefinition } from "./op";
import type { StepCall, StepHost } from "./perform";

export type HookContext = Parameters<NonNullable<OpDefinition["hooks"]["onSuccess"]>>[0];

type UserContext = OpContext<unknown, unknown, unknown>;
type Context = { -readonly [Field in keyof UserContext]: UserContext[Field] };

/** What user code gets; its config, resources and input are put in once they are there. */
export const contextOf = (call: StepCall, host: StepHost): Context => ({
  job: call.job,
  runId: call.runId,
  stepKey: call.stepKey,
  attempt: call.attempt,
  fence: call.fence,
  tags: call.tags,
  log: logTo((level, text) => host.log(level, text)),
  get signal() {
    return host.signal;
  },
  config: {},
  resources: {},
  input: undefined,
  committedKeys: call.committedKeys ?? [],
  progress: (fraction: number, message?: string): void =>
    host.progress(
      Number.isNaN(fraction) ? 0 : Math.min(1, Math.max(0, fraction)),
      message === undefined ? null : String(message),
    ),
});

/** What an op's hooks get. */
export const hookContext = (
  op: OpDefinition,
  { job, runId, stepKey, attempt, fence, tags, log, config, resources }: Context,
  outputs: Record<string, unknown> | null,
  error: StepError | null,
): HookContext => ({ job, runId, stepKey, attempt, fence, tags, log, config, resources, op: op.name, outputs, error });
