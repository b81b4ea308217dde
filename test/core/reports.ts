import type { StepError } from "../../core/errors";
import type { StoredValue } from "../../core/messages";
import type { Step } from "../../core/run";
import type { RunEvent } from "../../core/run-events";

type WithoutDispatch<E> = E extends { fence: number } ? Omit<E, "step" | "fence" | "at"> & { at?: number } : never;
/** What a worker says, without of which dispatch. */
export type Report = Exclude<WithoutDispatch<RunEvent>, { type: "DISPATCHED" }>;

const WHO = { startedAt: 2_000, worker: "w1", pid: 7 };
const VALUE: StoredValue = { value: 1 };
export const error = (message = "boom"): StepError => ({ name: "Error", message });

export const started = (): Report => ({ type: "STARTED", worker: "w1", pid: 7 });
export const yielded = (key: string): Report => ({ type: "ITEM", key, value: { value: key } });
/** Success with the outputs named. */
export const succeeded = (outputs: string[] = ["result"], more: { items?: number } = {}): Report => ({
  type: "SUCCEEDED",
  ...WHO,
  outputs: Object.fromEntries(outputs.map((name) => [name, VALUE])),
  ...more,
});
export const failed = (more: Partial<Extract<Report, { type: "FAILED" }>> = {}): Report => ({
  type: "FAILED",
  ...WHO,
  error: error(),
  retryable: true,
  random: 0,
  ...more,
});
export const lost = (startedAt: number | null = 2_000): Report => ({
  type: "LOST",
  startedAt,
  error: error("out of memory"),
});
export const released = (reason = "drain"): Report => ({ type: "RELEASED", reason });
export const stopped = (): Report => ({ type: "STOPPED" });
export const progressed = (fraction: number, at: number): Report => ({ type: "PROGRESS", fraction, message: null, at });

/** Behaviours of ops for a script. */
export const ok =
  (...outputs: string[]) =>
  ({ node: { spec } }: Step): Report[] =>
    spec.dynamic
      ? yields()()
      : [started(), succeeded(outputs.length > 0 ? outputs : spec.outputs.map(({ name }) => name))];
/** Succeeds without any of its outputs. */
export const nothing = (): Report[] => [succeeded([])];
export const yields =
  (...keys: string[]) =>
  (): Report[] => [started(), ...keys.map(yielded), succeeded([], { items: keys.length })];
export const fails =
  (more: Parameters<typeof failed>[0] = {}) =>
  (): Report[] => [started(), failed(more)];
export const yieldsThenFails =
  (...keys: string[]) =>
  (): Report[] => [started(), ...keys.map(yielded), failed()];
export const dies = (): Report[] => [started(), lost()];
export const givesBack = (): Report[] => [started(), released()];
