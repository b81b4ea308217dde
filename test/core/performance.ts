import type { GraphSnapshot } from "../../core/graph";
import type { Plan } from "../../core/plan";
import { compilePlan } from "../../core/plan";
import type { EventRecord, ItemRecord, RestoredStep, RunChange, RunRecord, StepRecord } from "../../core/records";
import { restoreRun } from "../../core/restore";
import type { Run, Step } from "../../core/run";
import type { Change, RunEvent } from "../../core/run-events";
import { transition } from "../../core/transition";
import { runChange } from "../../core/turn";
import type { Report } from "./reports";
import { ok } from "./reports";

/** What an op does at a try: the reports that its worker sends. An array: one entry per dispatch, the last one again. */
export type Behaviour = (step: Step) => Report[];
/** By step key, or else by node; without an entry an op succeeds with all of its outputs. */
export type Script = Record<string, Behaviour | Behaviour[]>;

export const recordOf = (graph: GraphSnapshot, more: Partial<RunRecord> = {}): RunRecord => ({
  id: "run",
  job: graph.job,
  shard: 0,
  status: "QUEUED",
  priority: 0,
  tags: {},
  config: {},
  graph,
  selection: null,
  parentRunId: null,
  rootRunId: null,
  createdAt: 1_000,
  admittedAt: null,
  startedAt: null,
  endedAt: null,
  cancelRequestedAt: null,
  failureReason: null,
  seq: 1,
  ...more,
});

/** A run with its owner's part played: rows are kept as a commit would keep them, ready steps are given fences. */
export class Performance {
  readonly plan: Plan;
  run: Run;
  now = 2_000;
  fence = 100;
  /** The rows as they would stand in the database. */
  readonly steps = new Map<string, StepRecord>();
  readonly items: ItemRecord[] = [];
  readonly events: EventRecord[] = [];
  row: RunChange;
  /** Orders not yet carried out. */
  readonly ready: Step[] = [];
  readonly retries: { step: Step; at: number }[] = [];
  readonly revoked: number[] = [];
  stops = 0;
  endings = 0;
  private readonly dispatches = new Map<string, number>();

  constructor(
    graph: GraphSnapshot,
    readonly record: RunRecord = recordOf(graph),
    kept: { steps: RestoredStep[]; items: { step: string; key: string }[] } = { steps: [], items: [] },
  ) {
    this.plan = compilePlan(graph);
    this.run = restoreRun(record, this.plan, kept);
    this.row = runChange(this.run);
  }

  send(event: RunEvent): readonly Change[] {
    const changes = transition(this.run, event);
    for (const change of changes) this.take(change);
    if (changes.length > 0) this.row = runChange(this.run);
    return changes;
  }

  private take(change: Change): void {
    if (change.type === "step") this.steps.set(change.record.step, change.record);
    else if (change.type === "item") this.items.push(change.record);
    else if (change.type === "event") this.events.push(change.record);
    else if (change.type === "ready") this.ready.push(change.step);
    else if (change.type === "retry") this.retries.push(change);
    else if (change.type === "revoke") this.revoked.push(change.fence);
    else if (change.type === "stop") this.stops++;
    else if (change.type === "ended") this.endings++;
  }

  admit(): this {
    this.send({ type: "ADMITTED", at: this.now });
    return this;
  }

  /** Draws a fence for a step. */
  dispatch(key: string): number {
    const fence = ++this.fence;
    const found = this.ready.findIndex((step) => step.key === key);
    if (found >= 0) this.ready.splice(found, 1);
    this.send({ type: "DISPATCHED", step: key, fence, at: this.now });
    return fence;
  }

  /** A report of the dispatch that is out (or of the fence given). */
  report(key: string, report: Report, fence = this.step(key).fence): readonly Change[] {
    return this.send({ at: this.now, ...report, step: key, fence } as RunEvent);
  }

  /** Dispatches a step and reports what its op does. */
  perform(key: string, ...reports: Report[]): void {
    const fence = this.dispatch(key);
    for (const report of reports.length > 0 ? reports : ok()(this.step(key))) this.report(key, report, fence);
  }

  /** Goes on until nothing is ready and no retry waits. */
  play(script: Script = {}): this {
    for (;;) {
      const step = this.ready[0];
      if (step) this.perform(step.key, ...this.behaviour(script, step)(step));
      else if (this.retries.length > 0) this.nextRetry();
      else return this;
    }
  }

  nextRetry(): void {
    this.retries.sort((a, b) => a.at - b.at);
    const { step, at } = this.retries.shift()!;
    this.now = Math.max(this.now, at);
    this.send({ type: "RETRY_DUE", step: step.key, at: this.now });
  }

  private behaviour(script: Script, step: Step): Behaviour {
    const of = script[step.key] ?? script[step.node.spec.name] ?? ok();
    if (!Array.isArray(of)) return of;
    const count = this.dispatches.get(step.key) ?? 0;
    this.dispatches.set(step.key, count + 1);
    return of[Math.min(count, of.length - 1)]!;
  }

  cancel(): readonly Change[] {
    return this.send({ type: "CANCEL_REQUESTED", at: this.now });
  }

  /** A new owner: everything in memory is lost, the rows are not. */
  restore(): void {
    const { admittedAt, startedAt, endedAt, failureReason, seq, status } = this.row;
    const record = { ...this.record, admittedAt, startedAt, endedAt, failureReason, seq, status };
    this.run = restoreRun(record, this.plan, { steps: this.restoredSteps(), items: this.items });
    for (const orders of [this.ready, this.retries]) orders.length = 0;
    this.send({ type: "RESUMED", owner: "another", at: this.now });
  }

  restoredSteps(): RestoredStep[] {
    return [...this.steps.values()].map((row) => ({ ...row, outputNames: row.outputs && Object.keys(row.outputs) }));
  }

  step(key: string): Step {
    const step = this.run.hook?.key === key ? this.run.hook : this.run.steps.get(key);
    if (!step) throw new Error(`The run has no step "${key}".`);
    return step;
  }

  /** Status by step key, as the rows tell; a skipped step with its reason. */
  get statuses(): Record<string, string> {
    const rows = [...this.steps.values()].sort((a, b) => (a.step < b.step ? -1 : 1));
    return Object.fromEntries(rows.map((row) => [row.step, row.skipReason ?? row.status]));
  }

  status(key: string): string | undefined {
    return this.statuses[key];
  }

  /** Types of the events of a step (or of the run: null), in order. */
  told(step: string | null): string[] {
    return this.events.filter((event) => event.step === step).map((event) => event.type);
  }

  readyKeys(): string[] {
    return this.ready.map((step) => step.key);
  }
}

export const given = (graph: GraphSnapshot, more: Partial<RunRecord> = {}): Performance =>
  new Performance(graph, recordOf(graph, more));
