import { connect } from "amqplib";
import { describeRabbit, rabbitForTests } from "../support/rabbitmq";
import { describeDurableActions } from "./conformance";
import { Collector, openWorld, range } from "./world";

describeRabbit(
  "durable actions on RabbitMQ",
  () => {
    let rabbit: Awaited<ReturnType<typeof rabbitForTests>>;
    beforeAll(async () => void (rabbit = await rabbitForTests()));
    afterAll(() => rabbit?.stop());

    const publishRaw = async (name: string, body: string): Promise<void> => {
      const connection = await connect(rabbit.url);
      const channel = await connection.createConfirmChannel();
      channel.sendToQueue(name, Buffer.from(body));
      await channel.waitForConfirms();
      await connection.close();
    };
    describeDurableActions(() => openWorld(rabbit.url, publishRaw));

    test("quorum queues serve steps and mailboxes, and lose nothing that is requeued again and again", async () => {
      const world = openWorld(rabbit.url, publishRaw);
      const seen = new Collector<string>();
      const node = await world.node({
        queueType: "quorum",
        perform: ([item]) => seen.add(item),
        receive: ([item]) => seen.add(item) ?? new Promise(() => {}),
      });
      await node.broker.dispatch("executor.perform", "step", { queue: "default", priority: 9 });
      await seen.until(1);
      await node.broker.dispatch("coordinator.receive", "report", { key: 1 });
      const mailbox = node.broker.mailbox("coordinator.receive");
      for (const times of range(25)) {
        await mailbox.open(1);
        await seen.until(2 + times);
        await mailbox.close(1, { requeue: true });
      }
      expect(seen.values).toEqual(["step", ...range(25).map(() => "report")]);
      await world.stop();
    });
  },
  { ownBroker: false },
);
