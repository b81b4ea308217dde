import type { Graph, GraphNode, RunEvent, TimelineColumns, TimelineTries } from "../../../../client";
import { Names } from "./names";

/** In the order of their codes. PENDING: a node that has no step yet. */
export const STATUSES = [
  "PENDING",
  "QUEUED",
  "STARTED",
  "UP_FOR_RETRY",
  "SUCCESS",
  "FAILURE",
  "SKIPPED",
  "CANCELED",
] as const;
export type StepState = (typeof STATUSES)[number];

/** Codes of statuses, as columns hold them. */
export const CODE = Object.fromEntries(STATUSES.map((status, code) => [status, code])) as Record<StepState, number>;

/** A try that is over, and was not the last. Times are ms since the run's creation, NaN: not known. */
export interface Attempt {
  queued: number;
  started: number;
  ended: number;
  worker: string | null;
  /** Of the worker's slots, as `process.slot`; null: it was not told. */
  slot: string | null;
  outcome: "FAILURE" | "LOST" | "RELEASED";
  error: ErrorLine | null;
}

export interface ErrorLine {
  name: string;
  message: string;
}

const FIRST_CAPACITY = 64;
const FEW = 8;
type Times = "ready" | "queued" | "started" | "ended" | "retry";
const TIMES: readonly Times[] = ["ready", "queued", "started", "ended", "retry"];

/**
 * All steps of a run by columns, in the order in which they came to be known. Times are milliseconds since the run's
 * creation, NaN: not yet, or never.
 */
export class Steps {
  count = 0;
  /** Rises with each change. */
  version = 0;
  readonly keys: string[] = [];
  readonly nodes: readonly GraphNode[];
  /** Places of each node's steps. */
  readonly members: number[][];
  readonly errors = new Map<number, ErrorLine>();
  readonly past = new Map<number, Attempt[]>();
  /** When the run came to another owner, in ms since its creation. */
  takeovers: { at: number; owner: string }[] = [];
  /** How long steps of each node usually take, in ms; NaN: not known. */
  readonly usual: Float64Array;
  /** What generators have yielded. */
  readonly items = new Map<number, number>();
  node = new Uint16Array(FIRST_CAPACITY);
  status = new Uint8Array(FIRST_CAPACITY);
  attempt = new Uint16Array(FIRST_CAPACITY);
  lost = new Uint16Array(FIRST_CAPACITY);
  /** Numbers of names. */
  private worker = new Uint16Array(FIRST_CAPACITY);
  private slot = new Uint16Array(FIRST_CAPACITY);
  ready = noTimes(FIRST_CAPACITY);
  queued = noTimes(FIRST_CAPACITY);
  started = noTimes(FIRST_CAPACITY);
  ended = noTimes(FIRST_CAPACITY);
  retry = noTimes(FIRST_CAPACITY);
  /** When the last step that has ended did so; 0: none has. */
  lastEnd = 0;
  /** By key; null: nobody has asked yet. Of a hundred thousand steps it takes longer to make than all columns. */
  private places: Map<string, number> | null = null;
  private readonly nodePlaces: Map<string, number>;
  readonly workers = new Names();
  private readonly slots = new Names();
  /** Steps of one node stand side by side: how the keys of the last one's begin. */
  private neighbours: { prefix: string; node: number } | null = null;

  /** @param origin the run's creation, in Unix ms. */
  constructor(
    readonly origin: number,
    graph: Graph,
  ) {
    this.nodes = graph.nodes;
    this.members = graph.nodes.map(() => []);
    this.usual = new Float64Array(graph.nodes.length).fill(NaN);
    this.nodePlaces = new Map(graph.nodes.map(({ name }, place) => [name, place]));
  }

  placeOf(key: string): number | undefined {
    if (key === "") return undefined;
    this.places ??= new Map(this.keys.map((known, at) => [known, at]));
    return this.places.get(key);
  }

  nodeOf(name: string): number | undefined {
    return this.nodePlaces.get(name);
  }

  workerOf(step: number): string | null {
    return this.workers.of(this.worker[step]!);
  }

  /** Of its worker's slots, as `process.slot`; null: it has none, or was not told. */
  slotOf(step: number): string | null {
    return this.slots.of(this.slot[step]!);
  }

  statusOf(step: number): StepState {
    return STATUSES[this.status[step]!]!;
  }

