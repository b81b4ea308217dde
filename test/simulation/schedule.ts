import { setImmediate as turn } from "node:timers/promises";
import type { MailboxItem, StepAction } from "../../core/messages";
import type { StepRecord } from "../../core/records";
import { runHasEnded, stepHasEnded } from "../../core/status";
import type { Faults } from "./faults";
import { chooseFaults, strike } from "./faults";
import { CHAIN, FAN } from "./graphs";
import type { BrokerBugs } from "./model-broker";
import { ModelBroker } from "./model-broker";
import type { DatabaseBugs } from "./model-database";
import { ModelDatabase } from "./model-database";
import type { OwnerBugs } from "./nodes";
import { CoordinatorNode, WorkerNode } from "./nodes";
import type { Process } from "./world";
import { World } from "./world";

export interface Bugs extends DatabaseBugs, BrokerBugs, OwnerBugs {}

export interface Outcome {
  violations: string[];
  trace: string[];
  /** Simulated ms until everything had ended. */
  took: number;
  faults: Faults["names"];
  executions: number;
}

/** Once faults have stopped, every run must have ended within this time. */
const PATIENCE_MS = 60_000;
const SHARDS = 2;

/** One simulated cluster, one seed: two coordinators, two workers, a few runs, faults at any point. */
export class Schedule {
  readonly world: World;
  readonly broker: ModelBroker;
  readonly database: ModelDatabase;
  readonly coordinators: CoordinatorNode[] = [];
  readonly workers: WorkerNode[] = [];
  private readonly begun = new Map<number, string>();
  private readonly confirmed = new Map<string, number>();
  /** By shard: when the last mark that has come back was put into the mailbox. */
  private readonly marks = new Map<number, number>();
  private born = 0;
  private pauses = false;

  constructor(
    seed: number,
    private readonly bugs: Bugs,
    traced: boolean,
  ) {
    this.world = new World(seed, traced);
    this.database = new ModelDatabase(this.world, SHARDS, bugs, (step, before) => this.committed(step, before));
    this.broker = new ModelBroker(
      this.world,
      bugs,
      (item) => this.sent(item),
      (shard, sentAt) => this.marks.set(shard, Math.max(this.marks.get(shard) ?? 0, sentAt)),
    );
  }

  async run(): Promise<Outcome> {
    const { world } = this;
    for (let i = 0; i < 2; i++) this.addCoordinator();
    for (let i = 0; i < 2; i++) this.addWorker();
    this.launchRuns();
    const faults = chooseFaults(world.random);
    this.pauses = faults.names.includes("pause a coordinator");
    strike(this, faults);
    await world.run(faults.until + PATIENCE_MS, () => world.elapsed > faults.until && this.isQuiet());
    this.check(faults);
    // Nothing of a schedule may go on into the next.
    for (const { process } of [...this.coordinators, ...this.workers]) process.state = "dead";
    await turn();
    const { violations, trace, elapsed } = world;
    return { violations, trace, took: elapsed, faults: faults.names, executions: this.begun.size };
  }

  addCoordinator(): void {
    const process = this.world.process(`coordinator-${++this.born}`);
    const node = new CoordinatorNode(this.world, process, this.broker, this.database, this.bugs);
    this.coordinators.push(node);
    node.start();
  }

  addWorker(): void {
    const process = this.world.process(`worker-${++this.born}`);
    const node = new WorkerNode(this.world, process, this.broker, {
      begun: (action, worker) => this.executionBegan(action, worker),
      items: (action) => (action.op === "generate" ? ["a", "b", "c"].slice(0, action.run.length % 4) : null),
    });
    this.workers.push(node);
    node.start();
  }

  kill(process: Process): void {
    this.world.note(() => `kill ${process.name}`);
    process.state = "dead";
    this.broker.disconnect(process);
  }

  /** One that cannot commit must not go on swallowing reports, even those of a shard that nobody has taken yet. */
  checkSelfFencing(process: Process): void {
    // One that was paused may have woken just now.
    if (process.state !== "running" || this.pauses || !this.broker.consumesMail(process)) return;
    this.world.violated(`${process.name} is cut off from the database and consumes its mailboxes`);
  }

  private launchRuns(): void {
    const { world, database, broker } = this;
    const user = world.process("user");
    const runs = world.random.integer(2, 5);
    for (let i = 0; i < runs; i++) {
      // The length of the id decides how many items the generator yields, so that they are the same at each try.
      const id = `run-${i}`.padEnd(6 + world.random.integer(0, 3), "x");
      const shard = world.random.integer(0, SHARDS - 1);
      world.after(world.random.between(0, 3_000), null, () => {
        database.create(id, shard, world.random.chance(0.7) ? FAN : CHAIN, world.random.integer(0, 3));
        if (world.random.chance(0.9)) void broker.send(user, 0, [{ type: "look", shard: 0, at: "queue" }]);
      });
      if (world.random.chance(0.15))
        world.after(world.random.between(0, 5_000), null, () => this.cancel(id, shard, user));
    }
  }

