/**
 * What the checks of everything that comes over the bus are made of. Whoever is on the bus can say anything there, and a
 * node of another version may say it otherwise: that must neither end the process that hears it nor stay in its memory.
 * Written by hand, since thousands come each second.
 */
export type Fields = Record<string, unknown>;

export const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
export const isText = (value: unknown): value is string => typeof value === "string";
export const isTime = (value: unknown): value is number => Number.isFinite(value);
export const isCount = (value: unknown): value is number => Number.isSafeInteger(value);
/** Of a worker's slots one, as `process.slot`. */
export const isSlot = (value: unknown): boolean => isText(value) && /^\d{1,5}\.\d{1,5}$/.test(value);
export const isListOf = (list: unknown, is: (value: unknown) => boolean): boolean =>
  Array.isArray(list) && list.every(is);
export const isOr = (absent: null | undefined, is: (value: unknown) => boolean, value: unknown): boolean =>
  value === absent || is(value);
