import { setTimeout as sleep } from "node:timers/promises";
import { dynamic, job, op, z } from "dqueue";

/** A job that reads a list, works on each item of it, and sums up. */
interface Line {
  name: string;
  team: string;
  /** Names of its ops, in order. */
  ops: readonly [string, string, string];
  items: number;
  /** Of an item's step. */
  ms: number;
  queue?: string;
  tags?: Record<string, string>;
}

const rows = z.object({ rows: z.number().int() });
const item = z.object({ id: z.string() });

/** Items take from half to one and a half times as long, the same ones in each run. */
const spread = (ms: number, index: number): number => ms * (0.5 + ((index * 7_919) % 100) / 100);

const fanOut = ({ name, team, ops: [read, each, sum], items, ms, queue, tags }: Line) => {
  const reading = op({
    name: read,
    config: z.object({
      items: z.number().int().min(1).max(100_000).default(items).describe("How many items there are to read"),
      since: z.iso.date().default("2026-01-01").describe("Only what has changed since that day"),
    }),
    out: dynamic(item),
    async *run({ config, log }) {
      await sleep(ms / 2);
      log(`${config.items} items have changed since ${config.since}`);
      for (let i = 0; i < config.items; i++) yield { key: String(i), value: { id: `${name}/${i}` } };
    },
  });
  const working = op({
    name: each,
    ...{ in: item, out: rows, timeoutMs: 60_000, retry: { maxRetries: 3, delayMs: 500, backoff: "exponential" } },
    ...(queue !== undefined && { queue }),
    run: async ({ input, log, signal }) => {
      const index = Number(input.id.split("/")[1]);
      await sleep(spread(ms, index), undefined, { signal });
      log(`${input.id} is done`);
      return { rows: 10 + (index % 17) };
    },
  });
  const summing = op({
    name: sum,
    in: z.array(rows),
    out: rows,
    run: ({ input }) => ({ rows: input.reduce((all, { rows: some }) => all + some, 0) }),
  });
  const about = { description: `${read}, ${each} each, ${sum}`, tags: { team, ...tags } };
  return job(name, about, (g) => void g.call(summing, g.collect(g.map(g.call(reading), working))));
};

export const [ingestOrders, ...others] = (
  [
    { name: "ingest_orders", team: "core", ops: ["list_files", "load_file", "merge_orders"], items: 12, ms: 60 },
    { name: "ingest_payments", team: "core", ops: ["list_batches", "load_batch", "merge_payments"], items: 8, ms: 90 },
    {
      name: "resize_images",
      team: "media",
      ops: ["new_images", "resize", "publish_images"],
      items: 24,
      ms: 40,
      queue: "io",
    },
    {
      name: "refresh_search",
      team: "search",
      ops: ["changed_products", "index_product", "swap_index"],
      items: 20,
      ms: 30,
    },
    {
      name: "score_customers",
      team: "ml",
      ops: ["segments", "score_segment", "write_scores"],
      items: 6,
      ms: 120,
      queue: "gpu",
    },
    {
      name: "send_statements",
      team: "billing",
      ops: ["due_accounts", "send_statement", "note_sent"],
      items: 16,
      ms: 50,
      queue: "io",
    },
    { name: "export_warehouse", team: "data", ops: ["tables", "export_table", "write_manifest"], items: 10, ms: 80 },
  ] as const satisfies Line[]
).map(fanOut);
