import type { RunStatus } from "../../../client";
import { statusesOf, type Token } from "../../../client/filter-text";
import { RUN_STATUSES } from "../../../client/run-lists";

/** The tokens with this one in the place of what says the same: values of a field gather, times stand alone. */
export const withToken = (tokens: readonly Token[], added: Token): Token[] => {
  const single = added.field === "created" || added.field === "duration";
  const same = tokens.find(({ field, not }) => field === added.field && not === added.not);
  // Each tag must hold: several of them are no choice.
  if (!same || added.field === "tag") return [...tokens, added];
  const values = single ? added.values : [...new Set([...same.values, ...added.values])];
  return tokens.map((token) => (token === same ? { ...same, values } : token));
};

/** Toggles a status among those that are asked for. @param only it alone. */
export const toggleStatus = (tokens: readonly Token[], statuses: readonly RunStatus[], only: boolean): Token[] => {
  const rest = tokens.filter(({ field }) => field !== "status");
  const asked = statusesOf(tokens);
  const on = asked !== null && statuses.every((status) => asked.includes(status));
  if (only)
    return on && asked.length === statuses.length
      ? rest
      : [...rest, { field: "status", not: false, values: [...statuses] }];
  const values = on
    ? asked.filter((status) => !statuses.includes(status))
    : RUN_STATUSES.filter((status) => asked?.includes(status) || statuses.includes(status));
  return values.length === 0 ? rest : [...rest, { field: "status", not: false, values }];
};
