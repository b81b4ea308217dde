import { RABBIT_ABSENT, rabbitInstalled, startRabbit } from "../../bench/servers/rabbitmq";

export { BROKER_PASSWORD, type Rabbit, startRabbit } from "../../bench/servers/rabbitmq";

const ABSENT = `The RabbitMQ suites did NOT run: ${RABBIT_ABSENT}`;

/**
 * `describe` for suites that need RabbitMQ. Where there is none the suite is skipped with a loud line, or fails if
 * `CI=true`. `ownBroker: false`: an `AMQP_URL` is enough (see `rabbitForTests`).
 */
export const describeRabbit = (name: string, suite: () => void, { ownBroker = true } = {}): void => {
  if (rabbitInstalled() || (!ownBroker && process.env.AMQP_URL)) return describe(name, suite);
  if (process.env.CI === "true") {
    test(`${name} (needs RabbitMQ)`, () => {
      throw new Error(ABSENT);
    });
    return;
  }
  process.stderr.write(`\n*** ${ABSENT} (${name})\n`);
  describe.skip(name, suite);
};

/** A broker for a suite that does not restart it: the one of `AMQP_URL`, else one of its own. Use a unique namespace. */
export const rabbitForTests = async (): Promise<{ url: string; stop(): Promise<void> }> =>
  process.env.AMQP_URL ? { url: process.env.AMQP_URL, stop: async () => {} } : startRabbit();
