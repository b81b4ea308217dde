import type { MailboxItem, StepAction, WorkerOrder } from "../../core/messages";
import { heardOrders } from "../../services/heard";
import { isMailboxItem, isStepAction, sieve } from "../../services/well-formed";

const step: StepAction = {
  ...{ shard: 1, run: "r", job: "j", step: "a[1]", node: "a", op: "a", path: ["1"], fence: 5, attempt: 1 },
  ...{ timeoutMs: null, inputs: { "": { value: null }, list: { list: [{ value: 1 }] } }, config: {}, tags: { a: "b" } },
};
const address = { shard: 1, run: "r", step: "a[1]", fence: 5 };
const error = { name: "Error", message: "no" };
const by = { startedAt: 1, at: 2, worker: "w", pid: 3, slot: "1.2" };
const items: MailboxItem[] = [
  { ...address, type: "started", at: 1, worker: "w", pid: 3, slot: "10.1" },
  { ...address, type: "items", items: [["k", { value: 1 }]] },
  { ...address, ...by, type: "succeeded", outputs: { result: { ref: "x", size: 3 } }, items: 2 },
  {
    ...address,
    ...by,
    type: "failed",
    error,
    retryable: true,
    random: 0.5,
    hooks: [{ hook: "h", event: "failure", error }],
  },
  { ...address, type: "lost", startedAt: 1, at: 2, worker: "w", slot: "1.1", error, random: 0.1 },
  { ...address, type: "released", at: 1, reason: "drain" },
  { ...address, type: "canceled", at: 1 },
  { ...address, type: "progress", at: 1, fraction: 0.5, message: null },
  {
    ...address,
    type: "logs",
    attempt: 1,
    chunk: { seq: 0, lines: [{ at: 1, stream: "log", level: "info", text: "x" }] },
  },
  { type: "mark", shard: 1, id: "m" },
  { type: "look", shard: 1, at: "queue" },
];

test("what owners and workers send is of its shape", () => {
  expect(isStepAction(step)).toBe(true);
  for (const item of items) expect([item.type, isMailboxItem(item)]).toEqual([item.type, true]);
});

test("no field can be left out, or be of another kind, without being noticed", () => {
  // Of another version that does not tell it, or where there is none.
  const optional = ["hooks", "items", "slot"];
  const faults = (one: object): object[] =>
    Object.keys(one).flatMap((name) => {
      const without = Object.fromEntries(Object.entries(one).filter(([key]) => key !== name));
      return [
        ...(optional.includes(name) && !("items" in one && !("outputs" in one)) ? [] : [without]),
        { ...one, [name]: Symbol.for("odd") },
      ];
    });
  for (const fault of faults(step)) expect([fault, isStepAction(fault)]).toEqual([fault, false]);
  for (const item of items) {
    for (const fault of faults(item)) {
      if ("hooks" in item && !("hooks" in fault)) continue;
      expect([fault, isMailboxItem(fault)]).toEqual([fault, false]);
    }
  }
  for (const odd of [null, 1, "x", [], {}, { type: "constructor", ...address }, { ...address, type: "__proto__" }])
    expect([isMailboxItem(odd), isStepAction(odd)]).toEqual([false, false]);
});

test("strangers' items are dropped and the others kept; a flood of them is a line in ten seconds", () => {
  const clock = jest.spyOn(performance, "now").mockReturnValue(0);
  const lines: string[] = [];
  const itemsOf = sieve(isMailboxItem, "mailbox items", { error: (line: string) => void lines.push(line) });
  expect(itemsOf([null, items[0], { type: "started" }])).toEqual([items[0]]);
  expect(lines).toEqual(["2 mailbox items were dropped: not of their shape. One of them: null"]);
  for (let i = 0; i < 1_000; i++) expect(itemsOf([i])).toEqual([]);
  expect(lines).toHaveLength(1);
  clock.mockReturnValue(10_000);
  itemsOf(["late"]);
  expect(lines[1]).toBe('1001 mailbox items were dropped: not of their shape. One of them: "late"');
});

test("a worker obeys orders of their shape and no others", () => {
  const orders: WorkerOrder[] = [
    { type: "revoke", run: "r", step: "a", fence: 5 },
    { type: "cancel", run: "r", graceMs: 5_000 },
    { type: "roll_call", id: "i", shards: [{ shard: 1, epoch: 2 }] },
    { type: "pause_queue", queue: "q" },
    { type: "resume_queue", queue: "q" },
  ];
  const obeyed: WorkerOrder[] = [];
  const hear = heardOrders((order) => void obeyed.push(order));
  for (const order of orders) hear(order);
  expect(obeyed).toEqual(orders);
  for (const order of orders)
    for (const name of Object.keys(order)) {
      hear({ ...order, [name]: undefined });
      hear({ ...order, [name]: { odd: true } });
    }
  for (const odd of [
    null,
    1,
    "cancel",
    [],
    {},
    { type: "constructor" },
    { type: "roll_call", id: "i", shards: [null] },
  ])
    hear(odd);
  expect(obeyed).toHaveLength(orders.length);
});