  private cancel(id: string, shard: number, user: Process): void {
    const row = this.database.runs.get(id);
    if (!row || runHasEnded(this.database.statusOf(row))) return;
    this.world.note(() => `cancel ${id}`);
    row.record.cancelRequestedAt = this.world.now;
    if (this.world.random.chance(0.8))
      void this.broker.send(user, shard, [{ type: "look", shard, at: "cancel", run: id }]);
  }

  private isQuiet(): boolean {
    if (this.broker.backlog > 0) return false;
    for (const row of this.database.runs.values()) {
      if (!runHasEnded(this.database.statusOf(row)) || row.change?.hooksOpen) return false;
    }
    return true;
  }

  // ---- invariants (protocol 9)

  private executionBegan(action: StepAction, worker: string): void {
    const { run, step, fence } = action;
    this.world.note(() => `${worker} begins ${run} ${step} fence ${fence}`);
    if (this.begun.has(fence)) this.world.violated(`fence ${fence} of ${run} ${step} started twice`);
    this.begun.set(fence, `${run} ${step}`);
    const row = this.database.runs.get(run)!.steps.get(step);
    if (!row || row.fence < fence) this.world.violated(`${run} ${step} began before its dispatch was committed`);
    this.checkInputs(action);
  }

  private checkInputs({ run, step, op, inputs }: StepAction): void {
    if (op !== "collect") return;
    const { items, steps } = this.database.runs.get(run)!;
    const expected = [...items].sort((a, b) => a.ordinal - b.ordinal).map(({ key }) => `work[${key}]`);
    const list = inputs[""];
    const got = list && "list" in list ? list.list.map(({ value }) => value) : null;
    if (JSON.stringify(got) !== JSON.stringify(expected))
      this.world.violated(`${run} ${step} got ${JSON.stringify(got)} instead of ${JSON.stringify(expected)}`);
    for (const key of expected)
      if (steps.get(key)?.status !== "SUCCESS") this.world.violated(`${run} collect began before ${key} was committed`);
  }

  private sent(item: MailboxItem): void {
    if (item.type === "succeeded") this.confirmed.set(`${item.run} ${item.step} ${item.fence}`, this.world.now);
  }

  private committed(step: StepRecord, before: StepRecord | undefined): void {
    this.world.note(() => `commit ${step.run} ${step.step} ${step.status} fence ${step.fence} lost ${step.lost}`);
    const name = `${step.run} ${step.step}`;
    if (step.status === "SUCCESS" && this.begun.get(step.fence) !== name)
      this.world.violated(`${name} succeeded under fence ${step.fence}, which never ran`);
    // A report in the mailbox for longer than any delay of this world has been beaten by something else.
    const confirmedAt = before && this.confirmed.get(`${name} ${before.fence}`);
    if (confirmedAt === undefined || step.status === "SUCCESS" || stepHasEnded(before!.status)) return;
    const beaten = step.lost > before!.lost || step.fence > before!.fence;
    if (beaten && confirmedAt < this.lastMark(step))
      this.world.violated(`a confirmed success of ${name} was beaten by a timeout`);
  }

  private lastMark({ run }: StepRecord): number {
    return this.marks.get(this.database.runs.get(run)!.record.shard) ?? 0;
  }

  private check(faults: Faults): void {
    const { world, database, broker } = this;
    if (world.violations.length > 0) return;
    for (const [id, row] of database.runs) {
      const status = database.statusOf(row);
      if (!runHasEnded(status)) world.violated(`${id} has not ended: ${status}`);
      if (row.record.cancelRequestedAt !== null && status !== "CANCELED")
        world.violated(`${id} was to be canceled and ended ${status}`);
      const open = [...row.steps.values()].filter((step) => !stepHasEnded(step.status) && !step.step.includes(":"));
      if (runHasEnded(status) && open.length > 0)
        world.violated(`${id} has ended with ${open[0]!.step} ${open[0]!.status}`);
      this.checkEvents(id);
      const lost = [...row.steps.values()].filter((step) => step.lost > 0 && step.error?.cause?.name !== "Exit");
      if (!faults.mayLose && lost.some((step) => row.events.size > 0 && this.lostByOwner(id, step.step)))
        world.violated(`${id} lost a step where no worker died`);
    }
    if (broker.backlog > 0) world.violated(`${broker.backlog} messages are left`);
    if (database.grants.size > 0) world.violated("a grant is left");
  }

  private lostByOwner(run: string, step: string): boolean {
    return [...this.database.runs.get(run)!.events.values()].some(
      (event) =>
        event.type === "STEP_LOST" && event.step === step && JSON.stringify(event.data).includes("The step was lost"),
    );
  }

  private checkEvents(id: string): void {
    const events = [...this.database.runs.get(id)!.events.values()].sort((a, b) => a.seq - b.seq);
    events.forEach((event, i) => {
      if (event.seq !== i + 2) this.world.violated(`the events of ${id} have a gap at ${i + 2}`);
    });
    const ends = new Map<string, number>();
    for (const { type, step } of events) {
      if (!/^(STEP|RUN)_(SUCCESS|FAILURE|CANCELED|SKIPPED)$/.test(type)) continue;
      ends.set(step ?? "", (ends.get(step ?? "") ?? 0) + 1);
    }
    for (const [step, count] of ends) if (count > 1) this.world.violated(`${id} ${step} ended ${count} times`);
  }
}
