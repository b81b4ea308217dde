const leavers = new Set<() => void>();

// From before the pages hear of it: what they draw next may keep what is open, for something else.
addEventListener("popstate", () => leavers.forEach((leave) => leave()));

/** What is done first when somebody goes back or forward. @returns what takes it back. */
export const onBack = (leave: () => void): (() => void) => {
  leavers.add(leave);
  return () => void leavers.delete(leave);
};
