import { useSyncExternalStore } from "react";

const phone = matchMedia("(max-width: 639px)");
const watch = (watcher: () => void): (() => void) => {
  phone.addEventListener("change", watcher);
  return () => phone.removeEventListener("change", watcher);
};

/** True on phones: rows of two lines, buttons of 44. */
export const useNarrow = (): boolean => useSyncExternalStore(watch, () => phone.matches);
