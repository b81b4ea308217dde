import type { StepError } from "../core/errors";
import type { Secrets } from "../core/secrets";
import type { CodeBundle } from "../runtime/bundle";
import { DEFAULT_SECRETS, type SecretRules, secretsOf } from "../runtime/process-secrets";
import type { ValueLimits } from "../runtime/step-messages";
import type { Pool, PoolStep, StepHandle } from "./ports";
import { DEFAULT_SETTINGS } from "./ports";
import { RunningStep } from "./running-step";
import type { ChildExit } from "./step-child";
import { leastFree } from "./least-free";
import { type Bundle, type ProcessLimits, PoolProcess } from "./pool-process";

export interface PoolSettings {
  /** Step processes that do the work. */
  processes: number;
  /** Bundles at a time in each. */
  concurrency: number;
  /** Ready processes beyond that, so that the loss of one costs no time. */
  reserve: number;
  /** Heap of a step process in MB; null: as much as Node allows by itself. */
  heapMb: number | null;
  /** Steps after which a process is replaced. */
  maxSteps: number;
  /** Resident memory in MB at which a process is replaced once it is idle; null: never. */
  maxRssMb: number | null;
  /** ms that a process has to load the code. */
  startMs: number;
  /** ms that a process has to tear its resources down. */
  finishMs: number;
  /** ms after which a process that begins nothing of what it was given is replaced. */
  deafMs: number;
  env: NodeJS.ProcessEnv;
  limits: ValueLimits;
  secrets: SecretRules;
}

export const DEFAULT_POOL: Omit<PoolSettings, "processes" | "concurrency"> = {
  reserve: 1,
  heapMb: null,
  // Half a second of CPU for a start: of steps that do nothing, replacing it after 20,000 took 25 µs each.
  maxSteps: 50_000,
  maxRssMb: null,
  startMs: 30_000,
  finishMs: 5_000,
  deafMs: 30_000,
  env: process.env,
  limits: { valueBytes: DEFAULT_SETTINGS.valueBytes, inputBytes: DEFAULT_SETTINGS.inputBytes },
  secrets: DEFAULT_SECRETS,
};

/** What the pool tells an operator. */
export interface PoolLog {
  /** Output of a step process that belongs to no step. */
  output(text: string, pid: number | undefined): void;
  warn(message: string): void;
}

const FIRST_BACK_OFF_MS = 200;
const LAST_BACK_OFF_MS = 10_000;
/** A process that dies by itself sooner than this, having done nothing, counts as one that could not start. */
const SETTLED_MS = 5_000;

/**
 * The step processes of a worker. Steps run in child processes, since a thread that exceeds its heap ends the whole
 * process, and only a process can be ended against its will at no cost to others.
 */
export class StepPool implements Pool {
  private readonly settings: PoolSettings;
  /** As the step processes know them: they have the same environment. */
  private readonly secrets: Secrets;
  private readonly processes = new Set<PoolProcess>();
  private readonly waiting: Bundle[] = [];
  private nextId = 1;
  private failures = 0;
  private startError: StepError | null = null;
  private backOff: NodeJS.Timeout | null = null;
  private stopped = false;
  private watchers: (() => void)[] = [];

  constructor(
    private bundle: CodeBundle,
    settings: Partial<PoolSettings> & Pick<PoolSettings, "processes" | "concurrency">,
    private readonly log: PoolLog,
  ) {
    this.settings = { ...DEFAULT_POOL, ...settings };
    this.secrets = secretsOf(this.settings.secrets, this.settings.env);
  }

  start(): void {
    this.fill();
  }

  /** Resolves when a process is ready. Throws what the code threw if it cannot be loaded. */
  async ready(): Promise<void> {
    while (!this.stopped) {
      if (this.has("ready")) return;
      if (this.startError) throw Object.assign(new Error(this.startError.message), { code: "CODE_BROKEN" });
      await this.change();
    }
  }

  run(steps: PoolStep[], { alone }: { alone: boolean }): StepHandle[] {
    const bundle: Bundle = {
      steps: steps.map((step) => new RunningStep(this.nextId++, step, this.secrets)),
      alone,
      slot: 0,
    };
    this.waiting.push(bundle);
    const handles = bundle.steps.map((step) => new PooledStep(step, bundle, this.at));
    // Told in a turn of its own, after the caller has its handles.
    if (this.startError && !this.has("ready")) setImmediate(() => this.giveBackWaiting());
    else this.assign();
    return handles;
  }

  /** New processes load this bundle; the old ones end what they run, and take nothing new. */
  useCode(bundle: CodeBundle): void {
    if (bundle.version === this.bundle.version) return;
    this.bundle = bundle;
    this.failures = 0;
    this.startError = null;
    if (this.backOff) clearTimeout(this.backOff);
    this.backOff = null;
    for (const old of this.processes) old.retire();
    this.fill();
  }

  /** Ends every process: what still runs is killed. Resolves when all are gone. */
  async stop(): Promise<void> {
    this.stopped = true;
    if (this.backOff) clearTimeout(this.backOff);
    for (const process of this.processes) {
      if (process.load > 0) process.kill();
      else process.retire();
    }
    this.giveBackWaiting();
    while (this.processes.size > 0) await this.change();
  }

  /** For people: what each process does. */
  describe(): { pid: number | undefined; state: string; version: string; running: number; done: number }[] {
    return [...this.processes].map(({ pid, state, version, load, done }) => ({
      pid,
      state,
      version,
      running: load,
      done,
    }));
  }

  private has(state: PoolProcess["state"]): boolean {
    for (const process of this.processes) if (process.state === state) return true;
    return false;
  }

