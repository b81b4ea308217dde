import { connect } from "amqplib";
import { checkBroker } from "../../services/doctor/broker";
import { readSettings } from "../../services/settings";
import { describeRabbit, rabbitForTests } from "../support/rabbitmq";
import { describeDurableActions } from "./conformance";
import { Collector, openWorld, range } from "./world";

describeRabbit(
  "durable actions on RabbitMQ",
  () => {
    let rabbit: Awaited<ReturnType<typeof rabbitForTests>>;
    beforeAll(async () => void (rabbit = await rabbitForTests()));
    afterAll(() => rabbit?.stop());

    const publishRaw = async (name: string, bodies: readonly string[]): Promise<void> => {
      const connection = await connect(rabbit.url);
      const channel = await connection.createConfirmChannel();
      for (const body of bodies) channel.sendToQueue(name, Buffer.from(body));
      await channel.waitForConfirms();
      await connection.close();
    };
    describeDurableActions(() => openWorld(rabbit.url, publishRaw));

    test("a login and a virtual host that RabbitMQ refuses are told from a broker that is not there", async () => {
      const doctor = async (change: (url: URL) => void, others: Record<string, string> = {}): Promise<string> => {
        const url = new URL(rabbit.url);
        change(url);
        const { state, text, todo } = await checkBroker(
          readSettings({ AMQP_URL: url.toString(), ...others }, "/nowhere"),
        );
        return `${state}: ${text} ${todo}`;
      };
      expect(await doctor((url) => (url.password = "wrong"))).toMatch(
        /^problem: .*:\*\*\*@.* refuses the user ".+"\. Check name and password in AMQP_URL/,
      );
      expect(await doctor((url) => (url.pathname = "/nope"))).toMatch(
        /^problem: .* does not open its virtual host "nope" to the user ".+"\..*list_permissions -p nope/,
      );
      expect(await doctor(() => {}, { AMQP_MANAGEMENT_URL: "http://guest:guest@127.0.0.1:2" })).toMatch(
        /^warning: RabbitMQ's management API at http:\/\/127\.0\.0\.1:2 cannot be reached: .*Check AMQP_MANAGEMENT_URL/,
      );
      expect(await doctor((url) => (url.port = "1"))).toMatch(/^problem: .* cannot be reached: .*ECONNREFUSED/);
    });

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