  /** All steps as the server tells them at once. Of hooks, which are in no graph, nothing is kept. */
  putAll({
    steps: columns,
    statuses,
    workers,
    slots,
    lost,
    retry,
    items,
    errors,
    takeovers,
    usual_ms,
  }: TimelineColumns): void {
    this.takeovers = takeovers.map(({ at_ms, owner }) => ({ at: at_ms, owner }));
    this.nodes.forEach(({ name }, node) => (this.usual[node] = usual_ms[name] ?? NaN));
    this.version++;
    this.putColumns(columns, {
      codes: statuses.map((status) => CODE[status]),
      workers: workers.map((worker) => this.workers.numberOf(worker)),
      slots: slots.map((slot) => this.slots.numberOf(slot)),
    });
    this.each(lost, (at, times) => (this.lost[at] = times));
    this.each(retry, (at, due) => (this.retry[at] = due));
    this.each(items, (at, count) => this.items.set(at, count));
    this.each(errors, (at, error) => this.errors.set(at, error));
  }

  /** @param own the columns' numbers for statuses, workers and slots, as they are known here. */
  private putColumns(columns: TimelineColumns["steps"], own: Record<"codes" | "workers" | "slots", number[]>): void {
    const { key: keys } = columns;
    const fresh = this.count === 0;
    this.reserve(this.count + keys.length);
    // A loop over so many steps that runs once is never compiled well: what it looks up, it looks up once.
    const { status, attempt, worker, slot, ready, queued, started } = this;
    for (let i = 0; i < keys.length; i++) {
      const at = fresh ? this.append(keys[i]!) : this.add(keys[i]!);
      if (at === null) continue;
      const code = own.codes[columns.status[i]!]!;
      status[at] = code;
      attempt[at] = columns.attempt[i]!;
      worker[at] = own.workers[columns.worker[i]!] ?? 0;
      slot[at] = own.slots[columns.slot[i]!] ?? 0;
      ready[at] = columns.ready[i] ?? NaN;
      queued[at] = columns.queued[i] ?? NaN;
      this.setEnd(at, columns.ended[i] ?? NaN);
      // A row still tells when the try began that has failed: it does not run any more.
      const waits = code === CODE.UP_FOR_RETRY || code === CODE.QUEUED;
      started[at] = waits ? NaN : (columns.started[i] ?? NaN);
    }
  }

  /** Attempts that are over. */
  putTries({ tries }: TimelineTries): void {
    this.each(tries, (at, of) => {
      for (const { queued, started, ...rest } of of)
        this.remember(at, { ...rest, queued: queued ?? NaN, started: started ?? NaN });
    });
  }

  private each<T>(byKey: Record<string, T>, take: (at: number, value: T) => void): void {
    const entries = Object.entries(byKey);
    // Few are found sooner one by one than the map of all is made.
    const placeOf = (key: string): number =>
      entries.length > FEW ? (this.placeOf(key) ?? -1) : this.keys.indexOf(key);
    for (const [key, value] of entries) {
      const at = placeOf(key);
      if (at >= 0) take(at, value);
    }
  }

  /** What has happened to a step. What the columns know already changes nothing. */
  hear({ type, step: key, at: time, data }: RunEvent): void {
    if (type === "RUN_OWNER_CHANGED") return this.takeOver(Date.parse(time) - this.origin, String(data?.owner));
    if (key === null || !type.startsWith("STEP_")) return;
    const at = this.add(key);
    if (at === null || !Number.isNaN(this.ended[at]!)) return;
    const ms = Date.parse(time) - this.origin;
    if (ms < Math.max(this.queued[at]! || 0, this.started[at]! || 0)) return;
    this.version++;
    this.change(at, type, ms, (data ?? {}) as EventData);
  }

  private takeOver(at: number, owner: string): void {
    if (this.takeovers.some((known) => known.at === at)) return;
    this.takeovers.push({ at, owner });
    this.version++;
  }

