import { ServiceBroker } from "moleculer";
import { createBus } from "../../bus";

// A consumer to be killed or paused: takes one step or mailbox message, says so on stdout, and never ends it.
const [url, namespace, mailbox] = process.argv.slice(2) as [string, string, string?];
const bus = createBus({ mode: "amqp", url, namespace });
const broker = new ServiceBroker({ nodeID: `child-${process.pid}`, logger: false, middlewares: [bus.middleware] });
const hold = (): Promise<void> => {
  process.stdout.write("holds\n");
  return new Promise(() => {});
};
broker.createService(
  mailbox
    ? { name: "coordinator", actions: { receive: { durable: { key: "shard" }, handler: hold } } }
    : { name: "executor", actions: { perform: { durable: { queue: "default" }, handler: hold } } },
);
void broker
  .start()
  .then(() => (mailbox ? broker.mailbox("coordinator.receive").open(mailbox) : undefined))
  .then(() => process.stdout.write("consumes\n"));
