import type { ServiceBroker } from "moleculer";
import { usageError } from "../exit";
import { say } from "../print";
import { type Column, printTable } from "../table";

/** Of the answers of a node's services, what is shown. */
interface Owned {
  shards: { id: number; epoch: number; runs: number }[];
  waiting: Record<string, number>;
}
interface Described {
  slots: number;
  busy: number;
  holds: { run: string; step: string; begun: boolean }[];
}
interface Load {
  pid?: number;
  state: string;
  running: number;
  done: number;
}

/** Prints what is alive on a node: the shards with their run actors, and the steps with their processes. */
export const showActors = async (broker: ServiceBroker, start: string): Promise<void> => {
  const { id, services } = nodeOf(broker, start);
  const ask = <T>(action: string): Promise<T> => broker.call<T, object>(action, {}, { nodeID: id });
  if (services.includes("coordinator")) showOwned(id, await ask<Owned>("coordinator.owned"));
  if (services.includes("executor")) {
    showSteps(id, await ask<Described>("executor.describe"));
    printTable(LOAD_COLUMNS, await ask<Load[]>("executor.loads"));
  }
  if (!services.some((name) => name === "coordinator" || name === "executor"))
    say(`${id} is no daemon and no worker: it holds no actors.`);
};

const nodeOf = (broker: ServiceBroker, start: string): { id: string; services: string[] } => {
  // Moleculer's types do not tell of it.
  const registry = broker.registry as unknown as {
    getNodeList(options: object): { id: string; services: { name: string }[] }[];
  };
  const nodes = registry.getNodeList({ onlyAvailable: true, withServices: true });
  const found = nodes.filter(({ id }) => id.startsWith(start));
  if (found.length === 1) return { id: found[0]!.id, services: found[0]!.services.map(({ name }) => name) };
  const known = (found.length > 1 ? found : nodes).map(({ id }) => id).join(", ");
  throw usageError(`${found.length > 1 ? "Several nodes begin" : "No node begins"} with "${start}": ${known}.`);
};

const SHARD_COLUMNS: Column<Owned["shards"][number]>[] = [
  { title: "SHARD", text: ({ id }) => String(id), right: true },
  { title: "EPOCH", text: ({ epoch }) => String(epoch), right: true },
  { title: "RUN ACTORS", text: ({ runs }) => String(runs), right: true },
];

const showOwned = (id: string, { shards, waiting }: Owned): void => {
  say(`${id} owns ${shards.length} shards.`);
  if (shards.length > 0) printTable(SHARD_COLUMNS, shards);
  for (const [queue, steps] of Object.entries(waiting)) say(`It holds ${steps} steps of queue ${queue} back.`);
};

const HOLD_COLUMNS: Column<Described["holds"][number]>[] = [
  { title: "RUN", text: ({ run }) => run },
  { title: "STEP", text: ({ step }) => step, flexible: true },
  { title: "STATE", text: ({ begun }) => (begun ? "begun" : "taken") },
];

const showSteps = (id: string, { slots, busy, holds }: Described): void => {
  say(`${id} runs ${busy} steps on ${slots} slots.`);
  if (holds.length > 0) printTable(HOLD_COLUMNS, holds);
};

const LOAD_COLUMNS: Column<Load>[] = [
  { title: "STEP PROCESS", text: ({ pid }) => String(pid ?? ""), right: true },
  { title: "STATE", text: ({ state }) => state },
  { title: "RUNNING", text: ({ running }) => String(running), right: true },
  { title: "DONE", text: ({ done }) => String(done), right: true },
];
