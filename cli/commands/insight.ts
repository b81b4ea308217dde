import type { LostWorker, Queue, Worker } from "../../client";
import { colours } from "../colours";
import { connect } from "../connect";
import { EXIT } from "../exit";
import { printJson, say } from "../print";
import { type Column, printTable } from "../table";
import { shortTime } from "../times";

interface Flags {
  json?: true;
}

const WORKER_COLUMNS: Column<Worker>[] = [
  { title: "WORKER", text: ({ id }) => id, flexible: true },
  { title: "QUEUES", text: ({ queues: names }) => names.join(","), flexible: true },
  { title: "BUSY", text: ({ busy, slots }) => `${busy}/${slots}`, right: true },
  { title: "CPU", text: ({ cpu }) => `${Math.round(cpu)} %`, right: true },
  { title: "MEMORY", text: ({ rss }) => `${Math.round(rss / 1_048_576)} MB`, right: true },
  { title: "CODE", text: ({ code_version }) => code_version },
  { title: "STATE", text: ({ draining }) => (draining ? "draining" : ""), paint: colours.yellow, optional: true },
];

const count = <T>(title: string, of: (row: T) => number): Column<T> => ({
  title,
  text: (row) => String(of(row)),
  right: true,
});

/** Workers that vanished, and what became of the steps that they had in hand. */
const LOST_COLUMNS: Column<LostWorker>[] = [
  { title: "LOST WORKER", text: ({ id }) => id, flexible: true, paint: colours.magenta },
  { title: "LAST SEEN", text: ({ last_seen_at }) => shortTime(last_seen_at) },
  count("HAD IN HAND", ({ held }) => held),
  count("RUNNING", ({ open }) => open),
  count("WAITING", ({ waiting }) => waiting),
  count("SETTLED", ({ held, open, waiting }) => held - open - waiting),
];

export const workers = async ({ json }: Flags): Promise<number> => {
  const { workers: known } = connect();
  const page = await known.list();
  const { items: lost } = await known.lost();
  if (json) printJson({ ...page, lost });
  else {
    if (page.items.length > 0) printTable(WORKER_COLUMNS, page.items);
    else
      say("No worker is alive. Start one with `dqueue start worker`; where one runs, `dqueue doctor` there says why.");
    for (const { id, problems } of page.items) for (const problem of problems) say(colours.yellow(`${id}: ${problem}`));
    if (lost.length > 0) printTable(LOST_COLUMNS, lost);
  }
  return EXIT.ok;
};

const QUEUE_COLUMNS: Column<Queue>[] = [
  { title: "QUEUE", text: ({ name }) => name, flexible: true },
  count("WAITING", ({ queued }) => queued),
  count("RUNNING", ({ running }) => running),
  count("FOR RETRY", ({ up_for_retry }) => up_for_retry),
  {
    title: "UNACKED",
    text: ({ unacked }) => (unacked === null ? "" : String(unacked)),
    right: true,
    optional: true,
  },
  count("SLOTS", ({ slots }) => slots),
  count("WORKERS", ({ workers: serving }) => serving),
];

export const queues = async ({ json }: Flags): Promise<number> => {
  const page = await connect().queues.list();
  if (json) printJson(page);
  else if (page.items.length === 0) say("There are no queues: no step waits, and no worker is alive.");
  else {
    printTable(QUEUE_COLUMNS, page.items);
    for (const { name, queued, workers: serving } of page.items)
      if (queued > 0 && serving === 0)
        say(
          colours.yellow(`No worker takes from ${name}: start one with \`DQUEUE_QUEUES=${name} dqueue start worker\`.`),
        );
  }
  return EXIT.ok;
};
