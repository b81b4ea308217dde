const MINUTE_MS = 60_000;
/** Two looks that are nearer to each other tell nothing of a trend. */
const SHORTEST_MS = 5_000;

interface Look {
  at: number;
  waiting: Map<string, number>;
}

/** How the number of waiting steps moves, by what this node has seen of it in the last minute. */
export class QueueTrend {
  private looks: Look[] = [];

  /** @param now milliseconds of a clock that only rises. */
  look(queues: readonly { name: string; queued: number }[], now: number): void {
    this.looks = this.looks.filter(({ at }) => at >= now - MINUTE_MS);
    this.looks.push({ at: now, waiting: new Map(queues.map(({ name, queued }) => [name, queued])) });
  }

  /** Steps by which the queue grows each second (below 0: shrinks); null: not known yet. */
  growth(queue: string): number | null {
    const [first] = this.looks;
    const last = this.looks.at(-1);
    if (!first || !last || last.at - first.at < SHORTEST_MS) return null;
    return (((last.waiting.get(queue) ?? 0) - (first.waiting.get(queue) ?? 0)) * 1_000) / (last.at - first.at);
  }
}
