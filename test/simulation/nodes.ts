import { Owner } from "../../coordinator/owner";
import type { Clock, Logger, OwnerBacklog } from "../../coordinator/ports";
import type { MailboxItem, StepAction, WorkerBeat, WorkerOrder } from "../../core/messages";
import { Executor } from "../../worker/executor";
import type { SizedValue } from "../../runtime/step-messages";
import type { PoolStep, StepHandle } from "../../worker/ports";
import type { ModelBroker } from "./model-broker";
import type { ModelDatabase } from "./model-database";
import type { Random } from "./random";
import type { Process, World } from "./world";

/** What may be broken on purpose in an owner. */
export interface OwnerBugs {
  /** Reports are taken for the fence that is current, whatever theirs. */
  appliesStaleFences?: boolean;
  /** A suspicion is acted upon at once, without waiting for its mark. */
  timersWithoutMarks?: boolean;
  /** An owner that cannot reach the database goes on as if it could. */
  noSelfFencing?: boolean;
}

const SILENT: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** The real owner in a simulated process. */
export class CoordinatorNode {
  private readonly owner: Owner;
  private readonly open = new Set<number>();

  constructor(
    private readonly world: World,
    readonly process: Process,
    private readonly broker: ModelBroker,
    private readonly database: ModelDatabase,
    private readonly bugs: OwnerBugs,
  ) {
    const clock: Clock = {
      now: () => world.now,
      monotonic: () => world.elapsed,
      after: (ms, act) => world.after(ms, process, act),
      soon: (act) => void world.after(0, process, act),
    };
    this.owner = new Owner({
      clock,
      store: database.clientOf(process),
      log: { ...SILENT, info: (text) => world.note(() => `${process.name}: ${text}`) },
      options: { owner: process.name, maxConcurrentRuns: 3, cancelGraceMs: 1_000, alone: false },
      bus: {
        dispatch: (actions) => broker.dispatch(process, actions),
        send: (shard, item) => this.send(shard, item),
        openMailbox: (shard) => this.openMailbox(shard),
        closeMailbox: (shard, { requeue }) => this.closeMailbox(shard, requeue),
        order: (order) => void broker.publish("orders", process, order).catch(() => {}),
        queueDepth: async () => broker.stepsWaiting,
        shareBacklog: (backlog) => void broker.publish("backlogs", process, backlog).catch(() => {}),
        announce: () => {},
      },
    });
    if (bugs.noSelfFencing) Reflect.set(Reflect.get(this.owner, "ownership") as object, "guard", () => {});
    broker.listen<WorkerBeat>("beats", process, (beat) => this.owner.heardWorker(beat));
    broker.listen<OwnerBacklog>("backlogs", process, (backlog) => this.owner.heardOwner(backlog));
  }

  start(): void {
    this.owner.start().catch(() => {
      if (this.process.state !== "dead") this.world.after(500, this.process, () => this.start());
    });
  }

  stop(): Promise<void> {
    return this.owner.stop();
  }

  /** Somebody asks it to give one of its shards away; it may have none, or refuse. */
  handOver(random: Random): void {
    if (this.open.size > 0) this.owner.handOver(random.pick([...this.open]), null).catch(() => {});
  }

  reconnected(): void {
    for (const shard of this.open) void this.consume(shard);
  }

  private send(shard: number, item: MailboxItem): Promise<void> {
    if (this.bugs.timersWithoutMarks && item.type === "mark" && item.id.startsWith("suspects")) {
      this.broker.markIsBack(shard, this.world.now);
      void this.owner.receive(shard, [item]).catch(() => {});
      return Promise.resolve();
    }
    return this.broker.send(this.process, shard, [item]);
  }

  private openMailbox(shard: number): Promise<void> {
    this.open.add(shard);
    if (this.process.cutFromBroker) return Promise.resolve();
    return this.consume(shard);
  }

  private consume(shard: number): Promise<void> {
    return this.broker.openMailbox(this.process, shard, this.handlerOf(shard), () => this.open.has(shard));
  }

  private closeMailbox(shard: number, requeue: boolean): Promise<void> {
    this.open.delete(shard);
    return this.broker.closeMailbox(this.process, shard, requeue);
  }

  private handlerOf(shard: number): (items: MailboxItem[]) => Promise<void> {
    return (items) => {
      if (this.bugs.appliesStaleFences)
        for (const item of items)
          if ("fence" in item) item.fence = this.database.runs.get(item.run)!.steps.get(item.step)!.fence;
      return this.owner.receive(shard, items);
    };
  }
}

