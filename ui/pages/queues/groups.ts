import type { LostWorker, Queue, Worker } from "../../../client";

/** Workers that take the same queues. */
export interface Group {
  queues: readonly string[];
  workers: readonly Worker[];
  slots: number;
  busy: number;
}

const sum = (workers: readonly Worker[], of: (worker: Worker) => number): number =>
  workers.reduce((total, worker) => total + of(worker), 0);

const grouped = (workers: readonly Worker[], keyOf: (worker: Worker) => string): Map<string, Worker[]> => {
  const groups = new Map<string, Worker[]>();
  for (const worker of workers) {
    const key = keyOf(worker);
    groups.set(key, [...(groups.get(key) ?? []), worker]);
  }
  return groups;
};

/** The largest group first; names decide where two are as large. */
export const groupsOf = (workers: readonly Worker[]): Group[] =>
  [...grouped(workers, ({ queues }) => [...queues].sort().join(", ")).values()]
    .map((members) => ({
      queues: [...members[0]!.queues].sort(),
      workers: members,
      slots: sum(members, ({ slots }) => slots),
      busy: sum(members, ({ busy }) => busy),
    }))
    .sort((a, b) => b.slots - a.slots || (a.queues.join() < b.queues.join() ? -1 : 1));

/**
 * Queues with the slots that these workers have for them. Queues and workers are asked for one after the other, and a
 * page is to show one moment: its slots are those of its tiles.
 */
export const withSlotsOf = (queues: readonly Queue[], workers: readonly Worker[]): Queue[] =>
  queues.map((queue) => {
    const own = workers.filter(({ queues: taken }) => taken.includes(queue.name));
    return {
      ...{ ...queue, workers: own.length },
      slots: sum(own, ({ slots }) => slots),
      busy: sum(own, ({ busy }) => busy),
    };
  });

/** Of the workers that are gone, those that took the same queues. */
export const isOf =
  ({ queues }: Group) =>
  (lost: LostWorker): boolean =>
    lost.queues.toSorted().join() === queues.join();

export interface Host {
  name: string;
  workers: readonly Worker[];
  slots: number;
  busy: number;
  /** Percent of one core. */
  cpu: number;
  /** Bytes. */
  rss: number;
}

export const hostsOf = (workers: readonly Worker[]): Host[] =>
  [...grouped(workers, ({ host }) => host)]
    .map(([name, members]) => ({
      name,
      workers: members,
      slots: sum(members, ({ slots }) => slots),
      busy: sum(members, ({ busy }) => busy),
      cpu: sum(members, ({ cpu }) => cpu),
      rss: sum(members, ({ rss }) => rss),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));

/** The code that most workers run: what runs other code is said. */
export const usualCode = (workers: readonly Worker[]): string | null => {
  const [most] = [...grouped(workers, ({ code_version: version }) => version)].sort(
    (a, b) => b[1].length - a[1].length,
  );
  return most?.[0] ?? null;
};

export interface Ribbon {
  queue: number;
  group: number;
  /** Steps per second, as a share of the widest: 0 to 1. */
  share: number;
  /** Steps run on this way, also where none has ended lately. */
  runs: boolean;
}

/** Which group works for which queue: the steps that leave it, spread over the groups that take it by their busy slots. */
export const ribbonsOf = (queues: readonly Queue[], groups: readonly Group[]): Ribbon[] => {
  const ways = queues.flatMap((queue, at) => {
    const takers = groups.flatMap((group, to) => (group.queues.includes(queue.name) ? [{ group, to }] : []));
    const busy = takers.reduce((total, { group }) => total + group.busy, 0);
    return takers.map(({ group, to }) => ({
      queue: at,
      group: to,
      flow: busy > 0 ? (queue.out_per_second * group.busy) / busy : 0,
      runs: queue.running > 0 && group.busy > 0,
    }));
  });
  const widest = Math.max(...ways.map(({ flow }) => flow)) || 1;
  return ways.map(({ flow, ...way }) => ({ ...way, share: flow / widest }));
};
