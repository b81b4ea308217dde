import { createHash } from "node:crypto";
import type { StepError } from "../../../core/errors";
import type { FailureRow } from "../../../store/queries/failures";

/** Failures with the same cause, as far as type, message and place tell. */
export interface ErrorGroup {
  fingerprint: string;
  type: string;
  /** Of the latest of them. */
  message: string;
  /** Where in the user's code it was thrown, `function (file:line:column)`; null: not known. */
  frame: string | null;
  steps: number;
  runs: number;
  /** Those of the runs that ended in failure within the time: others go on, or did not mind. */
  failed_runs: number;
  jobs: string[];
  /** The newest run among them. */
  latest_run_id: string;
  first_seen_at: string;
  last_seen_at: string;
  /** Failures in each of the buckets. */
  spark: number[];
}

type Thrown = Pick<StepError, "name" | "message" | "stack">;

const FOREIGN = /node_modules|node:|\binternal\/|<anonymous>|\/dqueue\/dist\//;

/** The first line of a stack that is of the user's own code. */
export const ownFrame = (stack: string | null | undefined): string | null => {
  for (const line of (stack ?? "").split("\n")) {
    const frame = /^\s+at (.+)$/.exec(line)?.[1];
    if (frame !== undefined && !FOREIGN.test(frame)) return frame;
  }
  return null;
};

/** Without what differs from one failure to the next: numbers, ids, times. */
const bare = (message: string): string =>
  message.replace(/\b(0x)?[0-9a-f]{8,}(-[0-9a-f]{4,})*\b|\d+([.,:]\d+)*/gi, "#").slice(0, 300);

/** Alike for errors of one type, message (but for numbers and ids) and place (but for its line). */
export const fingerprintOf = ({ name, message, stack }: Thrown): string => {
  const place = ownFrame(stack)?.replace(/:\d+:\d+\)?$/, "") ?? "";
  return createHash("sha256")
    .update(`${name}\0${bare(message)}\0${place}`)
    .digest("hex")
    .slice(0, 12);
};

/** Failures by their fingerprint, those of most runs first. */
export const errorGroups = (
  failures: readonly FailureRow[],
  { from, widthMs, count }: { from: number; widthMs: number; count: number },
): ErrorGroup[] => {
  const groups = new Map<string, FailureRow[]>();
  for (const failure of failures) {
    const fingerprint = fingerprintOf(failure.error);
    const known = groups.get(fingerprint);
    if (known) known.push(failure);
    else groups.set(fingerprint, [failure]);
  }
  const bucketOf = ({ at }: FailureRow): number => Math.min(count - 1, Math.floor((at.getTime() - from) / widthMs));
  return [...groups]
    .map(([fingerprint, members]) => {
      const times = members.map(({ at }) => at.getTime());
      const latest = members[times.indexOf(Math.max(...times))]!;
      const spark = Array.from({ length: count }, () => 0);
      for (const member of members) spark[bucketOf(member)]!++;
      return {
        fingerprint,
        type: latest.error.name,
        message: latest.error.message,
        frame: ownFrame(latest.error.stack),
        steps: new Set(members.map(({ run, step }) => `${run} ${step}`)).size,
        runs: runsOf(members),
        failed_runs: runsOf(members.filter(({ failed }) => failed)),
        jobs: [...new Set(members.map(({ job }) => job))].sort(),
        latest_run_id: latest.run,
        first_seen_at: new Date(Math.min(...times)).toISOString(),
        last_seen_at: latest.at.toISOString(),
        spark,
      };
    })
    .sort((a, b) => b.runs - a.runs || b.steps - a.steps || (a.last_seen_at < b.last_seen_at ? 1 : -1));
};

const runsOf = (failures: readonly FailureRow[]): number => new Set(failures.map(({ run }) => run)).size;