/** What the simulated ops do: chosen by chance when a step runs. */
export interface StepScript {
  begun(action: StepAction, worker: string): void;
  /** Keys of a generator's items; null: not a generator. */
  items(action: StepAction): string[] | null;
}

/** The real executor in a simulated process, over a simulated pool. */
export class WorkerNode {
  readonly executor: Executor;

  constructor(
    private readonly world: World,
    readonly process: Process,
    private readonly broker: ModelBroker,
    private readonly script: StepScript,
  ) {
    const after = (ms: number, act: () => void) => ({ cancel: world.after(ms, process, act) });
    this.executor = new Executor(
      {
        clock: { now: () => world.now, after },
        random: () => world.random.next(),
        pool: { run: (steps) => this.run(steps) },
        pid: 1,
        values: {
          store: () => Promise.reject(new Error("no large values here")),
          load: () => Promise.reject(new Error("no large values here")),
          loadListPage: () => Promise.reject(new Error("no large values here")),
        },
        report: (shard, reports) => broker.send(process, shard, reports),
        publishBeat: (beat) => broker.publish("beats", process, beat),
        vitals: () => ({ cpu: 0, rss: 0 }),
        warn: () => {},
      },
      () => ({
        ...{ worker: process.name, host: "host", pid: 1, queues: ["default"], processes: 2, concurrency: 1 },
        ...{ codeVersion: "1", ops: 3 },
      }),
      { graceMs: 500 },
    );
    broker.listen<WorkerOrder>("orders", process, (order) => this.executor.order(order));
  }

  start(): void {
    this.executor.start();
    this.broker.consumeSteps(this.process, 2, (actions, redelivered) =>
      this.executor.deliver(actions, { redelivered }),
    );
  }

  private run(steps: PoolStep[]): StepHandle[] {
    const runs = steps.map((step) => new SimulatedStep(this.world, this.process, step, this.script));
    const next = (index: number): void => runs[index]?.start(() => next(index + 1));
    this.world.after(this.world.random.between(0.1, 2), this.process, () => next(0));
    return runs;
  }
}

class SimulatedStep implements StepHandle {
  private state: "waiting" | "running" | "ended" = "waiting";
  private startedAt = 0;
  private told = false;
  private after: () => void = () => {};

  constructor(
    private readonly world: World,
    private readonly process: Process,
    private readonly step: PoolStep,
    private readonly script: StepScript,
  ) {}

  start(after: () => void): void {
    if (this.state === "ended") return after();
    const { world, step } = this;
    const { action } = step;
    this.after = after;
    this.state = "running";
    this.startedAt = world.now;
    this.script.begun(action, this.process.name);
    world.after(world.random.between(0, 10), this.process, () => this.look());
    const items = this.script.items(action) ?? [];
    const takes = world.random.chance(0.1) ? world.random.between(500, 4_000) : world.random.between(1, 60);
    items.forEach((key, i) =>
      world.after((takes * (i + 1)) / (items.length + 1), this.process, () => {
        if (this.state !== "running") return;
        this.look();
        step.on.item(key, { value: key, bytes: 8 }, () => {});
      }),
    );
    world.after(takes, this.process, () => this.finish());
  }

  look(): void {
    if (this.told || this.state !== "running") return;
    this.told = true;
    this.step.on.begun(this.startedAt, PLACE);
  }

  abort(_reason: string, graceMs: number): void {
    this.look();
    if (this.state === "waiting") return this.drop();
    const ms = this.world.random.between(0, graceMs);
    this.world.after(ms, this.process, () => this.end({ type: "aborted", at: this.world.now }));
  }

  drop(): void {
    if (this.state === "waiting") this.end({ type: "not_begun", at: this.world.now });
  }

  private finish(): void {
    const { action } = this.step;
    const { now: at, random } = this.world;
    const items = this.script.items(action);
    const { startedAt } = this;
    if (random.chance(0.04)) return this.end({ ...failure, startedAt, at, retryable: random.chance(0.8) });
    if (random.chance(0.02)) {
      this.look();
      return this.end({ type: "lost", startedAt, at, error: { name: "Exit", message: "exit 1" } });
    }
    const outputs: Record<string, SizedValue> = items ? {} : { result: { value: action.step, bytes: 8 } };
    this.end({ type: "succeeded", startedAt, at, outputs, ...(items && { items: items.length }) });
  }

  private end(outcome: Parameters<PoolStep["on"]["ended"]>[0]): void {
    if (this.state === "ended") return;
    this.state = "ended";
    this.step.on.ended(outcome, PLACE);
    this.after();
  }
}

const PLACE = { pid: 1, slot: "1.1" };
const failure = { type: "failed" as const, error: { name: "Error", message: "no luck" } };
