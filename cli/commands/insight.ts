import { EXIT } from "../exit";
import { printJson, printTable, say } from "../print";
import { Server } from "../server";

interface WorkerView {
  worker: string;
  host: string;
  pid: number;
  queues: string[];
  slots: number;
  busy: number;
  code_version: string;
  cpu: number;
  rss: number;
  draining: boolean;
}

interface QueueView {
  name: string;
  waiting: number;
  running: number;
  slots: number;
  workers: number;
}

export const workers = async ({ json }: { json?: true }): Promise<number> => {
  const answer = await new Server().get<{ items: WorkerView[] }>("/workers");
  if (json) printJson(answer);
  else if (answer.items.length === 0) say("No worker is alive. Start one with `dqueue start worker`.");
  else printTable(["WORKER", "QUEUES", "BUSY", "CPU", "MEMORY", "CODE", ""], answer.items.map(workerRow));
  return EXIT.ok;
};

const workerRow = ({ worker, queues, slots, busy, cpu, rss, code_version, draining }: WorkerView): string[] => [
  worker,
  queues.join(","),
  `${busy}/${slots}`,
  `${Math.round(cpu)} %`,
  `${Math.round(rss / 1_048_576)} MB`,
  code_version,
  draining ? "draining" : "",
];

export const queues = async ({ json }: { json?: true }): Promise<number> => {
  const answer = await new Server().get<{ items: QueueView[] }>("/queues");
  if (json) printJson(answer);
  else if (answer.items.length === 0) say("There are no queues.");
  else {
    const rows = answer.items.map(({ name, waiting, running, slots, workers: serving }) =>
      [name, waiting, running, slots, serving].map(String),
    );
    printTable(["QUEUE", "WAITING", "RUNNING", "SLOTS", "WORKERS"], rows);
  }
  return EXIT.ok;
};
