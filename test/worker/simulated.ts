import type { Report, StepAction, WorkerBeat } from "../../core/messages";
import { Executor } from "../../worker/executor";
import type {
  Clock,
  ExecutorPorts,
  ExecutorSettings,
  Pool,
  PoolStep,
  StepHandle,
  StepOutcome,
} from "../../worker/ports";

/** Time that passes only when it is told to. */
export class SimulatedClock implements Clock {
  private time = 1_000_000;
  private timers: { due: number; run: () => void }[] = [];

  now = (): number => this.time;

  after(ms: number, run: () => void) {
    const timer = { due: this.time + ms, run };
    this.timers.push(timer);
    return { cancel: () => void (this.timers = this.timers.filter((other) => other !== timer)) };
  }

  /** Lets `ms` pass; what is due runs in order, and what it causes settles. */
  async pass(ms: number): Promise<void> {
    const end = this.time + ms;
    await settled();
    for (;;) {
      const next = this.timers.filter((timer) => timer.due <= end).sort((a, b) => a.due - b.due)[0];
      if (!next) break;
      this.timers.splice(this.timers.indexOf(next), 1);
      this.time = Math.max(this.time, next.due);
      next.run();
      await settled();
    }
    this.time = end;
  }
}

/** Every promise that can go on has gone on. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A step in the simulated pool: the test says what it does. */
export interface SimulatedStep extends PoolStep {
  alone: boolean;
  aborts: { reason: string; graceMs: number }[];
  drops: number;
  looks: number;
  begin(): void;
  end(outcome: Partial<StepOutcome> & { type: StepOutcome["type"] }): void;
  succeed(): void;
}

const PLACE = { pid: 4242, slot: "1.2" };

/** The real executor with a clock, a pool, a bus and a store that the test moves. */
export const simulate = (settings: Partial<ExecutorSettings> = {}, ports: Partial<ExecutorPorts> = {}) => {
  const clock = new SimulatedClock();
  const steps: SimulatedStep[] = [];
  const sent: Report[][] = [];
  const beats: WorkerBeat[] = [];
  const warnings: string[] = [];
  const pool: Pool = {
    run: (given, { alone }) =>
      given.map((step): StepHandle => {
        const simulated: SimulatedStep = {
          ...step,
          ...{ alone, aborts: [], drops: 0, looks: 0 },
          begin: () => step.on.begun(clock.now(), PLACE),
          end: (outcome) => {
            const ran = ["succeeded", "failed", "lost"].includes(outcome.type);
            const times = ran ? { startedAt: clock.now(), at: clock.now() } : { at: clock.now() };
            step.on.ended({ ...times, ...outcome } as StepOutcome, PLACE);
          },
          succeed: () => {
            simulated.begin();
            simulated.end({ type: "succeeded", outputs: { result: { value: 1, bytes: 1 } } });
          },
        };
        steps.push(simulated);
        return {
          abort: (reason, graceMs) => void simulated.aborts.push({ reason, graceMs }),
          drop: () => void simulated.drops++,
          look: () => void simulated.looks++,
        };
      }),
  };
  const executor = new Executor(
    {
      ...{ clock, pool, pid: 1, random: () => 0.5 },
      values: {
        store: async () => "ref",
        load: async () => null,
        loadListPage: async () => ({ values: [], next: null }),
      },
      report: async (_shard, reports) => void sent.push(reports),
      publishBeat: async (beat) => void beats.push(beat),
      vitals: () => ({ cpu: 0, rss: 0 }),
      warn: (message) => void warnings.push(message),
      ...ports,
    },
    () => ({
      ...{
        worker: "w1",
        host: "h",
        pid: 1,
        queues: ["default"],
        processes: 2,
        concurrency: 1,
        codeVersion: "v",
        ops: 3,
      },
    }),
    settings,
  );
  let fence = 100;
  const action = (more: Partial<StepAction> = {}): StepAction => ({
    ...{ shard: 0, run: "r", job: "j", step: `s${fence}`, node: "s", op: "s", path: [], fence: fence++ },
    ...{ attempt: 1, timeoutMs: null, inputs: {}, config: {}, tags: {} },
    ...more,
  });
  /** Delivers and says later whether the message was acknowledged. */
  const deliver = (actions: StepAction[], redelivered = false, noSlot = false) => {
    const message = { acked: false };
    void executor.deliver(actions, { redelivered, noSlot }).then(() => (message.acked = true));
    return message;
  };
  const reports = (): Report[] => sent.flat();
  return { executor, clock, steps, sent, beats, warnings, action, deliver, reports };
};
