import { types } from "pg";

const INT8 = 20;
const INT8_ARRAY = 1016;

const parseInteger = (text: string): number => {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new RangeError(`The database returned ${text}, which a JavaScript number cannot hold exactly.`);
};

const parseIntegerArray = (text: string): (number | null)[] =>
  text === "{}"
    ? []
    : text
        .slice(1, -1)
        .split(",")
        .map((part) => (part === "NULL" ? null : parseInteger(part)));

/** How columns arrive: as `pg` has them (json parsed, timestamptz as Date), but bigint as number: ours stay below 2^53. */
export const parsers = {
  getTypeParser: ((oid: number, format?: "text" | "binary") => {
    if (format !== "binary" && oid === INT8) return parseInteger;
    if (format !== "binary" && oid === INT8_ARRAY) return parseIntegerArray;
    return types.getTypeParser(oid, format as "text");
  }) as typeof types.getTypeParser,
};
