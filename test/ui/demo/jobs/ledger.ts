import { setTimeout as sleep } from "node:timers/promises";
import { dynamic, job, op, z } from "dqueue";

/** What the ledger's API answers when it is overloaded. */
class UpstreamError extends Error {
  override name = "UpstreamError";
}

const entry = z.object({ id: z.string(), ms: z.number() });
const posted = z.object({ status: z.literal(201) });

const listEntries = op({
  name: "list_entries",
  description: "Lists the entries of a bucket",
  config: z.object({
    entries: z.number().int().min(1).max(100_000).default(40).describe("How many of them are taken, the oldest first"),
    ms: z.number().min(0).default(80).describe("How long the API takes to answer, in milliseconds"),
    region: z.enum(["eu-west-1", "us-east-1"]).describe("Of the bucket"),
    source: z.object({
      bucket: z.string().min(3).max(63).describe("Holds the entries"),
      prefix: z.string().endsWith("/").describe("Only objects below it"),
      presign_ttl: z.number().int().min(60).max(86_400).default(900).describe("Life of a link, in seconds"),
    }),
  }),
  out: dynamic(entry),
  async *run({ config, log }) {
    await sleep(120);
    log(`${config.entries} entries below s3://${config.source.bucket}/${config.source.prefix}`);
    for (let i = 0; i < config.entries; i++) yield { key: String(i), value: { id: `${i}`, ms: config.ms } };
  },
});

const postEntry = op({
  name: "post_entry",
  description: "Posts one entry to the ledger",
  config: z.object({
    base_url: z.url().default("https://ledger.example.com").describe("Where entries go"),
    strict: z.boolean().default(false).describe("Fails where the ledger is overloaded, instead of trying again"),
    token: z.string().default("none").describe("Of the ledger's API"),
  }),
  ...{ in: entry, out: posted, timeoutMs: 30_000, retry: { maxRetries: 3, delayMs: 800, backoff: "exponential" } },
  run: async ({ input, config, attempt, log, signal }) => {
    const number = Number(input.id);
    log(`POST ${config.base_url}/v2/entries/${input.id}`);
    await sleep(input.ms * (0.6 + ((number * 7_919) % 80) / 100) * (number % 97 === 31 ? 4 : 1), undefined, { signal });
    // One in fifty meets an API that has too much to do; all but one in a thousand get through at another try.
    const overloaded = number % 50 === 17 && (config.strict || attempt === 1 || number % 1_000 === 917);
    if (overloaded) throw new UpstreamError("503 Service Unavailable: POST /v2/entries");
    return { status: 201 as const };
  },
});

const closeBatch = op({
  name: "close_batch",
  in: z.array(posted),
  out: z.object({ posted: z.number().int() }),
  run: ({ input, log }) => {
    log(`${input.length} entries stand in the ledger`);
    return { posted: input.length };
  },
});

export const postLedger = job(
  "post_ledger",
  {
    description: "Posts the ledger entries of a customer, one step each",
    tags: { team: "billing" },
    defaultConfig: { region: "eu-west-1", source: { bucket: "acme-ledger", prefix: "entries/2026/" } },
  },
  (g) => void g.call(closeBatch, g.collect(g.map(g.call(listEntries), postEntry))),
);
