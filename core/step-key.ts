/** Form of a mapping key: what an item of a generator may be called. */
export const MAPPING_KEY = /^[\p{L}\p{N}_-]{1,200}$/u;

/** The step key of a node's instance: `process_task`, `process_task[3]`, nested `a[1][2]`. */
export const stepKey = (node: string, path: readonly string[]): string =>
  path.length === 0 ? node : `${node}[${path.join("][")}]`;

/** Reads a step key; null where it has not the form of one. */
export const parseStepKey = (key: string): { node: string; path: string[] } | null => {
  const [, node, keys] = /^([^[\]]+)(?:\[(.*)\])?$/su.exec(key) ?? [];
  if (node === undefined) return null;
  const path = keys?.split("][") ?? [];
  return path.every((part) => MAPPING_KEY.test(part)) ? { node, path } : null;
};

/** The node of a key that is one: what stands before its brackets. */
export const nodeOfKey = (key: string): string => {
  const bracket = key.indexOf("[");
  return bracket < 0 ? key : key.slice(0, bracket);
};
