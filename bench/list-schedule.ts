/** A task as a schedule sees it: how long it takes, in ms, and the positions of those that must have ended before. */
export interface Task {
  readonly ms: number;
  readonly parents: readonly number[];
}

/** ms that a scheduler without costs needs on so many slots, which gives a free slot to the task that became ready first. */
export const listSchedule = (tasks: readonly Task[], slots: number): number => {
  const children: number[][] = tasks.map(() => []);
  tasks.forEach(({ parents }, task) => parents.forEach((parent) => children[parent]!.push(task)));
  const open = tasks.map(({ parents }) => parents.length);
  const ready = tasks.flatMap((_, task) => (open[task] === 0 ? [task] : []));
  const running: { task: number; endsAt: number }[] = [];
  let now = 0;
  for (let next = 0; next < ready.length || running.length > 0;) {
    while (next < ready.length && running.length < slots) {
      const task = ready[next++]!;
      running.push({ task, endsAt: now + tasks[task]!.ms });
    }
    running.sort((a, b) => a.endsAt - b.endsAt);
    const { task, endsAt } = running.shift()!;
    now = endsAt;
    for (const child of children[task]!) if (--open[child]! === 0) ready.push(child);
  }
  return now;
};
