import { readFileSync, readdirSync } from "node:fs";

/** Roles whose CPU time is told apart. */
export const ROLES = ["coordinator", "workers", "step processes", "web server", "postgres", "rabbitmq"] as const;
export type Role = (typeof ROLES)[number];

/** CPU seconds by role; null where the system has no /proc. */
export type CpuTimes = Record<Role, number> | null;

/** The processes of a cluster; of servers the one that all of theirs descend from. */
export interface Pids {
  coordinator: number;
  workers: number[];
  webServer: number;
  postgres: number;
  rabbitmq: number;
}

/** The kernel counts in this unit on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

interface Spent {
  own: number;
  /** Of children that have ended and been waited for. */
  ended: number;
}

const spentBy = (pid: number): Spent => {
  // The second field is the command in parentheses, and may hold spaces: fields are counted behind it.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!.split(" ");
  const seconds = (index: number): number => (Number(fields[index]) + Number(fields[index + 1])) / TICKS_PER_SECOND;
  return { own: seconds(11), ended: seconds(13) };
};

const childrenOf = (pid: number): number[] =>
  readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").split(" ").filter(Boolean).map(Number),
  );

/** 0 for one that has ended meanwhile: its parent has its time, once it has waited for it. */
const spentByTree = (pid: number): number => {
  try {
    const { own, ended } = spentBy(pid);
    return own + ended + spentByChildren(pid);
  } catch {
    return 0;
  }
};

const spentByChildren = (pid: number): number => childrenOf(pid).reduce((sum, child) => sum + spentByTree(child), 0);

const sum = (numbers: number[]): number => numbers.reduce((a, b) => a + b, 0);

/** What the processes have used since they were started. */
export const cpuTimes = (pids: Pids): CpuTimes => {
  if (process.platform !== "linux") return null;
  return {
    coordinator: spentByTree(pids.coordinator),
    workers: sum(pids.workers.map((pid) => spentBy(pid).own)),
    "step processes": sum(pids.workers.map((pid) => spentBy(pid).ended + spentByChildren(pid))),
    "web server": spentByTree(pids.webServer),
    postgres: spentByTree(pids.postgres),
    rabbitmq: spentByTree(pids.rabbitmq),
  };
};

/** The most memory that a process has held at a time, in MB; null where the system has no /proc. */
export const peakRssMb = (pid: number): number | null => {
  if (process.platform !== "linux") return null;
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1];
  return Number(kilobytes) / 1_000;
};
