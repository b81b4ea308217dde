import { DISPATCH_LIMITS, Dispatcher } from "../../bus/dispatcher";
import type { Carrier, OutgoingMessage } from "../../bus/carrier";
import { decodeMessage, type Incoming } from "../../bus/message";
import { QueueNames } from "../../bus/queues";
import { range } from "./world";

// A broker whose confirms come when the test says so, which no real one offers.
const silentBroker = () => {
  const sent: (Incoming & { body: Buffer; confirm: () => void; refuse: (error: Error) => void })[] = [];
  const publish = ({ body }: OutgoingMessage): Promise<void> =>
    new Promise((confirm, refuse) => {
      const message = decodeMessage(body);
      if (typeof message === "string") throw new Error(message);
      sent.push({ ...message, body, confirm, refuse });
    });
  return { sent, carrier: { publish } as unknown as Carrier };
};
const names = new QueueNames("test");
const mailbox = { action: "a", queue: names.mailbox("shard", 1), priority: 0, bundle: null };
const step = { action: "a", queue: names.steps("default"), priority: 0, bundle: null };
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("what is unconfirmed is bounded by count, and the rest waits in its order", async () => {
  const { sent, carrier } = silentBroker();
  const dispatcher = new Dispatcher(carrier, { ...DISPATCH_LIMITS, maxInFlight: 3 });
  const all = Promise.all(range(8).map((n) => dispatcher.dispatch(mailbox, [n])));
  await turn();
  expect(sent.map(({ items }) => items)).toEqual([[0, 1, 2]]);
  for (const index of [0, 1, 2]) {
    sent[index]!.confirm();
    await turn();
    await turn();
  }
  expect(sent.map(({ items }) => items)).toEqual([
    [0, 1, 2],
    [3, 4, 5],
    [6, 7],
  ]);
  await all;
});

test("what is unconfirmed is bounded by bytes, but an item above the bound still goes alone", async () => {
  const { sent, carrier } = silentBroker();
  const dispatcher = new Dispatcher(carrier, { ...DISPATCH_LIMITS, maxInFlightBytes: 10 });
  void dispatcher.dispatch(step, ["x".repeat(50)]);
  void dispatcher.dispatch(step, [1]);
  await turn();
  expect(sent).toHaveLength(1);
  sent[0]!.confirm();
  await turn();
  await turn();
  expect(sent[1]!.items).toEqual([1]);
});

test("a message is closed at its size, and order is kept over the cut", async () => {
  const { sent, carrier } = silentBroker();
  const dispatcher = new Dispatcher(carrier, { ...DISPATCH_LIMITS, maxMessageBytes: 9, maxMailboxItems: 2 });
  for (const item of [1, 2, 3, "long one", 4]) void dispatcher.dispatch(mailbox, [item]);
  await turn();
  expect(sent.map(({ items }) => items)).toEqual([[1, 2], [3], ["long one"], [4]]);
});

test("a dispatch of several items resolves when the last of its messages is confirmed, and counts each item", async () => {
  const { sent, carrier } = silentBroker();
  const dispatcher = new Dispatcher(carrier, { ...DISPATCH_LIMITS, maxInFlight: 3, maxMailboxItems: 2 });
  let done = false;
  const dispatched = dispatcher.dispatch(mailbox, [1, 2, 3]).then(() => (done = true));
  void dispatcher.dispatch(mailbox, [4]);
  await turn();
  expect(sent.map(({ items }) => items)).toEqual([[1, 2], [3]]);
  sent[0]!.confirm();
  await turn();
  expect(done).toBe(false);
  sent[1]!.confirm();
  await dispatched;
  await turn();
  expect(sent.map(({ items }) => items)).toEqual([[1, 2], [3], [4]]);
});

test("what items of a dispatch have in common travels once, and each arrives whole", async () => {
  const { sent, carrier } = silentBroker();
  const dispatcher = new Dispatcher(carrier, DISPATCH_LIMITS);
  const config = { text: "x".repeat(300_000) };
  const items = range(50).map((n) => ({ config, n, extra: n === 30 ? undefined : null }));
  void dispatcher.dispatch({ ...step, bundle: "b" }, items, { meta: { of: "all" } });
  await turn();
  // A second time where one says less than the one before it, and so is told whole.
  expect(sent.map(({ body }) => Math.round(body.length / 300_000))).toEqual([1, 1]);
  expect(sent.flatMap(({ items }) => items)).toEqual(JSON.parse(JSON.stringify(items)));
  expect(sent.flatMap(({ contexts }) => contexts)).toEqual(range(50).map(() => ({ meta: { of: "all" } })));
});

test("a refused message rejects the dispatches of its items and makes room", async () => {
  const { sent, carrier } = silentBroker();
  const dispatcher = new Dispatcher(carrier, { ...DISPATCH_LIMITS, maxInFlight: 2 });
  const refused = Promise.allSettled([1, 2].map((n) => dispatcher.dispatch(mailbox, [n])));
  const waiting = dispatcher.dispatch(mailbox, [3]);
  await turn();
  sent[0]!.refuse(new Error("no"));
  expect((await refused).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  await turn();
  sent[1]!.confirm();
  await waiting;
});

test("a drain ends with the last confirm, or says that it was not reached in time", async () => {
  const { sent, carrier } = silentBroker();
  const dispatcher = new Dispatcher(carrier, DISPATCH_LIMITS);
  expect(await dispatcher.drain(0)).toBe(true);
  const dispatched = dispatcher.dispatch(step, [1]);
  expect(await dispatcher.drain(10)).toBe(false);
  expect(dispatcher.unconfirmed).toBe(1);
  const drained = dispatcher.drain(10_000);
  sent[0]!.confirm();
  expect(await drained).toBe(true);
  await dispatched;
  dispatcher.close();
  await expect(dispatcher.dispatch(step, [2])).rejects.toMatchObject({ code: "BUS_STOPPED" });
});

test("a message of another shape is unreadable, each with its reason", () => {
  const wrongItems = ["[1]", "[{}]", `[[1],{"n":2}]`, `[[{}],[]]`].map((items) => `{"v":1,"a":"x","i":${items}}`);
  const reasons = ["{", "1", "[]", `{"v":1}`, `{"v":1,"a":"x"}`, ...wrongItems].map((text) =>
    decodeMessage(Buffer.from(text)),
  );
  expect(reasons).toEqual([
    "it is not JSON",
    "it is not an object",
    "its version is absent, this node reads 1",
    "it names no action",
    "it has no items",
    ...wrongItems.map(() => "one of its items is neither whole nor differs from one that is"),
  ]);
});
