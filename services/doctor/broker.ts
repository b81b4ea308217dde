import { QueueNames } from "../../bus/queues";
import { redacted, type Settings } from "../settings";
import { type Finding, problem } from "./finding";
import { lookAtQueues } from "./queues";

/** The oldest that dqueue is tested on. */
const OLDEST = [3, 10] as const;

export const checkBroker = async ({ amqpUrl, namespace, queueType, queues }: Settings): Promise<Finding> => {
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
    if (unusable.length === 0) return { check: "broker", state: "ok", text: `${where}, queues ${queues.join(", ")}` };
    return { check: "broker", state: "problem", text: unusable.join(" "), todo: "Until then their steps wait." };
  } catch (error) {
    const found = problem("broker", error, "Check AMQP_URL and that RabbitMQ runs there.");
    return { ...found, text: `RabbitMQ at ${at} cannot be reached: ${found.text}.` };
  }
};

const isTooOld = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
};
