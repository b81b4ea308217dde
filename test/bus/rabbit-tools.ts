import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { type Channel, connect } from "amqplib";
import type { Rabbit } from "../support/rabbitmq";
import { eventually } from "../support/eventually";
import { Collector } from "./world";

/** A consumer in a process of its own, to be killed or paused, and what it says: "consumes", "holds". */
export const startConsumer = async (
  url: string,
  namespace: string,
  mailbox?: string,
): Promise<{ child: ChildProcess; said: Collector<string> }> => {
  const args = [join(__dirname, "consumer-process.ts"), url, namespace, ...(mailbox ? [mailbox] : [])];
  const child = spawn(process.execPath, ["--import", "tsx", ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const said = new Collector<string>();
  child.stdout.on("data", (chunk: Buffer) => chunk.toString().trim().split("\n").forEach(said.add));
  await said.until((lines) => lines.includes("consumes"));
  return { child, said };
};

/** Closes connections by what their names contain, as an operator would; returns how many. */
export const closeConnections = async (rabbit: Rabbit, name: string): Promise<number> => {
  const listed = await eventually(
    () => rabbit.ctl("list_connections", "pid", "client_properties"),
    (text) => text.includes(name),
  );
  const pids = listed.split("\n").flatMap((line) => (line.includes(name) ? [line.split("\t")[0]!] : []));
  for (const pid of pids) await rabbit.ctl("close_connection", pid, "test");
  return pids.length;
};

/** Does something that dqueue would not, on a connection of its own. */
export const onChannel = async (url: string, act: (channel: Channel) => Promise<unknown>): Promise<void> => {
  const connection = await connect(url);
  await act(await connection.createChannel());
  await connection.close();
};

export const queueExists = async (url: string, queue: string): Promise<boolean> => {
  const connection = await connect(url);
  const channel = await connection.createChannel();
  channel.on("error", () => {}); // the channel's end is the answer "no"
  try {
    return await channel.checkQueue(queue).then(
      () => true,
      () => false,
    );
  } finally {
    await connection.close();
  }
};

/** Deliveries of a queue that nobody has acked. */
export const unacked = async (rabbit: Rabbit, queue: string): Promise<number> => {
  const listed = await rabbit.ctl("list_queues", "name", "messages_unacknowledged");
  const line = listed.split("\n").find((text) => text.startsWith(`${queue}\t`));
  return Number(line?.split("\t")[1]);
};
