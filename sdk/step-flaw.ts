import { DqueueError } from "../core/errors";
import type { OpDefinition } from "./op";
import type { StepCall } from "./step-call";

/** An error that names the op and the step; `what` completes "The op … (step …) …". */
export const stepFlaw = (
  code: string,
  { name }: OpDefinition,
  { stepKey }: StepCall,
  what: string,
  pointer?: string,
): DqueueError => new DqueueError(code, `The op "${name}" (step "${stepKey}") ${what}.`, pointer ? { pointer } : {});
