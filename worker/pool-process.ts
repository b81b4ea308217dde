import type { Secrets } from "../core/secrets";
import type { OutputRecord, StepMessage, StepTask, ToStepProcess } from "../runtime/step-messages";
import { sentTasks } from "../runtime/sent-tasks";
import { WholeLines } from "../runtime/whole-lines";
import { leastFree } from "./least-free";
import { lossOf } from "./loss";
import { type ChildExit, type ChildOptions, StepChild } from "./step-child";
import type { Answers, RunningStep } from "./running-step";

/** Steps that run one after the other in one process. */
export interface Bundle {
  steps: RunningStep[];
  alone: boolean;
  /** Which of its process's slots it has, from 1 on; 0: none yet. */
  slot: number;
}

/** What a step process tells its pool. */
export interface ProcessEvents {
  ready(): void;
  /** It has room, or is idle. */
  freed(): void;
  /** Output that belongs to no step. */
  processOutput(text: string): void;
  /** It is gone, and its steps have been told. */
  gone(exit: ChildExit): void;
}

export interface ProcessLimits extends ChildOptions {
  concurrency: number;
  /** Steps after which it is replaced. */
  maxSteps: number;
  /** Resident memory in MB at which it is replaced, if any. */
  maxRssMb: number | null;
  /** ms that it has for tearing its resources down. */
  finishMs: number;
  /** ms that it may say nothing about what it was given while nothing runs in it. */
  deafMs: number;
  /** Masked in what it writes. */
  known: Secrets;
}

/** How long after it was given a step, and again, it is looked whether it has begun: most have ended by then. */
const LOOK_MS = 5;

/** One step process with what runs in it: gives messages to their steps, and tells each how it left if the process dies. */
export class PoolProcess {
  state: "starting" | "ready" | "retiring" | "gone" = "starting";
  /** Kept for a step that is to run alone. */
  reserved = false;
  readyAt = 0;
  /** Its number among the worker's processes, from 1 on; 0: it has been given nothing yet. */
  number = 0;
  /** Steps that it has ended. */
  done = 0;
  /** Steps that it was ever given. */
  given = 0;
  private readonly child: StepChild;
  private readonly steps = new Map<number, RunningStep>();
  private readonly bundles = new Set<Bundle>();
  private readonly answers: Answers = {
    taken: (step, items, bytes) => this.taken(step.id, items, bytes),
    page: (step, request, input, offset) => {
      const { id } = step;
      step.page(input, offset).then(
        (page) => void this.child.send({ type: "page", id, request, page }),
        (error: Error) => void this.child.send({ type: "no_page", id, request, message: error.message }),
      );
    },
  };
  private readonly takenItems = new Map<number, { items: number; bytes: number }>();
  /** Output that belongs to no step. */
  private readonly ownLines: Record<"stdout" | "stderr", WholeLines>;
  private finishing = false;
  /** Runs while it holds steps: is it heard of? */
  private hearing: NodeJS.Timeout | null = null;
  private heard = false;
  /** Runs while the next step of a bundle has not begun. */
  private looking: NodeJS.Timeout | null = null;
  /** Bundles that go out with the end of this turn: what one read of the bus brought is one message. */
  private outgoing: StepTask[][] = [];

