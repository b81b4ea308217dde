import { DqueueError } from "../core/errors";

/** Where in an author's definitions something is wrong, and how to mend it. */
export interface Flaw {
  job?: string;
  op?: string;
  sensor?: string;
  /** The option, e.g. `retry.maxRetries`. */
  field?: string;
  problem: string;
  fix: string;
}

/** A definition that cannot work, told when it is made: DqueueError INVALID_DEFINITION. */
export const invalidDefinition = ({ job, op, sensor, field, problem, fix }: Flaw): DqueueError => {
  const place = [
    job === undefined ? null : `Job "${job}"`,
    sensor === undefined ? null : `Sensor "${sensor}"`,
    op === undefined ? null : `op "${op}"`,
    field === undefined ? null : `field "${field}"`,
  ].filter((part) => part !== null);
  const sentence = `${place.length > 0 ? `${place.join(", ")}: ` : ""}${problem}. Fix: ${fix}.`;
  return new DqueueError("INVALID_DEFINITION", sentence[0]!.toUpperCase() + sentence.slice(1), {
    job,
    op,
    sensor,
    field,
    problem,
    fix,
  });
};
