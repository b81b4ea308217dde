import { validateHeaderValue } from "node:http";
import { z } from "zod";
import { apiKeyParts } from "../core/access";
import { isLoopback } from "./loopback";

export const whole = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .pipe(z.number().min(min).max(max));

const isUrl = (text: string, protocols: string[]): boolean => {
  const parsed = tryUrl(text);
  return parsed !== null && protocols.includes(parsed.protocol) && parsed.hostname !== "" && isDecodable(parsed);
};

/** A "%" that begins no code, as passwords may have it, would be taken for this by one library and for that by another. */
const isDecodable = ({ username, password, pathname }: URL): boolean => {
  try {
    decodeURIComponent(username + password + pathname);
    return true;
  } catch {
    return false;
  }
};

/** By plain HTTP only where nobody else can listen. */
export const httpsUrl = z
  .string()
  .refine((text) => isUrl(text, ["https:"]) || (isUrl(text, ["http:"]) && isLoopback(new URL(text).hostname)));

export const url = (...protocols: string[]) => z.string().refine((text) => isUrl(text, protocols));

/** Nodes of a cluster: several URLs, separated by ";". */
export const urls = (...protocols: string[]) =>
  z.string().refine((text) => text.split(";").every((part) => isUrl(part, protocols)));

const tryUrl = (text: string): URL | null => {
  try {
    return new URL(text);
  } catch {
    return null;
  }
};

export const text = (pattern: RegExp) => z.string().regex(pattern);

export const path = text(/^[^\0]*[^\s\0][^\0]*$/);

export const list = <T extends string>(item: z.ZodType<T, string>) =>
  z
    .string()
    .transform((value) => value.split(",").map((part) => part.trim()))
    .pipe(z.array(item as z.ZodType<T, string>).min(1))
    .transform((items) => [...new Set(items)]);

export const yesOrNo = z.enum(["true", "false", "1", "0"]).transform((value) => value === "true" || value === "1");

/** HTTP headers as `name=value` pairs separated by commas, values percent-encoded. */
export const headers = z.string().transform((value, context): Record<string, string> => {
  try {
    const found = value.split(",").map((pair) => /^\s*([\w-]+)\s*=\s*(.*?)\s*$/.exec(pair)!);
    const decoded = found.map(([, name, text]) => [name!, decodeURIComponent(text!)] as const);
    for (const [name, text] of decoded) validateHeaderValue(name, text);
    return Object.fromEntries(decoded);
  } catch {
    context.addIssue("no headers");
    return z.NEVER;
  }
});

/** Days that something is kept; null: for ever. */
export const days = z
  .string()
  .regex(/^(off|\d{1,5})$/)
  .transform((value) => (value === "off" || Number(value) === 0 ? null : Number(value)));

const UNITS: Readonly<Record<string, number>> = { "": 1, K: 1e3, M: 1e6, G: 1e9, T: 1e12 };

/** A number of bytes, as people write it; null: no limit. */
export const size = z.string().transform((value, context) => {
  if (value === "off" || value === "0") return null;
  const [, number, unit = "", binary] = /^(\d{1,15}(?:\.\d+)?) ?(?:([KMGT])(i?))?B?$/.exec(value) ?? [];
  const bytes = Math.round(Number(number) * (binary ? 1024 ** "KMGT".indexOf(unit) * 1024 : UNITS[unit]!));
  if (Number.isSafeInteger(bytes) && bytes > 0) return bytes;
  context.addIssue("not a size");
  return z.NEVER;
});

export const DAYS_ALLOWED = "a whole number of days up to 99999, or 0 or off to keep them for ever";
export const apiKey = z.string().refine((text) => apiKeyParts(text) !== null);
export const API_KEY_FORM =
  'an API key as `dqueue keys create` prints it: "dq_", 16 of a-z0-9, a dot, and 43 of A-Za-z0-9_- or more';
