import { createBus } from "../../bus";
import { backoff } from "../../bus/amqp/backoff";
import { QueueNames } from "../../bus/queues";

test("a URL that is none of RabbitMQ's is refused at once, without its password", () => {
  const attempt = (): unknown => createBus({ mode: "amqp", namespace: "t", url: "http://me:secret@host" });
  expect(attempt).toThrow(expect.objectContaining({ code: "INVALID_AMQP_URL" }));
  expect(attempt).toThrow(/^(?!.*secret).*http:\/\/me:\*\*\*@host/);
});

test("queues and exchanges carry the namespace, and quorum queues have names of their own", () => {
  expect(new QueueNames("prod").steps("default").name).toBe("dqueue.prod.steps.default");
  expect(new QueueNames("prod").mailbox("shard", 3).name).toBe("dqueue.prod.shard.3");
  expect(new QueueNames("prod").exchange("beats")).toBe("dqueue.prod.beats");
  expect(new QueueNames("prod", "quorum").steps("default").name).toBe("dqueue.prod.quorum.steps.default");
});

test("reconnects wait longer each time, at most 2 s, and not all at the same moment", () => {
  const waits = Array.from({ length: 200 }, (_, failures) => backoff(failures % 20));
  expect(Math.max(...waits)).toBeLessThanOrEqual(2_000);
  expect(backoff(0)).toBeLessThanOrEqual(100);
  expect(new Set(waits).size).toBeGreaterThan(100);
});
