import { saysGoodbye, type WorkerBeat } from "../../core/messages";

/** A worker that has not been heard for this long is not shown any more. */
const SILENT_MS = 6_000;
/** So many of the steps that a worker runs are named: a list of many workers stays short. */
const MOST_STEPS = 64;

/** A worker as the API shows it. */
export interface WorkerItem {
  id: string;
  host: string;
  pid: number;
  queues: string[];
  slots: number;
  busy: number;
  /** That it runs now; the first of many. */
  steps: { run_id: string; step: string; slot: string | null }[];
  processes: number;
  concurrency: number;
  code_version: string;
  ops: number;
  started_at: string;
  last_seen_at: string;
  cpu: number;
  rss: number;
  draining: boolean;
  draining_since: string | null;
  problems: string[];
}

/** A worker that was heard no more, although it had not said goodbye: also one that was killed while it drained. */
export interface LostWorker {
  readonly beat: WorkerBeat;
  readonly lastSeenAt: Date;
}

interface Gone extends LostWorker {
  /** On the clock of this process. */
  at: number;
  /** Since when nothing of it is open any more, as far as somebody has looked. */
  settledAt: number | null;
}

const LOST_SHOWN_MS = 600_000;
const LOST_KEPT_MS = 86_400_000;

/** A worker as it was heard last, on the clocks of this process. */
interface Heard {
  beat: WorkerBeat;
  heard: number;
  at: Date;
  /** Since it was first heard to drain. */
  drainingSince: Date | null;
}

/** The workers that live, known by their beats alone. */
export class Workers {
  private readonly gone = new Map<string, Gone>();
  private readonly latest = new Map<string, Heard>();

  hear(beat: WorkerBeat): void {
    const known = this.latest.get(beat.worker);
    // A restarted worker counts anew; within one life a lower number is late.
    if (known && known.beat.startedAt === beat.startedAt && known.beat.seq > beat.seq) return;
    const at = new Date();
    const drainingSince = beat.draining ? (known?.drainingSince ?? at) : null;
    this.latest.set(beat.worker, { beat, heard: performance.now(), at, drainingSince });
    this.gone.delete(beat.worker);
  }

  list(): WorkerItem[] {
    this.forgetSilent();
    return [...this.latest.values()].map(asItem).sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** Steps that each worker has taken and not yet acknowledged. */
  held(): { id: string; steps: number }[] {
    this.forgetSilent();
    return [...this.latest.values()].map(({ beat }) => ({ id: beat.worker, steps: beat.holds.length }));
  }

  /** Until ten minutes after their steps were settled, and a day at most. */
  lost(): LostWorker[] {
    this.forgetSilent();
    const now = performance.now();
    for (const [id, { at, settledAt }] of this.gone)
      if (settledAt === null ? at < now - LOST_KEPT_MS : settledAt < now - LOST_SHOWN_MS) this.gone.delete(id);
    return [...this.gone.values()].sort((a, b) => (a.beat.worker < b.beat.worker ? -1 : 1));
  }

  /** Nothing of a lost worker is open any more. */
  settle(id: string): void {
    const gone = this.gone.get(id);
    if (gone) gone.settledAt ??= performance.now();
  }

  private forgetSilent(): void {
    const since = performance.now() - SILENT_MS;
    for (const [id, { beat, heard, at }] of this.latest) {
      if (heard >= since) continue;
      this.latest.delete(id);
      if (!saysGoodbye(beat)) this.gone.set(id, { beat, lastSeenAt: at, at: heard, settledAt: null });
    }
  }
}

const asItem = ({ beat, at, drainingSince }: Heard): WorkerItem => ({
  id: beat.worker,
  host: beat.host,
  pid: beat.pid,
  queues: beat.queues,
  slots: beat.slots,
  busy: beat.busy,
  steps: beat.holds
    .filter(({ begun, ended }) => begun && !ended)
    .slice(0, MOST_STEPS)
    .map(({ run, step, slot = null }) => ({ run_id: run, step, slot })),
  processes: beat.processes,
  concurrency: beat.concurrency,
  code_version: beat.codeVersion,
  ops: beat.ops,
  started_at: new Date(beat.startedAt).toISOString(),
  last_seen_at: at.toISOString(),
  cpu: beat.cpu,
  rss: beat.rss,
  draining: beat.draining,
  draining_since: drainingSince?.toISOString() ?? null,
  problems: beat.problems ?? [],
});
