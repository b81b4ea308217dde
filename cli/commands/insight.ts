import { EXIT } from "../exit";
import { printJson, printTable, say } from "../print";
import { Server } from "../server";

interface WorkerView {
  id: string;
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
  queued: number;
  running: number;
  up_for_retry: number;
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

const workerRow = ({ id, queues, slots, busy, cpu, rss, code_version, draining }: WorkerView): string[] => [
  id,
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
    const rows = answer.items.map(({ name, queued, running, up_for_retry, slots, workers: serving }) =>
      [name, queued, running, up_for_retry, slots, serving].map(String),
    );
    printTable(["QUEUE", "WAITING", "RUNNING", "FOR RETRY", "SLOTS", "WORKERS"], rows);
  }
  return EXIT.ok;
};
