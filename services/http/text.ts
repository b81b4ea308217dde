import type { Json } from "../../core/json";

/** One thing wrong with a body, by JSON pointer. */
export type Flaw = { pointer: string; message: string } & { [key: string]: Json };

/** Of a body that is wrong in more places these are told: an answer is not to cost more than what it answers to. */
export const MOST_FLAWS = 100;

/** What keeps a text from being stored as it is; null: nothing. */
export const unstorableText = (text: string): string | null => {
  if (text.includes("\0")) return "contains a NUL character";
  if (/\p{Surrogate}/u.test(text)) return "contains half of a surrogate pair";
  return null;
};
