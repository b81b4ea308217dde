import type { RunEvent } from "../../../../client";
import type { Tone } from "../../../parts/status";

/** What one looks for in events, by type. */
export const LEVELS = [
  { name: "", title: "All", types: null },
  { name: "failures", title: "Failures", types: ["STEP_FAILURE", "RUN_FAILURE", "HOOK_ERRORED"] },
  {
    name: "tries",
    title: "Retries and losses",
    types: ["STEP_UP_FOR_RETRY", "STEP_RESTARTED", "STEP_LOST", "STEP_RELEASED"],
  },
  {
    name: "run",
    title: "Run",
    types: [
      "RUN_ENQUEUED",
      "RUN_DEQUEUED",
      "RUN_STARTING",
      "RUN_START",
      "RUN_SUCCESS",
      "RUN_FAILURE",
      "RUN_CANCELING",
      "RUN_CANCELED",
      "RUN_OWNER_CHANGED",
      "HOOK_COMPLETED",
      "HOOK_ERRORED",
      "ENGINE_EVENT",
    ],
  },
] as const;

const TONES: Readonly<Record<string, Tone>> = {
  SUCCESS: "success",
  COMPLETED: "success",
  FAILURE: "failure",
  ERRORED: "failure",
  START: "started",
  STARTING: "started",
  RESTARTED: "started",
  RETRY: "retry",
  LOST: "lost",
  RELEASED: "lost",
  CANCELING: "canceled",
  CANCELED: "canceled",
  SKIPPED: "canceled",
  CHANGED: "lost",
};

/** By the last word of its type; null: it is neither good nor bad. */
export const toneOfEvent = ({ type }: RunEvent): Tone | null => TONES[type.slice(type.lastIndexOf("_") + 1)] ?? null;

/** The one thing worth knowing of an event, in words. */
export const saidBy = ({ data }: RunEvent): string => {
  if (data === null) return "";
  const { error, ...rest } = data as { error?: { name?: string; message?: string } | null };
  const facts = Object.entries(rest)
    .filter(([, value]) => value !== null)
    .map(
      ([name, value]) => `${name.replaceAll("_", " ")} ${typeof value === "object" ? JSON.stringify(value) : value}`,
    );
  return [...(error ? [`${error.name ?? "Error"}: ${error.message ?? ""}`] : []), ...facts].join(" · ");
};
