import { DqueueError } from "../core/errors";

/**
 * Throws what has been found wrong, so that all of it can be mended at once: the error itself where there is one, else
 * one with the first's code and a line for each, and each of them in `details.errors`.
 */
export const throwAll = (found: readonly DqueueError[]): void => {
  const [first, ...others] = found;
  if (!first) return;
  if (others.length === 0) throw first;
  const errors = found.map(({ code, message, details }) => ({ code, message, ...details }));
  throw new DqueueError(first.code, found.map(({ message }) => message).join("\n"), { ...first.details, errors });
};

/** The DqueueErrors that the checks throw, in their order; whatever else they throw is thrown. */
export const errorsOf = async (checks: readonly (() => unknown)[]): Promise<DqueueError[]> => {
  const results = await Promise.allSettled(checks.map(async (check) => check()));
  return results.flatMap((result) => {
    if (result.status === "fulfilled") return [];
    if (result.reason instanceof DqueueError) return [result.reason];
    throw result.reason;
  });
};
