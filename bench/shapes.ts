import { cpuTimes, type CpuTimes, peakRssMb, ROLES } from "./processes";
import { type Cluster, startCluster } from "./cluster";
import { median } from "./median";
import type { Servers } from "./servers";

/** Steps that the cluster runs at a time. */
export const SLOTS = 16;

/** A load of no-op steps. */
export interface Shape {
  readonly name: string;
  readonly job: "fan" | "chain";
  readonly runs: number;
  /** fan: 1 → children → 1; chain: children in a row. */
  readonly children: number;
  /** Fewer rounds than the others: it takes long. */
  readonly rounds?: number;
}

export const SHAPES: readonly Shape[] = [
  { name: "500 × (1 → 10 → 1)", job: "fan", runs: 500, children: 10 },
  { name: "1 × (1 → 10,000 → 1)", job: "fan", runs: 1, children: 10_000 },
  { name: "chain of 50", job: "chain", runs: 1, children: 50 },
  { name: "1 × (1 → 100,000 → 1)", job: "fan", runs: 1, children: 100_000, rounds: 1 },
];

export interface ShapeResult {
  name: string;
  steps: number;
  /** Of each round, in seconds. */
  seconds: number[];
  stepsPerSecond: number;
  msPerStep: number;
  /** By role; null where the system does not tell. */
  cpuSecondsPer1000Steps: CpuTimes;
  bytesPerStep: number;
  coordinatorPeakMb: number | null;
}

/** Steps that do nothing, so that what is measured is ours. */
export const NO_OP_JOBS = `import { dynamic, job, op, z } from "dqueue";

const generate = op({
  name: "generate",
  config: z.object({ n: z.number().int() }),
  out: dynamic(z.number()),
  async *run({ config }) {
    for (let i = 0; i < config.n; i++) yield { key: String(i), value: i };
  },
});
const work = op({ name: "work", in: z.number(), out: z.number(), run: async ({ input }) => input });
const total = op({ name: "total", in: z.array(z.number()), out: z.number(), run: async ({ input }) => input.length });
export const fan = job("fan", (g) => {
  g.call(total, g.collect(g.map(g.call(generate), work)));
});

const first = op({ name: "first", out: z.number(), run: async () => 1 });
export const chain = job("chain", (g) => {
  let last = g.call(first);
  for (let i = 1; i < 50; i++) last = g.call(work, last, { as: \`work_\${i}\` });
});
`;

/** Runs a shape on a cluster of its own, after a warm-up, and returns the medians of its rounds. */
export const runShape = async (servers: Servers, shape: Shape, rounds: number): Promise<ShapeResult> => {
  const cluster = await startCluster(servers, { "index.ts": NO_OP_JOBS }, SLOTS);
  try {
    await warmUp(cluster);
    return await measure(cluster, shape, shape.rounds ?? rounds);
  } finally {
    await cluster.stop();
  }
};

/**
 * 48,000 steps beside each other and 3,000 behind each other: what runs for days has been compiled. In the first ten
 * thousand up to a third of the CPU is the compiler's, and chains take other ways through the code than fans.
 */
const warmUp = async (cluster: Cluster): Promise<void> => {
  for (let i = 0; i < 20; i++) await cluster.perform("fan", { n: 10 }, 200);
  for (let i = 0; i < 60; i++) await cluster.perform("chain", {}, 1);
};

const measure = async (cluster: Cluster, shape: Shape, rounds: number): Promise<ShapeResult> => {
  const { name, job, runs, children } = shape;
  const steps = runs * (job === "fan" ? children + 2 : children);
  const [bytesBefore, cpuBefore] = [await cluster.bytes(), cpuTimes(cluster.pids)];
  const seconds: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const taken = await cluster.perform(job, job === "fan" ? { n: children } : {}, runs, 60 + steps / 100);
    // Launching many runs is part of the load; of a single run's steps it is none.
    seconds.push(runs === 1 ? taken.sinceStart : taken.sinceLaunch);
  }
  const cpu = cpuTimes(cluster.pids);
  const middle = median(seconds);
  return {
    ...{ name, steps, seconds },
    stepsPerSecond: steps / middle,
    msPerStep: (middle * 1_000) / steps,
    cpuSecondsPer1000Steps: cpu && cpuBefore && per1000(cpu, cpuBefore, steps * rounds),
    bytesPerStep: ((await cluster.bytes()) - bytesBefore) / (steps * rounds),
    coordinatorPeakMb: peakRssMb(cluster.pids.coordinator),
  };
};

const per1000 = (after: NonNullable<CpuTimes>, before: NonNullable<CpuTimes>, steps: number): NonNullable<CpuTimes> =>
  Object.fromEntries(
    ROLES.map((role) => [role, ((after[role] - before[role]) * 1_000) / steps]),
  ) as NonNullable<CpuTimes>;
