import { z } from "zod";
import { type Json, pointerTo } from "../core/json";
import { NO_REFERENCE_HERE, REFERENCE_FORM, replaceReferences, variableOf } from "../core/secret-reference";
import type { Schema } from "./schema";

type Issue = Pick<z.core.$ZodIssue, "path" | "message">;

/** Stands in for a secret, of which nothing is known but that it is text. */
const STAND_IN = "***";

/** What is wrong with a value of a config that may refer to secrets. */
export const issuesOf = (schema: Schema, value: Json): Issue[] => {
  const references = new Set<string>();
  const malformed: Issue[] = [];
  const whole = replaceReferences(value, (reference, pointer) => {
    references.add(pointer);
    if (variableOf(reference) === null)
      malformed.push({ path: pointer.split("/").slice(1), message: `must be ${REFERENCE_FORM}` });
    return STAND_IN;
  });
  if (references.size === 0) return z.safeParse(schema, value).error?.issues ?? [];
  const found = safely(schema, whole).flatMap((issue): Issue[] => {
    const { path } = issue;
    if (!references.has(path.reduce<string>((to, key) => pointerTo(to, String(key)), ""))) return [issue];
    return ofKind(issue) ? [{ path, message: NO_REFERENCE_HERE }] : [];
  });
  return [...malformed, ...found];
};

// What an author's own check or transform throws at the stand-in tells nothing of the secret.
const safely = (schema: Schema, value: Json): z.core.$ZodIssue[] => {
  try {
    return z.safeParse(schema, value, { reportInput: true }).error?.issues ?? [];
  } catch {
    return [];
  }
};

/** Whether a value of this kind is wrong, whatever the text is. */
const ofKind = (issue: z.core.$ZodIssue): boolean =>
  issue.code === "invalid_union"
    ? issue.errors.every((branch) => branch.some(ofKind))
    : (issue.code === "invalid_type" || issue.code === "invalid_value") && issue.input === STAND_IN;
