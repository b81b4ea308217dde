import { connect } from "amqplib";
import { describeRabbit, rabbitForTests } from "../support/rabbitmq";
import { describeDurableActions } from "./conformance";
import { openWorld } from "./world";

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
  },
  { ownBroker: false },
);
