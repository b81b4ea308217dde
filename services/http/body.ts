import type { IncomingMessage } from "node:http";
import { parse } from "secure-json-parse";
import { DqueueError } from "../../core/errors";
import type { Json } from "../../core/json";
import { type Flaw, MOST_FLAWS, unstorableText } from "./text";

/** Bytes of a request's body. */
export const MAX_BODY_BYTES = 1024 * 1024;
const MAX_DEPTH = 100;

/**
 * Reads and parses a request's body; undefined where there is none.
 * @throws DqueueError BODY_TOO_LARGE, MALFORMED_BODY, BODY_TOO_DEEP, FORBIDDEN_KEY, or INVALID_BODY for a value that
 * the database or a JavaScript number cannot hold.
 */
export const readBody = async (request: IncomingMessage): Promise<Json | undefined> => {
  const bytes = await readBytes(request);
  if (bytes.length === 0) return undefined;
  const text = decode(bytes);
  refuseDepth(text);
  const value = parseText(text);
  const flaws = [...flawsOf(value, "", mostDigits(text))].slice(0, MOST_FLAWS);
  if (flaws.length === 0) return value;
  throw new DqueueError("INVALID_BODY", `${flaws[0]!.pointer || "/"}: ${flaws[0]!.message}.`, { errors: flaws });
};

/** So much of a body that is too large is taken in and thrown away: a client that still sends would not see the answer. */
const MAX_DISCARDED_BYTES = 64 * MAX_BODY_BYTES;

const readBytes = (request: IncomingMessage): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    if (Number(request.headers["content-length"] ?? 0) > MAX_DISCARDED_BYTES) return reject(tooLarge());
    const parts: Buffer[] = [];
    let size = 0;
    request.on("data", (part: Buffer) => {
      size += part.length;
      if (size <= MAX_BODY_BYTES) parts.push(part);
      else parts.length = 0;
      if (size > MAX_DISCARDED_BYTES) request.destroy();
    });
    request.once("end", () => (size > MAX_BODY_BYTES ? reject(tooLarge()) : resolve(Buffer.concat(parts))));
    request.once("error", reject);
    request.once("close", () => reject(new DqueueError("MALFORMED_BODY", "The body ended before it was complete.")));
    return undefined;
  });

const tooLarge = (): DqueueError =>
  new DqueueError(
    "BODY_TOO_LARGE",
    `The body is larger than ${MAX_BODY_BYTES} bytes. Give large data by reference: a path or URL in the config.`,
  );

const decode = (bytes: Buffer): string => {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new DqueueError("MALFORMED_BODY", "The body is not UTF-8.");
  }
};

/** Before it is parsed, since a parser's recursion is what deep nesting is aimed at. */
const refuseDepth = (text: string): void => {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (inString) {
      if (char === "\\") i++;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === "[" || char === "{") {
      if (++depth > MAX_DEPTH) {
        throw new DqueueError("BODY_TOO_DEEP", `The body is nested deeper than ${MAX_DEPTH} levels.`);
      }
    } else if (char === "]" || char === "}") depth--;
  }
};

const parseText = (text: string): Json => {
  try {
    JSON.parse(text);
  } catch (error) {
    throw new DqueueError("MALFORMED_BODY", `The body is not JSON: ${(error as Error).message}.`);
  }
  try {
    return parse(text, null, { protoAction: "error", constructorAction: "error" }) as Json;
  } catch {
    throw new DqueueError("FORBIDDEN_KEY", 'The body holds the key "__proto__" or "constructor.prototype".');
  }
};

/** Values that would be altered on their way: refused with their place instead. */
function* flawsOf(value: Json, pointer: string, digits: number): Generator<Flaw> {
  if (typeof value === "string") {
    const message = unstorableText(value);
    if (message) yield { pointer, message };
  } else if (typeof value === "number") {
    if (!Number.isFinite(value)) yield { pointer, message: "is too large a number" };
    else if (isRounded(value, digits))
      yield { pointer, message: "is an integer beyond 2^53, which JSON numbers do not carry exactly: send a string" };
  } else if (value !== null && typeof value === "object") {
    for (const [key, member] of Object.entries(value)) {
      const inner = `${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
      const message = unstorableText(key);
      if (message) yield { pointer: inner, message: `has a key that ${message}` };
      yield* flawsOf(member, inner, digits);
    }
  }
}

/** How many digits stand in a row at most, of 16 and more: looked up once, not for each number. */
const mostDigits = (text: string): number =>
  (text.match(/\d{16,}/g) ?? []).reduce((most, { length }) => Math.max(most, length), 0);

/** 1e300 is a number like any other; 12345678901234567, written out, would silently become another one. */
const isRounded = (value: number, digits: number): boolean =>
  Number.isInteger(value) && !Number.isSafeInteger(value) && digits >= (Math.abs(value) < 1e21 ? 16 : 22);
