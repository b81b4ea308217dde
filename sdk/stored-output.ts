import type { Json } from "../core/json";
import { isIoReference } from "./io-manager";
import type { OpDefinition } from "./op";
import { RESULT } from "./op";
import type { StepCall, StepHost } from "./step-call";
import { stepFlaw } from "./step-flaw";
import { checkStorable } from "./storable";

/**
 * A value as it is stored: itself, or a promise of what leads to where its IO manager has put it.
 * @throws DqueueError UNSTORABLE_VALUE; SECRET_IN_OUTPUT where what is stored holds a secret or is found by one.
 */
export const stored = (
  op: OpDefinition,
  call: StepCall,
  host: StepHost,
  output: string,
  mappingKey: string | null,
  value: unknown,
): Json | Promise<Json> => {
  const { ioManager } = op;
  const check = (kept: unknown): Json => storable(op, call, host, output, mappingKey, kept);
  if (!ioManager) return check(value);
  const { runId, stepKey, fence } = call;
  return Promise.resolve(ioManager.store({ runId, stepKey, output, mappingKey, fence }, value)).then((handle) =>
    check({ "dqueue/io": ioManager.name, handle }),
  );
};

const storable = (
  op: OpDefinition,
  call: StepCall,
  host: StepHost,
  output: string,
  mappingKey: string | null,
  value: unknown,
): Json => {
  const refuse = (code: string, why: string, pointer?: string): never => {
    const what = `${output === RESULT ? "output" : `output "${output}"`}${mappingKey === null ? "" : ` under the key "${mappingKey}"`}`;
    throw stepFlaw(code, op, call, `gave an ${what} ${why}`, pointer);
  };
  const found = checkStorable(value);
  if (!found.ok) return refuse("UNSTORABLE_VALUE", `that cannot be stored: ${found.message}`, found.pointer);
  const { json } = found;
  if (!op.ioManager && isIoReference(json))
    refuse("UNSTORABLE_VALUE", 'with the key "dqueue/io", which is kept for IO managers');
  const held = (mappingKey === null ? null : host.secrets.heldBy(mappingKey)) ?? host.secrets.heldBy(json);
  if (held)
    refuse(
      "SECRET_IN_OUTPUT",
      `that holds the secret env:${held.variable}${held.pointer && ` at ${held.pointer}`}. What a step gives is stored and shown; whoever needs the secret takes it from a reference in its own config`,
      held.pointer,
    );
  return json;
};
