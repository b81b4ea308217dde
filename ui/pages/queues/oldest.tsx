import type { ReactNode } from "react";
import { duration } from "../../parts/format";
import { useNow } from "../../parts/time";

/** Who waits longer than this waits for capacity. */
const LONG_MS = 60_000;

/** How long the step that has waited longest waits. */
export const Oldest = ({ at }: { at: string | null }): ReactNode => {
  const now = useNow();
  if (at === null) return null;
  const waited = Math.max(0, now - Date.parse(at));
  return <span className={waited > LONG_MS ? "t-retry" : "t2"}>oldest {duration(waited)}</span>;
};
