import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { evaluateInProcess, executeInProcess } from "dqueue/testing";
import { priceOrders } from "../jobs/orders";
import { newOrders } from "../jobs/sensors";

const folder = mkdtempSync(join(tmpdir(), "orders-"));
after(() => rmSync(folder, { recursive: true }));

const priced = (text: string) => {
  const file = join(folder, "orders.csv");
  writeFileSync(file, text);
  return executeInProcess(priceOrders, { config: { file } });
};

test("orders are priced and added up", async () => {
  const run = await priced("apple,3\npear,2\n");
  assert.equal(run.status, "SUCCESS");
  assert.equal(run.output("price_order[1]"), 1.4);
  assert.deepEqual(run.output("add_up"), { orders: 2, total: 2.9 });
});

test("an item without a price fails its step at once, and with it the run", async () => {
  const run = await priced("apple,3\ncloud,1\n");
  assert.equal(run.status, "FAILURE");
  assert.equal(run.steps["price_order[0]"]?.status, "SUCCESS");
  assert.equal(run.steps["price_order[1]"]?.attempts, 1);
  assert.equal(run.steps["price_order[1]"]?.error?.message, 'There is no price for "cloud".');
});

test("each file in the inbox is asked for by its name", async () => {
  const { runRequests } = await evaluateInProcess(newOrders);
  assert.deepEqual(runRequests, [
    { job: "price_orders", runKey: "monday.csv", config: { file: join("inbox", "monday.csv") } },
  ]);
});
