import type { WorkerBeat } from "../core/messages";
import type { BusClock } from "./bus-clock";
import type { Dispatch } from "./dispatches";
import type { Dispatches } from "./dispatches";
import type { Needs } from "./ports";
import { SILENCE_MS } from "./workers";

/** A dispatch that nobody has listed is suspect when its queue has been empty, or younger ones have begun, for this long. */
const UNSEEN_MS = 15_000;
/** What the owner waits beyond a step's own timeout before it acts in the worker's place. */
const TIMEOUT_BACKUP_MS = 20_000;

/** What is to be done about dispatches that a mark has cleared of every doubt. */
export type Verdict = (dispatch: Dispatch, why: string) => void;

/**
 * Suspect first, act later (protocol 6). Silence alone proves nothing: the broker, the database or this process may
 * be slow. So an owner sends a mark through the shard's mailbox, and acts only if the step is still open and unlisted
 * once the mark is back and everything before it is committed. While nothing flows, no mark returns, and nobody is
 * declared dead.
 */
export class Suspicions {
  private marks = 0;
  /** Since when each queue has been seen empty (ms of the bus's time). */
  private readonly emptySince = new Map<string, number>();
  /** By queue and priority: when the youngest dispatch was sent that has begun, as it was at past sweeps. */
  private begun: { at: number; sent: Map<string, number> }[] = [];

  constructor(
    private readonly needs: Needs,
    private readonly time: BusClock,
    private readonly out: Dispatches,
    private readonly act: Verdict,
  ) {}

  /** Notes what a worker holds. @returns fences that it holds for nothing: they are to be revoked. */
  heard(beat: WorkerBeat, highestFence: (shard: number) => number): WorkerBeat["holds"] {
    const foreign: WorkerBeat["holds"] = [];
    const now = this.time.now();
    for (const held of beat.holds) {
      const dispatch = this.out.get(held.fence);
      if (!dispatch) {
        // One that has ended is known here before its worker hears so: nothing of it is left to be revoked.
        if (!held.ended && held.fence <= highestFence(held.shard)) foreign.push(held);
        continue;
      }
      dispatch.holder = beat.worker;
      dispatch.listedAt = now;
      dispatch.begun ||= held.begun;
      dispatch.suspect = null;
    }
    return foreign;
  }

  /** The broker has delivered a second copy: whoever had the first may be gone. */
  redelivered(fence: number): void {
    const dispatch = this.out.get(fence);
    if (!dispatch) return;
    dispatch.returned = true;
    this.suspect(dispatch, "its delivery came back from a worker that is gone");
  }

  /** Looks at every dispatch; sends marks for what has become suspect. Once a second. */
  async sweep(): Promise<void> {
    const now = this.time.now();
    await this.lookAtQueues(now);
    this.noteBegun(now);
    for (const dispatch of this.out.sweep()) {
      if (dispatch.restored) continue;
      const why = this.suspicion(dispatch, now);
      if (why) this.suspect(dispatch, why);
      const { suspect } = dispatch;
      // A worker lists what it holds each second: only after this much silence is a mark worth sending.
      if (
        suspect &&
        suspect.mark === null &&
        now - Math.max(suspect.since, dispatch.listedAt ?? 0) >= this.patience(dispatch, why)
      )
        this.sendMark(dispatch.shard);
    }
  }

  /** A mark of this shard is back, and all before it is committed. */
  markIsBack(shard: number, mark: string): void {
    for (const dispatch of this.out.sweep())
      if (dispatch.shard === shard && dispatch.suspect?.mark === mark) this.act(dispatch, dispatch.suspect.why);
  }

  private suspect(dispatch: Dispatch, why: string): void {
    dispatch.suspect ??= { since: this.time.now(), why, mark: null };
  }

  private patience(dispatch: Dispatch, why: string | null): number {
    // A vanished holder has been silent for long already; a redelivered step may be running on undisturbed.
    return why === null || dispatch.listedAt !== null ? SILENCE_MS : 0;
  }

  private suspicion(dispatch: Dispatch, now: number): string | null {
    const { step, queue, priority } = dispatch;
    const { timeoutMs } = step.node.spec;
    if (step.status === "STARTED" && timeoutMs !== null) {
      if (this.needs.clock.now() > step.startedAt! + timeoutMs + TIMEOUT_BACKUP_MS) return "it is over its timeout";
    }
    if (dispatch.listedAt !== null)
      return now - dispatch.listedAt >= SILENCE_MS ? `its worker ${dispatch.holder} is silent` : null;
    if (now - dispatch.sentAt < UNSEEN_MS) return null;
    if (step.status === "STARTED") return `its worker ${step.worker} is silent`;
    const emptySince = this.emptySince.get(queue);
    if (emptySince !== undefined && now - emptySince >= UNSEEN_MS) return "its queue is empty and no worker has it";
    const past = this.begun.find(({ at }) => now - at >= UNSEEN_MS);
    for (let lower = 0; past && lower <= priority; lower++)
      if ((past.sent.get(`${queue} ${lower}`) ?? 0) > dispatch.sentAt) return "younger steps of its queue have begun";
    return null;
  }

  private sendMark(shard: number): void {
    const mark = `suspects-${++this.marks}`;
    for (const dispatch of this.out.sweep())
      if (dispatch.shard === shard && dispatch.suspect?.mark === null) dispatch.suspect.mark = mark;
    this.needs.bus
      .send(shard, { type: "mark", shard, id: mark })
      .catch((error: Error) => this.needs.log.warn(`A mark of shard ${shard} was not sent: ${error.message}`));
  }

  private async lookAtQueues(now: number): Promise<void> {
    const waiting = new Set<string>();
    for (const { queue, listedAt } of this.out.sweep()) if (listedAt === null) waiting.add(queue);
    for (const queue of this.emptySince.keys()) if (!waiting.has(queue)) this.emptySince.delete(queue);
    for (const queue of waiting) {
      const depth = await this.needs.bus.queueDepth(queue);
      if (depth > 0) this.emptySince.delete(queue);
      else if (!this.emptySince.has(queue)) this.emptySince.set(queue, now);
    }
  }

  private noteBegun(now: number): void {
    const sent = new Map(this.begun[0]?.sent);
    for (const { queue, priority, sentAt, begun, step } of this.out.sweep()) {
      const lane = `${queue} ${priority}`;
      if (begun || step.status === "STARTED") sent.set(lane, Math.max(sent.get(lane) ?? 0, sentAt));
    }
    this.begun.unshift({ at: now, sent });
    this.begun = this.begun.slice(0, Math.ceil(UNSEEN_MS / 1000) + 5);
  }
}
