import { whyNotConnected } from "../../bus/amqp/address";
import { unackedReader } from "../../bus/amqp/management";
import { QueueNames } from "../../bus/queues";
import { redacted, type Settings } from "../settings";
import { type Finding, problem } from "./finding";
import { lookAtQueues } from "./queues";

/** The oldest that dqueue is tested on. */
const OLDEST = [3, 10] as const;

export const checkBroker = async ({
  amqpUrl,
  managementUrl,
  namespace,
  queueType,
  queues,
}: Settings): Promise<Finding> => {
  if (amqpUrl === null) return { check: "broker", state: "ok", text: "in-process bus" };
  const at = redacted(amqpUrl);
  try {
    const { version, unusable } = await lookAtQueues(amqpUrl, new QueueNames(namespace, queueType), queues);
    const where = `RabbitMQ ${version} at ${at}`;
    if (isTooOld(version))
      return {
        check: "broker",
        state: "problem",
        text: `${where} is too old.`,
        todo: `Take ${OLDEST.join(".")} or newer.`,
      };
    if (unusable.length > 0)
      return { check: "broker", state: "problem", text: unusable.join(" "), todo: "Until then their steps wait." };
    const silent = await whyUnackedIsUnknown(managementUrl, amqpUrl);
    if (silent !== null)
      return { check: "broker", state: "warning", text: silent, todo: "Only unacknowledged messages are unknown so." };
    return { check: "broker", state: "ok", text: `${where}, queues ${queues.join(", ")}` };
  } catch (error) {
    const { what, todo } = whyNotConnected(amqpUrl.split(";").at(-1)!, error);
    return { ...problem("broker", error, todo), text: `${what}.` };
  }
};

/** null: it is known, or nobody wants it to be. */
const whyUnackedIsUnknown = async (managementUrl: string | null, amqpUrl: string): Promise<string | null> => {
  if (managementUrl === null) return null;
  return unackedReader(managementUrl, amqpUrl)().then(
    () => null,
    (error: Error) => error.message,
  );
};

const isTooOld = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
};
