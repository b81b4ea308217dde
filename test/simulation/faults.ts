import type { Random } from "./random";
import type { Schedule } from "./schedule";
import type { Process } from "./world";

type Fault =
  | "kill a coordinator"
  | "pause a coordinator"
  | "cut a coordinator from the database"
  | "cut a coordinator from the database for ever"
  | "cut a coordinator from the broker"
  | "kill a worker"
  | "pause a worker"
  | "cut a worker from the broker"
  | "restart the broker"
  | "stall the mailboxes"
  | "hand a shard over";

const FAULTS: readonly Fault[] = [
  "kill a coordinator",
  "pause a coordinator",
  "cut a coordinator from the database",
  "cut a coordinator from the database for ever",
  "cut a coordinator from the broker",
  "kill a worker",
  "pause a worker",
  "cut a worker from the broker",
  "restart the broker",
  "stall the mailboxes",
  "hand a shard over",
];

export interface Faults {
  names: Fault[];
  strikes: { fault: Fault; at: number; forMs: number }[];
  /** When the last of them is over. */
  until: number;
  /** True where a worker was killed, paused or cut off: its steps may count as lost. */
  mayLose: boolean;
}

/** Up to three faults, at any time in the first seconds. */
export const chooseFaults = (random: Random): Faults => {
  const strikes = Array.from({ length: random.integer(0, 3) }, () => ({
    fault: random.pick(FAULTS),
    at: random.between(50, 5_000),
    forMs: random.chance(0.3) ? random.between(7_000, 15_000) : random.between(50, 4_000),
  }));
  const names = strikes.map(({ fault }) => fault);
  return {
    names,
    strikes,
    until: Math.max(0, ...strikes.map(({ at, forMs }) => at + forMs)),
    mayLose: names.some((name) => name.includes("worker")),
  };
};

export const strike = (schedule: Schedule, { strikes }: Faults): void => {
  for (const { fault, at, forMs } of strikes) schedule.world.after(at, null, () => begin(schedule, fault, forMs));
};

const begin = (schedule: Schedule, fault: Fault, forMs: number): void => {
  const { world } = schedule;
  const running = <T extends { process: Process }>(nodes: T[]): T =>
    world.random.pick(nodes.filter(({ process }) => process.state === "running"));
  world.note(() => `FAULT ${fault} for ${Math.round(forMs)} ms`);
  const coordinator = running(schedule.coordinators)?.process;
  const worker = running(schedule.workers)?.process;
  const later = (act: () => void): void => void world.after(forMs, null, act);
  switch (fault) {
    case "kill a coordinator":
      if (coordinator) schedule.kill(coordinator);
      return later(() => schedule.addCoordinator());
    case "kill a worker":
      if (worker) schedule.kill(worker);
      return later(() => schedule.addWorker());
    case "pause a coordinator":
      return coordinator && pause(schedule, coordinator, later);
    case "pause a worker":
      return worker && pause(schedule, worker, later);
    case "cut a coordinator from the database":
    case "cut a coordinator from the database for ever":
      if (!coordinator) return;
      // One must be left that reaches it.
      if (fault.endsWith("ever") && schedule.coordinators.some(({ process }) => process.databaseCuts > 0)) return;
      coordinator.databaseCuts++;
      coordinator.hangs = world.random.chance(0.5);
      // Where packets vanish, the server finds out later.
      if (!coordinator.hangs || forMs > KEEPALIVE_MS) schedule.database.disconnect(coordinator);
      if (fault.endsWith("ever") || forMs > SELF_FENCED_MS)
        world.after(SELF_FENCED_MS, null, () => schedule.checkSelfFencing(coordinator));
      if (!fault.endsWith("ever")) later(() => coordinator.databaseCuts--);
      else schedule.addCoordinator();
      return;
    case "cut a coordinator from the broker":
      return coordinator && cut(schedule, [coordinator], later);
    case "cut a worker from the broker":
      return worker && cut(schedule, [worker], later);
    case "hand a shard over":
      return running(schedule.coordinators)?.handOver(world.random);
    case "stall the mailboxes":
      schedule.broker.stall(true);
      return later(() => schedule.broker.stall(false));
    case "restart the broker":
      return cut(
        schedule,
        [...schedule.coordinators, ...schedule.workers].map(({ process }) => process),
        later,
      );
  }
};

/** For so long PostgreSQL believes in a client that has fallen silent. */
const KEEPALIVE_MS = 12_000;

/** By then a coordinator that cannot reach the database has let go of its mailboxes. */
const SELF_FENCED_MS = 6_500;

/** Without its heartbeats the broker frees what a paused process holds. */
const HEARTBEATS_MISSED_MS = 5_700;

const pause = (schedule: Schedule, process: Process, later: (act: () => void) => void): void => {
  const { world, broker } = schedule;
  world.note(() => `pause ${process.name}`);
  world.pause(process);
  let freed = false;
  const free = world.after(HEARTBEATS_MISSED_MS, null, () => {
    freed = true;
    broker.disconnect(process);
  });
  later(() => {
    free();
    world.resume(process);
    if (freed && process.cuts === 0) connect(schedule, process);
  });
};

const connect = (schedule: Schedule, process: Process): void => {
  process.cutFromBroker = false;
  if (process.state === "dead") return;
  schedule.broker.reconnect(process);
  schedule.coordinators.find((node) => node.process === process)?.reconnected();
};

const cut = (schedule: Schedule, processes: Process[], later: (act: () => void) => void): void => {
  for (const process of processes) {
    process.cutFromBroker = true;
    process.cuts++;
    schedule.broker.disconnect(process);
  }
  later(() => {
    for (const process of processes)
      schedule.world.after(schedule.world.random.between(0, 2_000), null, () => {
        if (--process.cuts === 0) connect(schedule, process);
      });
  });
};