  private change(): Promise<void> {
    return new Promise((resolve) => this.watchers.push(resolve));
  }

  private changed(): void {
    const watchers = this.watchers;
    this.watchers = [];
    for (const watcher of watchers) watcher();
  }

  private fill(): void {
    if (this.stopped || this.backOff) return;
    const current = [...this.processes].filter(({ state }) => state === "starting" || state === "ready").length;
    // After a failed start one at a time: it would fail for all of them.
    const wanted = this.failures > 0 ? Math.max(1, current) : this.settings.processes + this.settings.reserve;
    try {
      for (let missing = wanted - current; missing > 0; missing--) this.startProcess();
    } catch (error) {
      const { name, message } = error as Error;
      this.startFailed({ code: null, signal: null, wanted: false, lastWords: "", startError: { name, message } });
    }
  }

  private startProcess(): void {
    const { settings, bundle } = this;
    const limits: ProcessLimits = { ...settings, bundle, known: this.secrets };
    const process: PoolProcess = new PoolProcess(limits, {
      ready: () => {
        this.failures = 0;
        this.startError = null;
        this.fill();
        this.assign();
        this.changed();
      },
      freed: () => {
        this.fill();
        this.assign();
      },
      processOutput: (text) => this.log.output(text, process.pid),
      gone: (exit) => this.gone(process, exit),
    });
    this.processes.add(process);
  }

  private gone(process: PoolProcess, exit: ChildExit): void {
    this.processes.delete(process);
    const idleDeath = process.given === 0 && process.readyAt > 0 && Date.now() - process.readyAt < SETTLED_MS;
    const failed = !exit.wanted && (process.readyAt === 0 || idleDeath) && process.version === this.bundle.version;
    if (failed && !this.stopped) this.startFailed(exit);
    this.fill();
    this.assign();
    this.changed();
  }

  private startFailed(exit: ChildExit): void {
    const wait = Math.min(FIRST_BACK_OFF_MS * 2 ** this.failures, LAST_BACK_OFF_MS);
    this.failures++;
    const status = exit.signal ? `ended by ${exit.signal}` : `exited with code ${exit.code}`;
    const error = exit.startError ?? {
      name: "StartFailed",
      message: `${status}. ${this.secrets.mask(exit.lastWords.trim()).slice(-1_000)}`,
    };
    this.startError = error;
    this.log.warn(`A step process could not start (${error.stack ?? error.message}). Trying again in ${wait} ms.`);
    if (!this.has("ready")) this.giveBackWaiting();
    if (this.backOff) clearTimeout(this.backOff);
    this.backOff = setTimeout(() => {
      this.backOff = null;
      this.fill();
    }, wait);
  }

  /** A code that cannot be loaded has no ops. */
  private giveBackWaiting(): void {
    const at = Date.now();
    for (const bundle of this.waiting.splice(0)) {
      for (const step of bundle.steps) step.end({ type: step.aborted ? "not_begun" : "unknown_op", at });
    }
  }

  private assign(): void {
    if (this.waiting.length === 0) return;
    const left: Bundle[] = [];
    for (const bundle of this.waiting.splice(0)) {
      if (bundle.steps.every((step) => step.ended)) continue;
      const process = this.roomFor(bundle);
      if (process) this.give(bundle, process);
      else left.push(bundle);
    }
    this.waiting.push(...left);
  }

  private roomFor(bundle: Bundle): PoolProcess | null {
    const ready = [...this.processes].filter(({ state }) => state === "ready");
    const { processes } = this.settings;
    // What stands in reserve is taken only where those that work have no room: it would halve every message to them.
    const room = leastLoaded(ready.slice(0, processes), bundle) ?? leastLoaded(ready.slice(processes), bundle);
    if (!room && bundle.alone) this.reserveFor();
    return room;
  }

  /** One process is emptied for a step that must run alone; the others go on as ever. */
  private reserveFor(): void {
    const ready = [...this.processes].filter(({ state }) => state === "ready");
    if (ready.length === 0 || ready.some(({ reserved }) => reserved)) return;
    ready.sort((a, b) => a.load - b.load)[0]!.reserved = true;
  }

  private give(bundle: Bundle, process: PoolProcess): void {
    process.reserved = false;
    process.number ||= leastFree([...this.processes].map(({ number }) => number));
    bundle.steps = bundle.steps.filter((step) => !step.ended);
    this.at.set(bundle, process);
    process.run(bundle);
  }

  private readonly at = new WeakMap<Bundle, PoolProcess>();
}

/** A step that waits for a process, or runs in one. */
class PooledStep implements StepHandle {
  constructor(
    private readonly step: RunningStep,
    private readonly bundle: Bundle,
    private readonly at: WeakMap<Bundle, PoolProcess>,
  ) {}

  abort(reason: string, graceMs: number): void {
    if (!this.step.ended && !this.droppedWaiting()) this.at.get(this.bundle)!.abort(this.step, reason, graceMs);
  }

  drop(): void {
    if (!this.step.ended && !this.droppedWaiting()) this.at.get(this.bundle)!.drop(this.step);
  }

  look(): void {
    this.at.get(this.bundle)?.look(this.step);
  }

  private droppedWaiting(): boolean {
    if (this.at.has(this.bundle)) return false;
    this.step.end({ type: "not_begun", at: Date.now() });
    return true;
  }
}

const leastLoaded = (processes: readonly PoolProcess[], bundle: Bundle): PoolProcess | null => {
  let best: PoolProcess | null = null;
  for (const process of processes) if (process.takes(bundle) && (!best || process.load < best.load)) best = process;
  return best;
};
