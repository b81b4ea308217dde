import { deadlineOf } from "../core/deadline";
import type { Report } from "../core/messages";
import type { Run, Step } from "../core/run";
import type { Change, RunEvent } from "../core/run-events";
import { runHasEnded } from "../core/status";
import type { Alarms } from "./alarms";
import type { Dispatcher } from "./dispatcher";
import type { Needs } from "./ports";

/** A worker kills what ignores its signal; this much later the owner gives it up. */
const KILL_MS = 2_000;
const UNKNOWN_OP_FIRST_MS = 1_000;
const UNKNOWN_OP_LAST_MS = 30_000;

/** Carries out what `transition` asks for beside rows. */
export class Orders {
  /** How often a step was given back because no worker knew its op. */
  private readonly unknownOp = new WeakMap<Step, number>();

  constructor(
    private readonly needs: Needs,
    private readonly alarms: Alarms,
    private readonly dispatcher: Dispatcher,
    private readonly on: { apply(run: Run, event: RunEvent): void; ended(run: Run): void; wake(): void },
  ) {}

  /** Notes why a step comes back, so that one that no worker knows does not spin. */
  learn(step: Step, report: Report): void {
    if (report.type === "released" && report.reason === "unknown_op")
      this.unknownOp.set(step, (this.unknownOp.get(step) ?? 0) + 1);
  }

  /** Does what needs no commit first. @returns true if nothing of the change is left. */
  beforeCommit(run: Run, change: Change): boolean {
    if (change.type === "ready") this.ready(run, change.step);
    else if (change.type === "retry") this.retryAt(run, change.step, change.at);
    else if (change.type === "run") this.watchDeadline(run);
    return change.type === "ready" || change.type === "retry";
  }

  afterCommit(run: Run, change: Change): void {
    if (change.type === "revoke") this.revoke(run, change.step, change.fence);
    else if (change.type === "stop") this.stop(run);
    else if (change.type === "ended") this.on.ended(run);
  }

  private ready(run: Run, step: Step): void {
    const returned = this.unknownOp.get(step);
    if (returned === undefined) return this.dispatcher.ready(run.record.shard, run, step);
    const wait = Math.min(UNKNOWN_OP_LAST_MS, UNKNOWN_OP_FIRST_MS * 2 ** (returned - 1));
    this.alarms.at(run, this.needs.clock.now() + wait, () => {
      this.dispatcher.ready(run.record.shard, run, step);
      this.on.wake();
    });
  }

  private retryAt(run: Run, step: Step, at: number): void {
    this.alarms.at(run, at, () =>
      this.on.apply(run, { type: "RETRY_DUE", step: step.key, at: this.needs.clock.now() }),
    );
  }

  private revoke(run: Run, step: Step, fence: number): void {
    this.dispatcher.out.closeStep(step, fence);
    this.needs.bus.order({ type: "revoke", run: run.record.id, step: step.key, fence });
  }

  private stop(run: Run): void {
    const { cancelGraceMs } = this.needs.options;
    this.needs.bus.order({ type: "cancel", run: run.record.id, graceMs: cancelGraceMs });
    if (runHasEnded(run.status)) return;
    const until = this.needs.clock.now() + cancelGraceMs + KILL_MS;
    this.alarms.at(run, until, () => this.on.apply(run, { type: "GRACE_OVER", at: this.needs.clock.now() }));
  }

  /** A deadline counts from recorded times, and so is not renewed by a takeover. */
  private watchDeadline(run: Run): void {
    const deadline = deadlineOf(run);
    if (!deadline || runHasEnded(run.status)) return;
    const { at, reason } = deadline;
    this.alarms.at(run, at, () => this.on.apply(run, { type: "DEADLINE", reason, at: this.needs.clock.now() }));
  }
}
