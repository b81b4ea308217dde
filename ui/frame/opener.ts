import { createContext, useContext } from "react";

export interface NamedRun {
  id: string;
  job: string;
}

interface Layers {
  palette(): void;
  /** The palette, at the jobs that can be launched. */
  launch(): void;
  drawer(): void;
  /** Asks whether a run is to be canceled. */
  cancel(run: NamedRun): void;
}

const Context = createContext<Layers | null>(null);
export const Opener = Context.Provider;

/** Opens what lies above the pages. */
export const useOpener = (): Layers => useContext(Context)!;
