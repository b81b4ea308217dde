import { suggestion } from "../core/nearest";
import type { Place } from "./checks";
import type { Flaw } from "./definition-error";
import { invalidDefinition, shown } from "./definition-error";

/** The names of all options of `T`: one that is added to the type and not here does not compile. */
export type OptionNames<T> = Readonly<Record<keyof T, true>>;

/** @throws DqueueError INVALID_DEFINITION, with the given place, unless it is an object. */
export const checkObject = (
  given: unknown,
  options: Readonly<Record<string, true>>,
  place: Omit<Flaw, "problem" | "fix">,
): void => {
  if (typeof given === "object" && given !== null && !Array.isArray(given)) return;
  throw invalidDefinition({
    ...place,
    problem: `${shown(given)} was given in place of options`,
    fix: `give an object of ${Object.keys(options).join(", ")}`,
  });
};

/**
 * TypeScript refuses a misspelt option only where it checks; one that is passed over in silence is never missed.
 * @param within where the options stand, e.g. `retry`; empty for those of the definition itself.
 * @throws DqueueError INVALID_DEFINITION unless `given` is an object of known options.
 */
export const checkOptions = (
  given: object,
  options: Readonly<Record<string, true>>,
  place: Place,
  within = "",
): void => {
  checkObject(given, options, within === "" ? place : { ...place, field: within });
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(options, name));
  if (unknown === undefined) return;
  const known = Object.keys(options);
  throw invalidDefinition({
    ...place,
    field: within === "" ? unknown : `${within}.${unknown}`,
    problem: `there is no such option${suggestion(unknown, known)}`,
    fix: `use ${known.join(", ")}`,
  });
};
