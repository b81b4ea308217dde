import { type Tone, toneOf } from "../../../parts/status";
import { CODE, type StepState } from "./steps";

/** Order of parts in a bar, and of counts. */
export const SHARES: readonly StepState[] = [
  "SUCCESS",
  "FAILURE",
  "UP_FOR_RETRY",
  "STARTED",
  "QUEUED",
  "SKIPPED",
  "CANCELED",
  "PENDING",
];

/** Parts of a status bar. */
export const partsOf = (counts: Uint32Array): (readonly [Tone | "none", number])[] =>
  SHARES.map((status) => [status === "PENDING" ? "none" : toneOf(status), counts[CODE[status]]!] as const);
