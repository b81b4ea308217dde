import type { Moment } from "../../steps/past-state";
import type { Steps } from "../../steps/steps";
import type { Span } from "./scale";

/** A try of a step on a worker. */
export interface Stay extends Span {
  step: number;
  /** NaN: the last try, which has the step's own status; else how it ended. */
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
}

/**
 * Tries by worker, laid into as few lanes as hold them without overlap: which slot a try had is not told, how many
 * were in use is.
 */
export const lanesOf = (steps: Steps, { at }: Moment): WorkerLanes[] => {
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
      add(worker, { step, from: started, to: Math.min(ended, at), outcome });
  }
  return [...stays].map(([worker, all]) => laid(steps, worker, all, at));
};

const laid = (steps: Steps, worker: string, all: Stay[], at: number): WorkerLanes => {
  const lanes: Stay[][] = [];
  let [running, lost, busy] = [0, 0, 0];
  for (const stay of all.sort((a, b) => a.from - b.from)) {
    const free = lanes.find((lane) => lane.at(-1)!.to <= stay.from);
    if (free) free.push(stay);
    else lanes.push([stay]);
    if (stay.to >= at && stay.outcome === null && !(steps.ended[stay.step]! <= at)) running++;
    if (stay.outcome === "LOST") lost++;
    busy += stay.to - stay.from;
  }
  return { worker, lanes, running, lost, busy };
};

const natural = new Intl.Collator("en", { numeric: true });

/** Those that lost steps first, then by name. */
export const byNotable = (a: WorkerLanes, b: WorkerLanes): number =>
  Number(b.lost > 0) - Number(a.lost > 0) || natural.compare(a.worker, b.worker);
