import { DqueueError } from "../core/errors";

/** Types of columns that travel in PostgreSQL's binary form, with the OID of their elements. Times are given in ms since the epoch. */
const OIDS = { text: 25, uuid: 2950, int: 23, smallint: 21, bigint: 20, timestamptz: 1184, bool: 16 } as const;
export type ColumnType = keyof typeof OIDS;
export type ColumnValue = string | number | boolean | null;

const HEADER_BYTES = 20;
/** PostgreSQL counts microseconds from here. */
const POSTGRES_EPOCH_MS = Date.UTC(2000, 0, 1);
/** Shorter strings are written character by character: a call out of JavaScript costs more. */
const SHORT_CHARS = 40;

/** Grows with the largest column and is written anew for each. */
let scratch = Buffer.allocUnsafe(256 * 1024);
let at = 0;

const room = (bytes: number): void => {
  if (at + bytes <= scratch.length) return;
  const larger = Buffer.allocUnsafe(Math.max(scratch.length * 2, at + bytes));
  scratch.copy(larger, 0, 0, at);
  scratch = larger;
};

/**
 * A column of rows as an array in PostgreSQL's binary form; null where no row has a value, since `unnest` of several
 * arrays fills a missing one up with nulls. As text, an array costs the owner its quoting and the server its parsing:
 * together a third of a commit.
 *
 * Throws UNSTORABLE for a number that its type cannot hold.
 */
export const binaryColumn = <Row>(
  type: ColumnType,
  rows: readonly Row[],
  of: (row: Row) => ColumnValue,
): Buffer | null => {
  at = HEADER_BYTES;
  let nulls = 0;
  for (const row of rows) {
    const value = of(row);
    room(12);
    if (value === null) {
      nulls++;
      at = scratch.writeInt32BE(-1, at);
    } else write(type, value);
  }
  if (nulls === rows.length) return null;
  // Dimensions, whether there are nulls, the type of the elements, their number, the index of the first.
  [1, nulls > 0 ? 1 : 0, OIDS[type], rows.length, 1].forEach((field, i) => scratch.writeInt32BE(field, i * 4));
  return Buffer.from(scratch.subarray(0, at));
};

const write = (type: ColumnType, value: string | number | boolean): void => {
  switch (type) {
    case "text":
      return writeText(value as string);
    case "uuid":
      return writeUuid(value as string);
    case "timestamptz":
      return writeInteger("bigint", Math.round(((value as number) - POSTGRES_EPOCH_MS) * 1_000));
    case "bool":
      at = scratch.writeInt32BE(1, at);
      scratch[at++] = value ? 1 : 0;
      return;
    default:
      return writeInteger(type, value as number);
  }
};

const INTEGERS = {
  smallint: { bytes: 2, limit: 2 ** 15 },
  int: { bytes: 4, limit: 2 ** 31 },
  bigint: { bytes: 8, limit: 2 ** 53 },
} as const;

const writeInteger = (type: keyof typeof INTEGERS, value: number): void => {
  const { bytes, limit } = INTEGERS[type];
  if (!Number.isInteger(value) || value >= limit || value < -limit)
    throw new DqueueError("UNSTORABLE", `${value} is not a number that a column of type ${type} holds.`);
  at = scratch.writeInt32BE(bytes, at);
  if (bytes === 2) at = scratch.writeInt16BE(value, at);
  else if (bytes === 4) at = scratch.writeInt32BE(value, at);
  else {
    const high = Math.floor(value / 2 ** 32);
    at = scratch.writeInt32BE(high, at);
    at = scratch.writeUInt32BE(value - high * 2 ** 32, at);
  }
};

const writeText = (text: string): void => {
  room(4 + text.length * 3);
  const start = at + 4;
  const end = (text.length <= SHORT_CHARS && writeAscii(text, start)) || start + scratch.write(text, start);
  scratch.writeInt32BE(end - start, at);
  at = end;
};

/** @returns where it ends; 0 if there is another character in it. */
const writeAscii = (text: string, start: number): number => {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 127) return 0;
    scratch[start + i] = code;
  }
  return start + text.length;
};

/** The UUID that was written last, and its bytes: rows of one run follow each other. */
let lastUuid = "";
const lastBytes = Buffer.alloc(16);

const writeUuid = (uuid: string): void => {
  if (uuid !== lastUuid) {
    lastUuid = "";
    readUuid(uuid);
    lastUuid = uuid;
  }
  room(20);
  at = scratch.writeInt32BE(16, at);
  for (let i = 0; i < 16; i++) scratch[at + i] = lastBytes[i]!;
  at += 16;
};

const readUuid = (uuid: string): void => {
  let digits = 0;
  for (let i = 0; i < uuid.length && digits <= 32; i++) {
    const code = uuid.charCodeAt(i);
    if (code === DASH) continue;
    const digit = hexDigit(code);
    if (digit < 0) break;
    if (digits < 32) lastBytes[digits >> 1] = digits % 2 === 0 ? digit << 4 : lastBytes[digits >> 1]! | digit;
    digits++;
  }
  if (digits !== 32 || uuid.length > 36) throw new DqueueError("UNSTORABLE", `${JSON.stringify(uuid)} is not a UUID.`);
};

const DASH = 45;

/** -1: it is none. */
const hexDigit = (code: number): number => {
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
};
