import type { ReactNode } from "react";
import { STATUS_SHAPES } from "./status-shapes";

/** What a run, a step, an attempt (LOST) or a tick can be. */
export type Status = keyof typeof STATUS_SHAPES;
/** The colour that stands for a status: `f-<tone>` fills, `t-<tone>` is text, `b-<tone>` a tint. */
export type Tone = "success" | "failure" | "started" | "queued" | "retry" | "canceled" | "lost";

const TONES: Record<Status, Tone> = {
  SUCCESS: "success",
  FAILURE: "failure",
  STARTED: "started",
  STARTING: "started",
  QUEUED: "queued",
  PENDING: "queued",
  UP_FOR_RETRY: "retry",
  SKIPPED: "canceled",
  CANCELED: "canceled",
  CANCELING: "canceled",
  LOST: "lost",
};

export const toneOf = (status: Status): Tone => TONES[status];

/** "Up for retry" */
export const wordOf = (status: Status): string => status[0] + status.slice(1).toLowerCase().replaceAll("_", " ");

/** True of what goes on: its clock runs. */
export const runs = (status: Status): boolean =>
  status === "STARTED" || status === "STARTING" || status === "CANCELING";

/** `label`: where it stands without its word, as in dense counters. */
export const StatusIcon = ({
  status,
  size = 14,
  label,
}: {
  status: Status;
  size?: number;
  label?: string;
}): ReactNode => (
  <svg
    className={`si si-${toneOf(status)}`}
    width={size}
    height={size}
    viewBox="0 0 16 16"
    {...(label === undefined ? { "aria-hidden": true } : { role: "img", "aria-label": label })}
  >
    {STATUS_SHAPES[status]}
  </svg>
);

/** Icon and word. */
export const StatusWord = ({ status, children }: { status: Status; children?: ReactNode }): ReactNode => (
  <span className={`st t-${toneOf(status)}`}>
    <StatusIcon status={status} />
    <span>
      {wordOf(status)}
      {children}
    </span>
  </span>
);

export const StatusBadge = ({ status, children }: { status: Status; children?: ReactNode }): ReactNode => (
  <span className={`badge b-${toneOf(status)}`}>
    <StatusIcon status={status} size={13} />
    {wordOf(status)}
    {children}
  </span>
);

/** True of runs that do not change any more. */
export const runHasEnded = (status: Status): boolean =>
  status === "SUCCESS" || status === "FAILURE" || status === "CANCELED";
