import { type Cluster, startCluster } from "./cluster";
import type { Servers } from "./servers";
import { NO_OP_JOBS, SLOTS } from "./shapes";

/** Lines of a hundred characters that a step of `talk` logs. */
const LINES = 20;

const TALKING_JOB = `
const say = op({
  name: "say",
  in: z.number(),
  out: z.number(),
  run: async ({ input, log }) => {
    for (let line = 0; line < ${LINES}; line++) log.info("Line " + line + " of step " + input + ": " + "${"word ".repeat(15)}.");
    return input;
  },
});
export const talk = job("talk", (g) => {
  g.call(total, g.collect(g.map(g.call(generate), say)));
});
`;

/** What runs leave in the database. */
interface Load {
  readonly name: string;
  readonly job: "fan" | "talk";
  readonly runs: number;
  readonly children: number;
}

const LOADS: readonly Load[] = [
  { name: "500 × (1 → 10 → 1)", job: "fan", runs: 500, children: 10 },
  { name: "1 × (1 → 10,000 → 1)", job: "fan", runs: 1, children: 10_000 },
  { name: `500 × (1 → 10 → 1), ${LINES} lines a step`, job: "talk", runs: 500, children: 10 },
];

const PARTS = ["runs", "steps", "events", "logs", "other"] as const;
type Bytes = Record<(typeof PARTS)[number], number>;

export interface DiskResult {
  name: string;
  runs: number;
  steps: number;
  events: number;
  lines: number;
  /** Of tables with their indexes. */
  bytes: Bytes;
}

/** Runs each load on a database of its own, and tells by how much the tables grew. */
export const measureDisk = async (servers: Servers, done: (result: DiskResult) => void): Promise<DiskResult[]> => {
  const results: DiskResult[] = [];
  for (const load of LOADS) {
    const cluster = await startCluster(servers, { "index.ts": NO_OP_JOBS + TALKING_JOB }, SLOTS);
    try {
      results.push(await measure(cluster, load));
    } finally {
      await cluster.stop();
    }
    done(results.at(-1)!);
  }
  return results;
};

const measure = async (cluster: Cluster, { name, job, runs, children }: Load): Promise<DiskResult> => {
  const before = await bytesByPart(cluster);
  await cluster.perform(job, { n: children }, runs);
  const after = await bytesByPart(cluster);
  const { rows } = await cluster.db.query<{ steps: number; events: number }>(
    "select (select count(*) from steps)::int as steps, (select count(*) from events)::int as events",
  );
  const bytes = Object.fromEntries(PARTS.map((part) => [part, after[part] - before[part]])) as Bytes;
  return { name, runs, ...rows[0]!, lines: job === "talk" ? runs * children * LINES : 0, bytes };
};

const bytesByPart = async (cluster: Cluster): Promise<Bytes> => {
  const { rows } = await cluster.db.query<{ part: keyof Bytes; bytes: number }>(
    `select case when relname ~ '^runs$' then 'runs' when relname ~ '^(steps|items)_' then 'steps'
                 when relname ~ '^event_batches_' then 'events' when relname ~ '^logs_' then 'logs' else 'other' end as part,
            sum(pg_total_relation_size(oid))::float8 as bytes
     from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace group by 1`,
  );
  return Object.fromEntries(rows.map(({ part, bytes }) => [part, bytes])) as Bytes;
};
