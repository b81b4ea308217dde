import { count, counted, duration } from "../../../../parts/format";
import type { Durations, Reason } from "../../steps/figures";
import { heldBack } from "../../steps/held-back";
import { type Moment, tryAt } from "../../steps/past-state";
import { CODE, type Steps } from "../../steps/steps";
import { sourcesOf } from "../../steps/critical-path";
import type { Ink } from "./rects";

export interface Words {
  text: string;
  ink: Ink;
}

interface Beside {
  moment: Moment;
  /** Why the step has a row of its own. */
  reason?: Reason;
  durations: Durations | null;
}

const ERROR_LENGTH = 60;
/** Fewer siblings than this make no percentile. */
const ENOUGH = 20;

/** The one thing worth knowing of a step, beside its bar; null: there is none. */
export const wordsOf = (steps: Steps, step: number, { moment, reason, durations }: Beside): Words | null => {
  const { at } = moment;
  switch (moment.status[step]) {
    case CODE.FAILURE:
      return errorWords(steps, step);
    case CODE.UP_FOR_RETRY: {
      const left = steps.retry[step]! - at;
      // Of a try that has long begun it is not known any more when it was planned.
      return left > 0
        ? { text: `retry in ${duration(left)}`, ink: "retry-t" }
        : { text: "to be tried again", ink: "retry-t" };
    }
    case CODE.STARTED: {
      const worker = tryAt(steps, step, at).worker ?? "";
      return isLate(steps, step, at, durations)
        ? { text: joined(worker, "past p99"), ink: "retry-t" }
        : { text: worker, ink: "text2" };
    }
    case CODE.QUEUED:
      if (reason === "next") return { text: "next in line", ink: "text2" };
      return { text: steps.queued[step]! <= at ? "waits for a slot" : "held back", ink: "text2" };
    case CODE.SUCCESS:
      return successWords(steps, step, reason, durations);
    case CODE.CANCELED:
      return { text: "canceled", ink: "text2" };
    case CODE.SKIPPED:
      return { text: "skipped", ink: "text3" };
    default:
      return null;
  }
};

/** Whether a step runs longer than nearly all of its siblings did. */
export const isLate = (steps: Steps, step: number, at: number, durations: Durations | null): boolean =>
  durations !== null && durations.sorted.length >= ENOUGH && at - tryAt(steps, step, at).started > durations.p99;

const joined = (...parts: string[]): string => parts.filter(Boolean).join(" · ");

const errorWords = (steps: Steps, step: number): Words => {
  const error = steps.errors.get(step);
  const text = error ? `${error.name}: ${error.message.split("\n", 1)[0]!}` : "failed";
  const short = text.length > ERROR_LENGTH ? `${text.slice(0, ERROR_LENGTH - 1)}…` : text;
  return { text: short, ink: steps.lost[step]! > 0 ? "lost-t" : "failure-t" };
};

const successWords = (steps: Steps, step: number, reason: Reason | undefined, durations: Durations | null): Words => {
  const items = steps.items.get(step);
  const worker = steps.workerOf(step) ?? "";
  if (items !== undefined) return { text: joined(worker, `yielded ${count(items)}`), ink: "text2" };
  const tries = steps.attempt[step]! > 1 ? counted(steps.attempt[step]!, "try", "tries") : "";
  const times = durations && durations.p50 > 0 ? (steps.ended[step]! - steps.started[step]!) / durations.p50 : 0;
  const slow = reason === "slowest" && times >= 2 ? `slowest, ${Math.round(times)} × p50` : "";
  return { text: joined(worker, slow, tries), ink: tries !== "" ? "retry-t" : "text2" };
};

/** What a node without steps waits for. */
export const waitWords = (steps: Steps, node: number, { status }: Moment): Words => {
  for (const source of sourcesOf(steps, steps.nodes[node]!)) {
    const members = steps.members[source]!;
    const open = members.filter((step) => status[step]! < CODE.SUCCESS).length + heldBack(steps, source);
    const { name } = steps.nodes[source]!;
    if (open > 0) return { text: `waits for ${members.length > 1 ? `${count(open)} of ` : ""}${name}`, ink: "text2" };
    if (members.length === 0) return { text: `waits for ${name}`, ink: "text2" };
  }
  return { text: "", ink: "text2" };
};