  private change(at: number, type: string, ms: number, data: EventData): void {
    if (data.error) this.errors.set(at, { name: data.error.name, message: data.error.message });
    switch (type) {
      case "STEP_QUEUED":
        if (Number.isNaN(this.ready[at]!)) this.ready[at] = ms;
        this.queued[at] = ms;
        this.started[at] = NaN;
        this.attempt[at] = data.attempt ?? this.attempt[at]!;
        this.status[at] = CODE.QUEUED;
        return;
      case "STEP_START":
      case "STEP_RESTARTED":
        this.started[at] = ms;
        this.attempt[at] = data.attempt ?? this.attempt[at]!;
        this.worker[at] = this.workers.numberOf(data.worker ?? null);
        this.slot[at] = this.slots.numberOf(data.slot ?? null);
        this.status[at] = CODE.STARTED;
        return;
      case "STEP_UP_FOR_RETRY":
        this.endAttempt(at, ms, "FAILURE", data);
        this.retry[at] = data.retry_at === undefined ? NaN : Date.parse(data.retry_at) - this.origin;
        this.attempt[at] = data.attempt ?? this.attempt[at]! + 1;
        this.status[at] = CODE.UP_FOR_RETRY;
        return;
      case "STEP_LOST":
      case "STEP_RELEASED":
        this.endAttempt(at, ms, type === "STEP_LOST" ? "LOST" : "RELEASED", data);
        this.lost[at] = data.lost ?? this.lost[at]!;
        this.status[at] = CODE.QUEUED;
        return;
      case "STEP_OUTPUT":
        if (data.items !== undefined) this.items.set(at, data.items);
        return;
      default:
        return this.end(at, ms, type.slice(5));
    }
  }

  private end(at: number, ms: number, status: string): void {
    const code = CODE[status as StepState];
    // Progress and whatever events are to come say nothing of the status.
    if (code === undefined) return;
    this.status[at] = code;
    this.setEnd(at, ms);
  }

  private setEnd(at: number, ms: number): void {
    this.ended[at] = ms;
    if (ms > this.lastEnd) this.lastEnd = ms;
  }

  private endAttempt(at: number, ms: number, outcome: Attempt["outcome"], { error = null }: EventData): void {
    const times = { queued: this.queued[at]!, started: this.started[at]!, ended: ms };
    this.remember(at, { ...times, worker: this.workerOf(at), slot: this.slotOf(at), outcome, error });
    this.queued[at] = NaN;
    this.started[at] = NaN;
  }

  /** Keeps a try that is over, in order, once. */
  remember(at: number, attempt: Attempt): void {
    const known = this.past.get(at) ?? [];
    if (known.some(({ ended }) => ended === attempt.ended)) return;
    this.past.set(
      at,
      [...known, attempt].sort((a, b) => a.ended - b.ended),
    );
    this.version++;
  }

  private add(key: string): number | null {
    return this.placeOf(key) ?? this.append(key);
  }

  /** Of a key that is new. */
  private append(key: string): number | null {
    const node = this.nodeOfKey(key);
    if (node === undefined) return null;
    const at = this.count++;
    this.reserve(this.count);
    this.places?.set(key, at);
    this.keys.push(key);
    this.node[at] = node;
    this.members[node]!.push(at);
    this.attempt[at] = 1;
    return at;
  }

  private nodeOfKey(key: string): number | undefined {
    if (this.neighbours && key.startsWith(this.neighbours.prefix)) return this.neighbours.node;
    const bracket = key.indexOf("[");
    if (bracket < 0) return this.nodePlaces.get(key);
    const node = this.nodePlaces.get(key.slice(0, bracket));
    if (node !== undefined) this.neighbours = { prefix: key.slice(0, bracket + 1), node };
    return node;
  }

  private reserve(least: number): void {
    if (least <= this.status.length) return;
    const size = Math.max(least, this.status.length * 2);
    this.node = grown(this.node, new Uint16Array(size));
    this.status = grown(this.status, new Uint8Array(size));
    this.attempt = grown(this.attempt, new Uint16Array(size));
    this.lost = grown(this.lost, new Uint16Array(size));
    this.worker = grown(this.worker, new Uint16Array(size));
    this.slot = grown(this.slot, new Uint16Array(size));
    for (const name of TIMES) this[name] = grown(this[name], noTimes(size));
  }
}

interface EventData {
  attempt?: number;
  worker?: string | null;
  slot?: string | null;
  retry_at?: string;
  lost?: number;
  items?: number;
  error?: ErrorLine | null;
}

const noTimes = (size: number): Float64Array<ArrayBuffer> => new Float64Array(size).fill(NaN);

const grown = <T extends { set(from: ArrayLike<number>): void }>(from: ArrayLike<number>, to: T): T => {
  to.set(from);
  return to;
};
