import type { Deployment } from "../../../client";
import { duration } from "../../parts/format";

type Node = Deployment["nodes"][number];

/** From here on, beats and calls of a process come noticeably late. */
const LATE_MS = 100;
export const isLate = ({ loop_p99_ms: late }: Node): boolean => late !== null && late >= LATE_MS;

/** Why the runs of whoever owns a shard may stand still; null: they do not, as far as it is known. */
export const troubleOf = (owner: Node | undefined): string | null => {
  if (!owner) return null;
  if (owner.up_seconds === null) return "does not answer";
  return isLate(owner) ? `${duration(owner.loop_p99_ms!)} late` : null;
};
