import type { Command } from "commander";
import type { Coordinator, Deployment } from "../../client";
import { colours } from "../colours";
import { connect } from "../connect";
import { EXIT } from "../exit";
import { printJson, say } from "../print";
import { type Column, printTable } from "../table";
import { shortTime } from "../times";
import { refuseWords } from "../words";

type Shard = Deployment["shards"][number];

interface Flags {
  json?: true;
}

const COLUMNS: Column<Shard>[] = [
  { title: "SHARD", text: ({ id }) => String(id), right: true },
  { title: "OWNER", text: ({ owner }) => owner ?? "nobody", flexible: true },
  { title: "RUNS", text: ({ runs }) => String(runs), right: true },
  { title: "EPOCH", text: ({ epoch }) => (epoch === 0 ? "" : String(epoch)), right: true, optional: true },
  { title: "SINCE", text: ({ since }) => (since === null ? "never" : shortTime(since)) },
  {
    title: "STATE",
    text: ({ owner, live }) => (live || owner === null ? "" : "its owner is gone"),
    paint: colours.red,
    optional: true,
  },
];

export const list = async (words: string[], flags: Flags, command: Command): Promise<number> => {
  refuseWords(words, command);
  return showShards(flags);
};

/** All of them. */
export const showShards = async ({ json }: Flags): Promise<number> => {
  const client = connect();
  const { shards } = await client.deployment();
  if (json) {
    printJson({ items: shards });
    return EXIT.ok;
  }
  printTable(COLUMNS, shards);
  for (const { id } of (await client.coordinators.list()).items.filter(isIdle))
    say(`${id} owns none, and takes one that is handed over to it.`);
  return EXIT.ok;
};

const isIdle = ({ live, shards }: Coordinator): boolean => live && shards.length === 0;

export const handOver = async (shard: string, { to, json }: Flags & { to?: string }): Promise<number> => {
  const given = await connect().shards.handOver(shard, { ...(to !== undefined && { to }) });
  if (json) printJson(given);
  else say(`Shard ${given.shard} goes from ${given.from} to ${given.to}, where its runs go on within about a second.`);
  return EXIT.ok;
};
