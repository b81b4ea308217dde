import type { Moment } from "../../steps/past-state";
import type { Steps } from "../../steps/steps";
import { Usage, stepUse, tryUse } from "../../steps/usage";
import type { Span } from "./scale";

/** A try of a step on a worker. */
export interface Stay extends Span {
  step: number;
  /** How it ended; null: it is the last one, or was at the moment: it has the step's own status. */
  outcome: "FAILURE" | "LOST" | "RELEASED" | null;
}

/** What a worker did for the run. */
export interface WorkerLanes {
  worker: string;
  /** Each a slot's worth of tries, one after the other. */
  lanes: Stay[][];
  /** Steps that run on it at the moment. */
  running: number;
  /** Tries that ended with it. */
  lost: number;
  busy: number;
  usage: Usage;
  /** When it lost steps, if nothing has begun on it since; NaN: it has not, or is back. */
  gone: number;
  /** A step that runs on it, begun before the others; null: none does. */
  oldest: number | null;
}

/**
 * Tries by worker, laid into as few lanes as hold them without overlap: which slot a try had is not told, how many
 * were in use is.
 */
export const lanesOf = (steps: Steps, moment: Moment): WorkerLanes[] => {
  const { at } = moment;
  const stays = new Map<string, Stay[]>();
  const add = (worker: string | null, stay: Stay): void => {
    if (worker === null || !(stay.from <= at)) return;
    const known = stays.get(worker);
    if (known) known.push(stay);
    else stays.set(worker, [stay]);
  };
  for (let step = 0; step < steps.count; step++) {
    const to = steps.ended[step]! <= at ? steps.ended[step]! : at;
    add(steps.workerOf(step), { step, from: steps.started[step]!, to, outcome: null });
    for (const { worker, started, ended, outcome } of steps.past.get(step) ?? [])
      add(worker, { step, from: started, to: Math.min(ended, at), outcome: ended > at ? null : outcome });
  }
  return [...stays].map(([worker, all]) => laid(steps, worker, all, moment));
};

const laid = (steps: Steps, worker: string, all: Stay[], moment: Moment): WorkerLanes => {
  const { at } = moment;
  const lanes: Stay[][] = [];
  const usage = new Usage();
  let [running, lost, busy, gone] = [0, 0, 0, NaN];
  let last = 0;
  let oldest: number | null = null;
  for (const stay of all.sort((a, b) => a.from - b.from)) {
    const free = lanes.find((lane) => lane.at(-1)!.to <= stay.from);
    if (free) free.push(stay);
    else lanes.push([stay]);
    if (stay.to >= at && stay.outcome === null && !(steps.ended[stay.step]! <= at)) {
      running++;
      oldest ??= stay.step;
    }
    if (stay.outcome === "LOST") {
      lost++;
      gone = Math.max(gone || 0, stay.to);
    }
    last = stay.from;
    busy += stay.to - stay.from;
    const { outcome, step, from, to } = stay;
    if (outcome === null) usage.add(stepUse(steps, step, moment), from, steps.ended[step]!);
    else usage.add(tryUse(outcome), from, to);
  }
  return { worker, lanes, running, lost, busy, usage, gone: last < gone ? gone : NaN, oldest };
};

/** Of lanes, for people. */
export const BY_TIME = "Which slot a step had is not told: lanes are reckoned from when steps ran";

/** Why a lane stands idle: its worker was lost, nobody owned the run, its next step was not there yet, or there was none. */
export const IDLE_CAUSES = ["loss", "takeover", "gap", "done"] as const;
export type IdleCause = (typeof IDLE_CAUSES)[number];

/** How long the lanes of some workers stood idle, in ms, each from its first step on. */
export const idleByCause = (
  workers: readonly WorkerLanes[],
  { takeovers }: Pick<Steps, "takeovers">,
  { at }: Moment,
): Record<IdleCause, number> => {
  const idle = { loss: 0, takeover: 0, gap: 0, done: 0 };
  for (const { lanes } of workers)
    for (const lane of lanes)
      lane.forEach(({ to, outcome }, i) => {
        const until = lane[i + 1]?.from ?? at;
        if (!(until > to)) return;
        const isTakeover = takeovers.some((taken) => taken.at >= to && taken.at <= until);
        const cause = outcome === "LOST" ? "loss" : isTakeover ? "takeover" : i + 1 < lane.length ? "gap" : "done";
        idle[cause] += until - to;
      });
  return idle;
};
