import { countWaiting } from "../../core/inputs";
import type { StepRecord } from "../../core/records";
import { restoreRun } from "../../core/restore";
import { collectIsSettled, instance } from "../../core/run";
import type { Step } from "../../core/run";
import type { Change, RunEvent } from "../../core/run-events";
import { runHasEnded, stepHasEnded } from "../../core/status";
import { transition } from "../../core/transition";
import { Performance } from "./performance";

/** A run whose every event is followed by a look at everything that must hold. */
export class Checked extends Performance {
  private readonly starts = new Set<string>();

  override send(event: RunEvent): readonly Change[] {
    const before = this.row;

    const seq = this.run.seq;
    for (const change of this.sendOnce(event)) this.look(change);
    this.seqIsGapless(seq);
    if (runHasEnded(before.status)) must(this.row.status === before.status, "the status of an ended run changed");
    this.countersAgree();
    this.rowIsLegal();
    if (event.type !== "RESUMED") must(transition(this.run, event).length === 0, `${event.type} counted twice`);
    return [];
  }

  private sendOnce(event: RunEvent): readonly Change[] {
    const ended = new Map([...this.steps].filter(([, row]) => stepHasEnded(row.status)));
    const changes = super.send(event);
    for (const change of changes)
      if (change.type === "step")
        must(!ended.has(change.record.step), `the ended ${change.record.step} was written again`);
    return changes;
  }

  private look(change: Change): void {
    if (change.type === "step") stepIsLegal(change.record);
    if (change.type === "ready") this.inputsHaveEnded(change.step);
    if (change.type !== "event") return;
    const { type, step } = change.record;
    if (type !== "STEP_START" && type !== "STEP_RESTARTED") return;
    const start = `${step} ${this.steps.get(step!)!.fence}`;
    must(!this.starts.has(start), `${start} started twice`);
    this.starts.add(start);
  }

  private seqIsGapless(from: number): void {
    const fresh = this.events.filter((event) => event.seq > from);
    must(fresh.length === this.run.seq - from, "as many events as numbers");
    fresh.forEach((event, i) => must(event.seq === from + 1 + i, `the number ${event.seq} follows ${from + i}`));
  }

  private inputsHaveEnded(step: Step): void {
    for (const { kind, source } of step.node.waits) {
      const over = kind === "collect" ? source.scope.at(-1)! : source;
      const from = instance(this.run, over, step.path)!;
      must(stepHasEnded(from.status), `${step.key} is ready before ${from.key} has ended`);
      if (kind === "collect")
        must(collectIsSettled(from, source), `${step.key} is ready before all of ${source.spec.name}`);
      if (kind === "collect")
        for (const key of from.fan!.keys.keys())
          must(
            stepHasEnded(instance(this.run, source, [...from.path, key])!.status),
            `${step.key} is ready before [${key}]`,
          );
    }
  }

  private countersAgree(): void {
    const { run } = this;
    const steps = [...run.steps.values()];
    const count = (status: string): number => steps.filter((step) => step.status === status).length;
    must(run.open === steps.filter(({ status }) => !stepHasEnded(status)).length, "open steps are counted");
    must(run.succeeded === count("SUCCESS") && run.failed === count("FAILURE"), "ends are counted");
    if (runHasEnded(run.status)) must(run.open === 0, "an ended run has no open step");
    for (const step of steps) {
      must(!(step.ready && step.dispatched), `${step.key} is ready and out`);
      if (run.ending || run.status === "QUEUED" || step.status !== "PENDING") continue;
      must(step.waiting === countWaiting(run, step), `${step.key} waits for ${step.waiting}`);
      must(step.ready === (step.waiting === 0), `${step.key} waits for nothing and is not ready`);
    }
  }

  private rowIsLegal(): void {
    const { row } = this;
    must((row.endedAt !== null) === runHasEnded(row.status), "ended_at goes with a run's end");
    must((row.failureReason !== null) === (row.status === "FAILURE"), "failure_reason goes with FAILURE");
  }

  /** An actor built from the rows is the one that is there. */
  rebuiltIsTheSame(): void {
    if (this.run.ending || runHasEnded(this.run.status)) return;
    const { admittedAt, startedAt, endedAt, failureReason, seq, status } = this.row;
    const record = { ...this.record, admittedAt, startedAt, endedAt, failureReason, seq, status };
    const rebuilt = restoreRun(record, this.plan, { steps: this.restoredSteps(), items: this.items });
    const described = (run: typeof rebuilt): unknown => ({
      counters: [run.status, run.open, run.succeeded, run.failed, run.seq, [...run.failedSteps].sort()],
      steps: [...run.steps.values()].sort((a, b) => (a.key < b.key ? -1 : 1)).map(describeStep),
    });
    expect(described(rebuilt)).toEqual(described(this.run));
  }
}

const describeStep = (step: Step): unknown => ({
  of: [
    step.key,
    step.status,
    step.attempt,
    step.lost,
    step.fence,
    step.skipReason,
    step.startedAt,
    step.endedAt,
    step.retryAt,
  ],
  missing: [...(step.missing ?? [])],
  keys: [...(step.fan?.keys.keys() ?? [])],
  tallies: [...(step.fan?.tallies ?? [])].map(([node, tally]) => [node.spec.name, tally]).sort(),
});

const stepIsLegal = (row: StepRecord): void => {
  must(row.status !== "PENDING", `${row.step} has a row before it is queued`);
  must((row.endedAt !== null) === stepHasEnded(row.status), `${row.step}: ended_at goes with its end`);
  must((row.skipReason !== null) === (row.status === "SKIPPED"), `${row.step}: skip_reason goes with SKIPPED`);
  must((row.retryAt !== null) === (row.status === "UP_FOR_RETRY"), `${row.step}: retry_at goes with UP_FOR_RETRY`);
  must(row.status !== "SUCCESS" || row.outputs !== null, `${row.step}: outputs come with SUCCESS`);
};

const must = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(`Invariant broken: ${what}.`);
};
