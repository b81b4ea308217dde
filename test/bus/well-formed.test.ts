import type { MailboxItem, StepAction } from "../../core/messages";
import { isMailboxItem, isStepAction, wellFormed } from "../../services/well-formed";

const step: StepAction = {
  ...{ shard: 1, run: "r", job: "j", step: "a[1]", node: "a", op: "a", path: ["1"], fence: 5, attempt: 1 },
  ...{ timeoutMs: null, inputs: { "": { value: null }, list: { list: [{ value: 1 }] } }, config: {}, tags: { a: "b" } },
};
const address = { shard: 1, run: "r", step: "a[1]", fence: 5 };
const error = { name: "Error", message: "no" };
const by = { startedAt: 1, at: 2, worker: "w", pid: 3 };
const items: MailboxItem[] = [
  { ...address, type: "started", at: 1, worker: "w", pid: 3 },
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
  { ...address, type: "lost", startedAt: 1, at: 2, worker: "w", error, random: 0.1 },
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
  const optional = ["hooks", "items"];
  const faults = (one: object): object[] =>
    Object.keys(one).flatMap((name) => {
      const without = Object.fromEntries(Object.entries(one).filter(([key]) => key !== name));
      return [...(optional.includes(name) && "outputs" in one ? [] : [without]), { ...one, [name]: Symbol.for("odd") }];
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

test("strangers' items are dropped with one line for a message, the others are kept", () => {
  const lines: string[] = [];
  const log = { error: (line: string) => void lines.push(line) };
  expect(wellFormed([null, items[0], { type: "started" }], isMailboxItem, "mailbox items", log)).toEqual([items[0]]);
  expect(lines).toEqual(["2 mailbox items were dropped: not of their shape. The first: null"]);
});
