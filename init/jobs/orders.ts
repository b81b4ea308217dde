import { readFile } from "node:fs/promises";
import { dynamic, Failure, job, op, z } from "dqueue";

const PRICES: ReadonlyMap<string, number> = new Map([
  ["apple", 0.5],
  ["pear", 0.7],
  ["plum", 0.2],
]);

const order = z.object({ item: z.string(), count: z.number().int().positive() });

/** Each item that it yields becomes a step of its own further down. */
const readOrders = op({
  name: "read_orders",
  config: z.object({ file: z.string().min(1).describe("A file with an order in each line, e.g. apple,3") }),
  out: dynamic(order),
  async *run({ config, log }) {
    const lines = (await readFile(config.file, "utf8")).split("\n").filter((line) => line.trim() !== "");
    log.info(`${lines.length} orders in ${config.file}`);
    for (const [index, line] of lines.entries()) {
      const [item = "", count] = line.split(",");
      yield { key: String(index), value: { item: item.trim(), count: Number(count) } };
    }
  },
});

const priceOrder = op({
  name: "price_order",
  in: order,
  out: z.number(),
  // For what may go better the next time, such as a call to a price service.
  retry: { maxRetries: 3, delayMs: 500, backoff: "exponential", jitter: "full" },
  timeoutMs: 60_000,
  run: ({ input }) => {
    const price = PRICES.get(input.item);
    if (price === undefined) throw new Failure(`There is no price for "${input.item}".`, { retryable: false });
    return price * input.count;
  },
});

const addUp = op({
  name: "add_up",
  in: z.array(z.number()),
  out: z.object({ orders: z.number(), total: z.number() }),
  run: ({ input }) => ({ orders: input.length, total: input.reduce((sum, price) => sum + price, 0) }),
});

/** Prices the orders of a file, all at the same time, and adds them up. */
export const priceOrders = job("price_orders", (g) => {
  const orders = g.call(readOrders);
  const prices = g.map(orders, priceOrder);
  g.call(addUp, g.collect(prices));
});
