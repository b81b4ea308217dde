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

/** What ran in a slot, one after the other. */
export interface Lane {
  /** As `process.slot`; null: in which slot these ran was not told. */
  slot: string | null;
  stays: Stay[];
}

/** What a worker did for the run. */
export interface WorkerLanes {
  worker: string;
  /** By slot; those that were not told are the last. */
  lanes: Lane[];
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

/** A try, and its slot. */
type Told = [stay: Stay, slot: string | null];

/** Tries by worker and slot. Those of which the slot was not told are laid into as few lanes as hold them without overlap. */
export const lanesOf = (steps: Steps, moment: Moment): WorkerLanes[] => {
  const { at } = moment;
  const stays = new Map<string, Told[]>();
  const add = (worker: string | null, slot: string | null, stay: Stay): void => {
    if (worker === null || !(stay.from <= at)) return;
    const known = stays.get(worker);
    if (known) known.push([stay, slot]);
    else stays.set(worker, [[stay, slot]]);
  };
  for (let step = 0; step < steps.count; step++) {
    const to = steps.ended[step]! <= at ? steps.ended[step]! : at;
    add(steps.workerOf(step), steps.slotOf(step), { step, from: steps.started[step]!, to, outcome: null });
    for (const { worker, slot, started, ended, outcome } of steps.past.get(step) ?? [])
      add(worker, slot, { step, from: started, to: Math.min(ended, at), outcome: ended > at ? null : outcome });
  }
  return [...stays].map(([worker, all]) => laid(steps, worker, all, moment));
};

const natural = new Intl.Collator("en", { numeric: true });

const laid = (steps: Steps, worker: string, all: Told[], moment: Moment): WorkerLanes => {
  const { at } = moment;
  const lanes = new Map<string, Lane>();
  const untold: Lane[] = [];
  const usage = new Usage();
  let [running, lost, busy, gone] = [0, 0, 0, NaN];
  let last = 0;
  let oldest: number | null = null;
  for (const [stay, slot] of all.sort(([a], [b]) => a.from - b.from)) {
    const lane = slot === null ? untold.find(({ stays }) => stays.at(-1)!.to <= stay.from) : lanes.get(slot);
    if (lane) lane.stays.push(stay);
    else if (slot === null) untold.push({ slot, stays: [stay] });
    else lanes.set(slot, { slot, stays: [stay] });
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
  const bySlot = [...lanes.values()].sort((a, b) => natural.compare(a.slot!, b.slot!));
  return { worker, lanes: [...bySlot, ...untold], running, lost, busy, usage, gone: last < gone ? gone : NaN, oldest };
};

/** Why a slot stands idle: its worker was lost, nobody owned the run, its next step was not there yet, or there was none. */
export const IDLE_CAUSES = ["loss", "takeover", "gap", "done"] as const;
export type IdleCause = (typeof IDLE_CAUSES)[number];

/** How long the slots of some workers stood idle, in ms, each from its first step on. */
export const idleByCause = (
  workers: readonly WorkerLanes[],
  { takeovers }: Pick<Steps, "takeovers">,
  { at }: Moment,
): Record<IdleCause, number> => {
  const idle = { loss: 0, takeover: 0, gap: 0, done: 0 };
  for (const { lanes } of workers)
    for (const { stays } of lanes)
      stays.forEach(({ to, outcome }, i) => {
        const until = stays[i + 1]?.from ?? at;
        if (!(until > to)) return;
        const isTakeover = takeovers.some((taken) => taken.at >= to && taken.at <= until);
        const cause = outcome === "LOST" ? "loss" : isTakeover ? "takeover" : i + 1 < stays.length ? "gap" : "done";
        idle[cause] += until - to;
      });
  return idle;
};
