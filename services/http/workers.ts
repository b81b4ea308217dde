import type { WorkerBeat } from "../../core/messages";

/** A worker that has not been heard for this long is not shown any more. */
const SILENT_MS = 6_000;

/** A worker as the API shows it. */
export interface WorkerItem {
  id: string;
  host: string;
  pid: number;
  queues: string[];
  slots: number;
  busy: number;
  processes: number;
  concurrency: number;
  code_version: string;
  ops: number;
  started_at: string;
  last_seen_at: string;
  cpu: number;
  rss: number;
  draining: boolean;
  problems: string[];
}

/** The workers that live, known by their beats alone. */
export class Workers {
  private readonly latest = new Map<string, { beat: WorkerBeat; heard: number; at: Date }>();

  hear(beat: WorkerBeat): void {
    const known = this.latest.get(beat.worker);
    // A restarted worker counts anew; within one life a lower number is late.
    if (known && known.beat.startedAt === beat.startedAt && known.beat.seq > beat.seq) return;
    this.latest.set(beat.worker, { beat, heard: performance.now(), at: new Date() });
  }

  list(): WorkerItem[] {
    const since = performance.now() - SILENT_MS;
    for (const [id, { heard }] of this.latest) if (heard < since) this.latest.delete(id);
    return [...this.latest.values()].map(({ beat, at }) => asItem(beat, at)).sort((a, b) => (a.id < b.id ? -1 : 1));
  }
}

const asItem = (beat: WorkerBeat, at: Date): WorkerItem => ({
  id: beat.worker,
  host: beat.host,
  pid: beat.pid,
  queues: beat.queues,
  slots: beat.slots,
  busy: beat.busy,
  processes: beat.processes,
  concurrency: beat.concurrency,
  code_version: beat.codeVersion,
  ops: beat.ops,
  started_at: new Date(beat.startedAt).toISOString(),
  last_seen_at: at.toISOString(),
  cpu: beat.cpu,
  rss: beat.rss,
  draining: beat.draining,
  problems: beat.problems ?? [],
});
