import { createContext, useContext } from "react";

interface Layers {
  palette(): void;
  /** The palette, at the jobs that can be launched. */
  launch(): void;
  drawer(): void;
}

const Context = createContext<Layers | null>(null);
export const Opener = Context.Provider;

/** Opens what lies above the pages. */
export const useOpener = (): Layers => useContext(Context)!;
