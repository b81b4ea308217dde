import { Random } from "./random";

/** A process of the simulated cluster: it can be paused and killed, and cut off from the database or the broker. */
export interface Process {
  readonly name: string;
  state: "running" | "paused" | "dead";
  /** Cuts from the database that are in force: two may overlap. */
  databaseCuts: number;
  /** Cut off so that nothing answers, rather than refuses. */
  hangs: boolean;
  cutFromBroker: boolean;
  /** Cuts of it that are in force: two outages may overlap. */
  cuts: number;
  /** What came while it was paused. */
  readonly deferred: (() => void)[];
}

interface Task {
  at: number;
  order: number;
  process: Process | null;
  act: () => void;
  off: boolean;
}

/** Simulated time and the order of everything: one task at a time, chosen by time and by chance. */
export class World {
  now = 1_700_000_000_000;
  readonly random: Random;
  readonly trace: string[] = [];
  readonly violations: string[] = [];
  private readonly heap: Task[] = [];
  private readonly start = this.now;

  constructor(
    seed: number,
    private readonly traced: boolean,
  ) {
    this.random = new Random(seed);
  }

  /** ms since the schedule began. */
  get elapsed(): number {
    return this.now - this.start;
  }

  process(name: string): Process {
    return {
      name,
      state: "running",
      databaseCuts: 0,
      hangs: false,
      cutFromBroker: false,
      cuts: 0,
      deferred: [],
    };
  }

  note(text: () => string): void {
    if (this.traced) this.trace.push(`${(this.elapsed / 1000).toFixed(3).padStart(8)} s  ${text()}`);
  }

  violated(invariant: string): void {
    this.note(() => `VIOLATION ${invariant}`);
    this.violations.push(invariant);
  }

  /** Does something later; for a process only while it runs: what a paused one misses it does when it goes on. */
  after(ms: number, process: Process | null, act: () => void): () => void {
    const task: Task = { at: this.now + ms, order: this.random.next(), process, act, off: false };
    this.push(task);
    return () => (task.off = true);
  }

  pause(process: Process): void {
    if (process.state === "running") process.state = "paused";
  }

  resume(process: Process): void {
    if (process.state !== "paused") return;
    process.state = "running";
    let later = 0;
    for (const act of process.deferred.splice(0)) this.after((later += this.random.next()), process, act);
  }

  /** Runs until `done`, or until the time given has passed. */
  async run(untilMs: number, done: () => boolean): Promise<void> {
    for (let task = this.pop(); task; task = this.pop()) {
      if (task.at - this.start > untilMs) return void this.push(task);
      this.now = Math.max(this.now, task.at);
      if (task.off || task.process?.state === "dead") continue;
      if (task.process?.state === "paused") {
        task.process.deferred.push(task.act);
        continue;
      }
      task.act();
      // Whatever promises this has settled run to their next wait before anything else happens: a tick comes after
      // every microtask, and costs no turn of the event loop.
      await new Promise<void>((resolve) => process.nextTick(resolve));
      if (this.violations.length > 0 || done()) return;
    }
  }

  private push(task: Task): void {
    const { heap } = this;
    let i = heap.push(task) - 1;
    for (let up = (i - 1) >> 1; i > 0 && before(task, heap[up]!); i = up, up = (i - 1) >> 1) heap[i] = heap[up]!;
    heap[i] = task;
  }

  private pop(): Task | undefined {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === first) return first;
    let i = 0;
    for (let down = 1; down < heap.length; down = 2 * i + 1) {
      if (down + 1 < heap.length && before(heap[down + 1]!, heap[down]!)) down++;
      if (!before(heap[down]!, last!)) break;
      heap[i] = heap[down]!;
      i = down;
    }
    heap[i] = last!;
    return first;
  }
}

const before = (a: Task, b: Task): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);
