import type { ReactNode } from "react";
import { usePanelWidth } from "./grip";

/** The place of a step's panel. */
export const ComingPanel = (): ReactNode => {
  const width = usePanelWidth();
  return <aside className="spanel" aria-busy="true" aria-label="Step" {...(width !== null && { style: { width } })} />;
};
