import { DqueueError } from "../core/errors";

/** Where in an author's definitions something is wrong, and how to mend it. */
export interface Flaw {
  job?: string;
  op?: string;
  sensor?: string;
  resource?: string;
  /** The option, e.g. `retry.maxRetries`. */
  field?: string;
  problem: string;
  fix: string;
}

/** A definition that cannot work, told when it is made: DqueueError INVALID_DEFINITION. */
export const invalidDefinition = ({ job, op, sensor, resource, field, problem, fix }: Flaw): DqueueError => {
  const place = [
    job === undefined ? null : `Job "${job}"`,
    sensor === undefined ? null : `Sensor "${sensor}"`,
    resource === undefined ? null : `Resource "${resource}"`,
    op === undefined ? null : `op "${op}"`,
    field === undefined ? null : `field "${field}"`,
  ].filter((part) => part !== null);
  const sentence = `${place.length > 0 ? `${place.join(", ")}: ` : ""}${problem}. Fix: ${fix}.`;
  return new DqueueError("INVALID_DEFINITION", sentence[0]!.toUpperCase() + sentence.slice(1), {
    job,
    op,
    sensor,
    resource,
    field,
    problem,
    fix,
  });
};

/** A value as a message shows it: short, and never throwing. */
export const shown = (value: unknown): string => {
  if (typeof value === "string") return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
  if (typeof value === "number" || value === null || value === undefined || typeof value === "boolean")
    return String(value);
  return `a value of type ${typeof value}`;
};
