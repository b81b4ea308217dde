import { existsSync, statfsSync } from "node:fs";
import { totalmem } from "node:os";
import { dirname } from "node:path";
import { getHeapStatistics } from "node:v8";
import type { Settings } from "../settings";
import { type Finding, problem, room } from "./finding";

const NODE_VERSIONS = [
  { major: 20, minor: 19 },
  { major: 22, minor: 12 },
];
const MIB = 2 ** 20;
const LITTLE_ROOM = 2e9;
const NO_ROOM = 1e8;

export const checkNode = (version: string): Finding => {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const known = NODE_VERSIONS.find((one) => one.major === major);
  const good = major >= 24 || (known !== undefined && minor >= known.minor);
  if (good) return { check: "node", state: "ok", text: `Node ${version}` };
  const todo = "Install Node 20.19, 22.12, 24 or newer.";
  return { check: "node", state: "problem", text: `Node ${version} is not supported.`, todo };
};

/** Bytes that a process may take here. */
export interface Memory {
  readonly machine: number;
  /** null: there is none. */
  readonly containerLimit: number | null;
  /** Node's own heap limit of a process. */
  readonly heapLimit: number;
}

export const memoryHere = (): Memory => {
  const limit = process.constrainedMemory();
  // Where there is no limit some systems tell a number beyond all machines.
  const limited = limit !== undefined && limit > 0 && limit < totalmem();
  return {
    machine: totalmem(),
    containerLimit: limited ? limit : null,
    heapLimit: getHeapStatistics().heap_size_limit,
  };
};

/** Whether the step processes of a worker with these settings could take more than there is, before a heap limit ends one. */
export const checkMemory = (
  { processes, stepMemoryMb }: Pick<Settings, "processes" | "stepMemoryMb">,
  { machine, containerLimit, heapLimit }: Memory,
): Finding => {
  const limit = containerLimit ?? machine;
  const heap = stepMemoryMb === null ? heapLimit : stepMemoryMb * MIB;
  const here = `${containerLimit === null ? "this machine has" : "this container may take"} ${room(limit)}`;
  const steps = `${processes} step processes with heaps of up to ${room(heap)} each`;
  // Without a limit of anybody's choice Node's own is a share of the machine, and few steps come near it.
  const chosen = containerLimit !== null || stepMemoryMb !== null;
  if (!chosen) return { check: "memory", state: "ok", text: here };
  if (processes * heap < limit) return { check: "memory", state: "ok", text: `${here}; a worker: ${steps}` };
  return {
    check: "memory",
    state: "warning",
    text: `As a worker it has ${steps}, and ${here}: it may be killed, with all steps in hand, before the step at fault is.`,
    todo: "Set DQUEUE_STEP_MEMORY_MB or DQUEUE_PROCESSES lower, or the limit higher: a process takes more than its heap.",
  };
};

/** Bytes of the file system that a folder is on. */
export interface Disk {
  readonly free: number;
  readonly size: number;
}

/** Of the nearest folder above that there is. */
export const diskOf = (folder: string): Disk => {
  if (!existsSync(folder)) return diskOf(dirname(folder));
  const { bavail, blocks, bsize } = statfsSync(folder);
  return { free: bavail * bsize, size: blocks * bsize };
};

export const checkDisk = ({ home, databaseUrl }: Pick<Settings, "home" | "databaseUrl">): Finding => {
  try {
    return judgeDisk(home, diskOf(home), databaseUrl === null);
  } catch (error) {
    return problem("disk", error, "Check DQUEUE_HOME.");
  }
};

/** @param holdsDatabase false: bundles of code alone are there. */
export const judgeDisk = (home: string, { free, size }: Disk, holdsDatabase: boolean): Finding => {
  const text = `${room(free)} of ${room(size)} are free for ${home}`;
  if (free >= LITTLE_ROOM) return { check: "disk", state: "ok", text };
  const todo = "Make room there, or set DQUEUE_HOME to a folder on another disk.";
  return { check: "disk", state: holdsDatabase && free < NO_ROOM ? "problem" : "warning", text, todo };
};