  constructor(
    private readonly limits: ProcessLimits,
    private readonly events: ProcessEvents,
  ) {
    const ownLines = (): WholeLines => new WholeLines(limits.known, (text) => events.processOutput(text));
    this.ownLines = { stdout: ownLines(), stderr: ownLines() };
    this.child = new StepChild(limits, {
      ready: () => this.ready(),
      record: (record) => this.record(record),
      messages: (messages) => this.messages(messages),
      raw: (stream, text) => this.raw(stream, text),
      worn: (why) => {
        events.processOutput(`Step process ${this.child.pid} is replaced: ${why}`);
        this.retire();
      },
      exit: (exit) => this.exit(exit),
    });
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  get version(): string {
    return this.limits.bundle.version;
  }

  get load(): number {
    return this.bundles.size;
  }

  /** Whether it may take a bundle now. */
  takes(bundle: Bundle): boolean {
    if (this.state !== "ready") return false;
    if (bundle.alone) return this.load === 0;
    if (this.reserved || this.load >= this.limits.concurrency) return false;
    return ![...this.bundles].some((running) => running.alone);
  }

  run(bundle: Bundle): void {
    bundle.slot = leastFree([...this.bundles].map(({ slot }) => slot));
    this.bundles.add(bundle);
    this.given += bundle.steps.length;
    const place = { pid: this.child.pid!, slot: `${this.number}.${bundle.slot}` };
    for (const step of bundle.steps) {
      step.place = place;
      this.steps.set(step.id, step);
    }
    if (this.outgoing.length === 0) queueMicrotask(() => this.sendOutgoing());
    this.outgoing.push(bundle.steps.map((step) => step.task()));
    this.listenFor();
    this.lookLater();
  }

  drop(step: RunningStep): void {
    if (step.begunAt === null) this.send({ type: "drop", id: step.id });
  }

  abort(step: RunningStep, reason: string, graceMs: number): void {
    this.look(step);
    step.aborted = true;
    this.send({ type: "abort", id: step.id, reason });
    step.graceMs = Math.min(graceMs, step.graceMs ?? Infinity);
    // One that has not begun needs no kill: it is dropped as soon as its process hears of it.
    if (step.begunAt !== null) this.killAfterGrace(step);
  }

  /** Notices that the step has begun, if it has. */
  look(step: RunningStep): void {
    if (step.begunAt !== null || step.ended) return;
    const at = this.child.begunAt(step.id);
    if (at === null) return;
    step.begun(at);
    if (step.graceMs !== null) this.killAfterGrace(step);
  }

  /** Takes nothing new; ends when what runs has ended. */
  retire(): void {
    if (this.state === "gone") return;
    if (this.state === "starting") return this.kill();
    this.state = "retiring";
    if (this.load === 0 && !this.finishing) {
      this.finishing = true;
      this.child.finish(this.limits.finishMs);
    }
    this.events.freed();
  }

  kill(): void {
    this.child.kill();
  }

  /** After all that was given before: an order about a step must not overtake the step. */
  private send(message: ToStepProcess): void {
    this.sendOutgoing();
    this.child.send(message);
  }

  private sendOutgoing(): void {
    if (this.outgoing.length === 0) return;
    const bundles = this.outgoing;
    this.outgoing = [];
    this.child.send({ type: "run", bundles: sentTasks(bundles) });
  }

  private ready(): void {
    if (this.state !== "starting") return;
    this.state = "ready";
    this.readyAt = Date.now();
    this.events.ready();
  }

  /**
   * User code may have broken what its process hears and speaks by (`process.removeAllListeners()`, a global of Node's
   * that it replaced): what such a process is given would never begin, and never end.
   */
  private listenFor(): void {
    if (this.hearing) return;
    this.heard = false;
    this.hearing = setTimeout(() => {
      this.hearing = null;
      if (this.steps.size === 0) return;
      const runs = [...this.steps.values()].some((step) => step.begunAt !== null);
      if (this.heard || runs) return this.listenFor();
      this.events.processOutput(`Step process ${this.pid} is replaced: it does not begin what it is given`);
      this.kill();
    }, this.limits.deafMs);
  }

  /** Looks at the next step of each bundle, from now on until all have begun. */
  private lookLater(): void {
    this.looking ??= setTimeout(() => {
      this.looking = null;
      if (this.lookAtNext()) this.lookLater();
    }, LOOK_MS);
  }

  /** @returns whether one has not begun. */
  private lookAtNext(): boolean {
    let unbegun = false;
    for (const { steps } of this.bundles) {
      const next = steps.find((step) => !step.ended);
      if (!next) continue;
      this.look(next);
      unbegun ||= next.begunAt === null;
    }
    return unbegun;
  }

  private record(record: OutputRecord): void {
    this.heard = true;
    const [id, , stream, , text] = record;
    const step = this.steps.get(id);
    if (!step) {
      if (stream === "log") this.events.processOutput(text);
      else this.ownLines[stream].push(text);
      return;
    }
    this.look(step);
    if (step.record(record)) this.ended([step]);
  }

  private messages(messages: StepMessage[]): void {
    this.heard = true;
    const ended: RunningStep[] = [];
    for (const message of messages) {
      const step = this.steps.get(message.id);
      if (!step) continue;
      if (message.type !== "ended") this.look(step);
      if (step.message(message, this.answers)) ended.push(step);
    }
    if (ended.length > 0) this.ended(ended);
  }

  /** What is taken in one turn is told at once: a generator may have thousands of items under way. */
  private taken(id: number, items: number, bytes: number): void {
    if (this.takenItems.size === 0) {
      setImmediate(() => {
        for (const [step, sum] of this.takenItems) this.child.send({ type: "taken", id: step, ...sum });
        this.takenItems.clear();
      });
    }
    const sum = this.takenItems.get(id);
    this.takenItems.set(id, { items: (sum?.items ?? 0) + items, bytes: (sum?.bytes ?? 0) + bytes });
  }

  private raw(stream: "stdout" | "stderr", text: string): void {
    this.lookAtNext();
    const begun = [...this.steps.values()].filter((step) => step.begunAt !== null);
    if (begun.length === 1) begun[0]!.raw(stream, text);
    else this.ownLines[stream].push(text);
  }

  private killAfterGrace(step: RunningStep): void {
    const killAt = performance.now() + step.graceMs!;
    // An owner asks again each second while a step goes on that should not: that must not put the kill off each time.
    if (step.killAt !== null && step.killAt <= killAt) return;
    step.killAt = killAt;
    if (step.graceTimer) clearTimeout(step.graceTimer);
    step.graceTimer = setTimeout(() => this.kill(), step.graceMs!);
  }

  private ended(steps: RunningStep[]): void {
    for (const step of steps) this.steps.delete(step.id);
    this.done += steps.length;
    for (const bundle of this.bundles) if (bundle.steps.every((step) => step.ended)) this.bundles.delete(bundle);
    if (this.bundles.size > 0) this.lookLater();
    const { maxSteps, maxRssMb } = this.limits;
    const worn = this.done >= maxSteps || (maxRssMb !== null && this.child.rssBytes > maxRssMb * 1024 * 1024);
    if (worn || this.state === "retiring") this.retire();
    else this.events.freed();
  }

  private exit(exit: ChildExit): void {
    this.state = "gone";
    if (this.hearing) clearTimeout(this.hearing);
    if (this.looking) clearTimeout(this.looking);
    const steps = [...this.steps.values()];
    for (const step of steps) this.look(step);
    const begun = steps.filter((step) => step.begunAt !== null && !step.saidEnding);
    const at = Date.now();
    this.steps.clear();
    this.bundles.clear();
    for (const step of steps) {
      if (step.saidEnding) step.end(step.saidEnding);
      else if (step.begunAt === null)
        step.end(step.aborted ? { type: "not_begun", at } : { type: "neighbour", at, suspectOf: null });
      else if (step.aborted) step.end({ type: "aborted", at });
      else if (exit.wanted) step.end({ type: "neighbour", at, suspectOf: null });
      else if (begun.length > 1) step.end({ type: "neighbour", at, suspectOf: this.child.pid! });
      else step.end({ type: "lost", startedAt: step.begunAt, at, error: lossOf(step.name, exit, this.limits.heapMb) });
    }
    this.ownLines.stdout.end();
    this.ownLines.stderr.end();
    this.events.gone(exit);
  }
}
