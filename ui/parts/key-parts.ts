/** `work` and `[318]` of `work[318]`; of a step that is not mapped, the item is empty. */
export const keyParts = (key: string): { name: string; item: string } => {
  const bracket = key.indexOf("[");
  return bracket < 0 ? { name: key, item: "" } : { name: key.slice(0, bracket), item: key.slice(bracket) };
};

/** What tells a step from its siblings: `[318]` of `work[318]`, else the name. */
export const shortKey = (key: string): string => {
  const { name, item } = keyParts(key);
  return item || name;
};
