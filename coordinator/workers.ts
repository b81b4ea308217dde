import { saysGoodbye, type WorkerBeat } from "../core/messages";
import type { BusClock } from "./bus-clock";

/** A worker that has not been heard for this long (of the bus's own time) is taken for dead. */
export const SILENCE_MS = 6_000;
/** Between two beats of a worker that lives, at most. */
const BEAT_MS = 2_000;
/** A dead worker is remembered for this long: what it had in hand may come back late. */
const REMEMBERED_MS = 60_000;

interface Known {
  beat: WorkerBeat;
  heardAt: number;
  /** Roll calls that it has answered. */
  answered: Set<string>;
}

/** The workers that this coordinator hears. */
export class Workers {
  private readonly known = new Map<string, Known>();

  constructor(private readonly clock: BusClock) {}

  heard(beat: WorkerBeat): void {
    const known = this.known.get(beat.worker);
    const answered = known?.answered ?? new Set();
    if (beat.rollCall) answered.add(beat.rollCall);
    if (known && known.beat.seq >= beat.seq) return;
    this.known.set(beat.worker, { beat, heardAt: this.clock.now(), answered });
  }

  /** Slots of live workers that take steps of this queue. */
  slots(queue: string): number {
    let slots = 0;
    for (const { beat } of this.alive()) if (!beat.draining && beat.queues.includes(queue)) slots += beat.slots;
    return slots;
  }

  /** True once every worker that lives has answered the roll call: then it is known what they hold. */
  allAnswered(rollCall: string): boolean {
    for (const { answered } of this.alive()) if (!answered.has(rollCall)) return false;
    return true;
  }

  /**
   * The worker that may have had, and begun, what was sent to this queue at that time and came back: one that took from
   * it then, and has fallen silent without a goodbye. null: there is none.
   */
  vanished(queue: string, sentAt: number): string | null {
    const now = this.clock.now();
    for (const [worker, { beat, heardAt }] of this.known) {
      const livedThen = heardAt >= sentAt - BEAT_MS && now - heardAt >= SILENCE_MS;
      if (livedThen && !saysGoodbye(beat) && beat.queues.includes(queue)) return worker;
    }
    return null;
  }

  private *alive(): Generator<Known> {
    const now = this.clock.now();
    for (const [worker, known] of this.known)
      if (now - known.heardAt < SILENCE_MS) yield known;
      else if (now - known.heardAt > REMEMBERED_MS) this.known.delete(worker);
  }
}
