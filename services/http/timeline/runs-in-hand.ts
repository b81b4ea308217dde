import { runNotFound } from "../../../store/end-of-runs";
import type { Database } from "../../../store/database";
import { getRun, type RunDetail } from "../../../store/queries/runs";
import { isUuid } from "../../../store/queries/paging";
import { stepColumns, type StepColumns } from "../../../store/queries/step-columns";

/** A run and its steps as they were at a moment. */
export interface RunInHand {
  run: RunDetail;
  columns: StepColumns;
  /** Ms since the run's creation. */
  now: number;
}

/** Of a run that goes on, answers of this age are good enough: a page asks for several parts of it at once. */
const FRESH_MS = 500;
/** Steps that are kept of runs that were asked for lately: some 100 bytes each. */
const KEPT_STEPS = 300_000;

interface Entry {
  read: Promise<RunInHand>;
  at: number;
  /** Known once it is read: an ended run's steps do not change any more. */
  ended: boolean;
  steps: number;
}

/** Reads runs with their steps, and keeps the last ones: whoever looks at a run asks for it again and again. */
export class RunsInHand {
  private readonly entries = new Map<string, Entry>();

  constructor(private readonly db: Database) {}

  /** @throws DqueueError RUN_NOT_FOUND. */
  async get(id: string): Promise<RunInHand> {
    if (!isUuid(id)) throw runNotFound(id);
    const known = this.entries.get(id);
    if (known && (known.ended || performance.now() - known.at < FRESH_MS)) {
      this.entries.delete(id);
      this.entries.set(id, known);
      return known.read;
    }
    const entry: Entry = { read: this.read(id), at: performance.now(), ended: false, steps: 0 };
    this.entries.set(id, entry);
    try {
      const { run, columns } = await entry.read;
      Object.assign(entry, { ended: run.ended_at !== null, steps: columns.count });
      this.forgetOldest();
      return await entry.read;
    } catch (error) {
      if (this.entries.get(id) === entry) this.entries.delete(id);
      throw error;
    }
  }

  /**
   * As it is now, not as it was a moment ago.
   * @returns null where nothing has happened since the event of that number.
   * @throws DqueueError RUN_NOT_FOUND.
   */
  async since(id: string, seq: number): Promise<RunInHand | null> {
    const run = isUuid(id) ? await getRun(this.db, id) : null;
    if (!run) throw runNotFound(id);
    if (run.seq <= seq) return null;
    const known = await this.get(id);
    if (known.run.seq >= run.seq) return known;
    this.entries.delete(id);
    return this.get(id);
  }

  private async read(id: string): Promise<RunInHand> {
    const run = await getRun(this.db, id);
    const columns = run && (await stepColumns(this.db, id));
    if (!columns) throw runNotFound(id);
    const now = (run.ended_at === null ? Date.now() : Date.parse(run.ended_at)) - columns.origin;
    return { run, columns, now };
  }

  private forgetOldest(): void {
    let kept = [...this.entries.values()].reduce((sum, { steps }) => sum + steps, 0);
    for (const [id, { steps }] of this.entries) {
      if (kept <= KEPT_STEPS || this.entries.size === 1) return;
      this.entries.delete(id);
      kept -= steps;
    }
  }
}
