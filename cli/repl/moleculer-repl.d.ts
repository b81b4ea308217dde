declare module "moleculer-repl" {
  import type { EventEmitter } from "node:events";
  import type { ServiceBroker } from "moleculer";

  export interface CustomCommand {
    command: string;
    description: string;
    action(broker: ServiceBroker, params: Record<string, string>): Promise<unknown>;
  }
  const repl: (broker: ServiceBroker, options: { delimiter: string; customCommands: CustomCommand[] }) => EventEmitter;
  export default repl;
}
