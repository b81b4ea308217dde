import type { Run, Step } from "../core/run";

/** Deliveries of one bundle: it takes one slot of a worker, whatever its number of steps. */
export interface Bundle {
  queue: string;
  priority: number;
  /** Steps of it that are still out. */
  open: number;
}

/** A step handed to the broker, from the fence's drawing to the end of that try. */
export interface Dispatch {
  readonly shard: number;
  readonly run: Run;
  readonly step: Step;
  readonly fence: number;
  readonly queue: string;
  readonly priority: number;
  readonly bundle: Bundle;
  /** ms of the bus's time. */
  sentAt: number;
  /** The worker that listed it last, and when (ms of the bus's time). */
  holder: string | null;
  listedAt: number | null;
  /** True once a worker said that it had begun. */
  begun: boolean;
  /** True once its delivery has come back from a worker, which may have begun it and died at once. */
  returned: boolean;
  /** Since when it is suspect and why; acted upon once a mark has come back (protocol 6). */
  suspect: { since: number; why: string; mark: string | null } | null;
  /** True: found at a takeover; nobody knows yet whether a worker holds it. */
  restored: boolean;
}

/** A dispatch of which nobody has said anything yet. One literal, since one is made for every step. */
export const newDispatch = (
  of: Pick<Dispatch, "shard" | "run" | "step" | "fence" | "queue" | "priority" | "bundle" | "sentAt" | "restored">,
): Dispatch => ({
  shard: of.shard,
  run: of.run,
  step: of.step,
  fence: of.fence,
  queue: of.queue,
  priority: of.priority,
  bundle: of.bundle,
  sentAt: of.sentAt,
  holder: null,
  listedAt: null,
  begun: false,
  returned: false,
  suspect: null,
  restored: of.restored,
});

/** The dispatches that are out, of all shards of this owner. */
export class Dispatches {
  private readonly byFence = new Map<number, Dispatch>();
  /** Deliveries that are out, by queue and priority. */
  private readonly deliveries = new Map<string, Map<number, number>>();

  add(dispatch: Dispatch): void {
    this.byFence.set(dispatch.fence, dispatch);
    if (dispatch.bundle.open++ === 0) this.count(dispatch.bundle, 1);
  }

  get(fence: number): Dispatch | undefined {
    return this.byFence.get(fence);
  }

  /** It alone: the shard may have been dropped and taken again since, and its fence be that of a restored dispatch. */
  close(dispatch: Dispatch): void {
    if (this.byFence.get(dispatch.fence) !== dispatch) return;
    this.byFence.delete(dispatch.fence);
    if (--dispatch.bundle.open === 0) this.count(dispatch.bundle, -1);
  }

  /** The step's dispatch under this fence, if it is out. */
  closeStep(step: Step, fence: number): void {
    const dispatch = this.byFence.get(fence);
    if (dispatch?.step === step) this.close(dispatch);
  }

  closeShard(shard: number): void {
    for (const dispatch of this.byFence.values()) if (dispatch.shard === shard) this.close(dispatch);
  }

  /** Closes what is out no longer: many ends (a cancel, a failed generator) have no report of their own. */
  *sweep(): Generator<Dispatch> {
    for (const dispatch of this.byFence.values())
      if (dispatch.step.dispatched && dispatch.step.fence === dispatch.fence) yield dispatch;
      else this.close(dispatch);
  }

  /** `priority`: of this one alone. */
  deliveriesOut(queue: string, priority?: number): number {
    const deliveries = this.deliveries.get(queue);
    if (!deliveries) return 0;
    if (priority !== undefined) return deliveries.get(priority) ?? 0;
    let all = 0;
    for (const count of deliveries.values()) all += count;
    return all;
  }

  private count({ queue, priority }: Bundle, by: number): void {
    let deliveries = this.deliveries.get(queue);
    if (!deliveries) this.deliveries.set(queue, (deliveries = new Map()));
    deliveries.set(priority, (deliveries.get(priority) ?? 0) + by);
  }
}
