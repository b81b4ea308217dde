import type { Database } from "../../../store/database";
import { type NotableEvent, stepErrors } from "../../../store/queries/step-columns";
import type { RunInHand } from "./runs-in-hand";

/** Steps as columns: the same place in each is the same step. Times are ms since the run's creation; null: not yet. */
export interface StepTable {
  key: string[];
  status: string[];
  attempt: number[];
  lost: number[];
  /** Places in `workers`; -1: none. */
  worker: number[];
  ready: (number | null)[];
  queued: (number | null)[];
  started: (number | null)[];
  ended: (number | null)[];
  retry: (number | null)[];
  reused: boolean[];
  /** `Type: message`, of steps that failed or wait for a retry. */
  error: (string | null)[];
}

/** An attempt before a step's last one: when it began and ended, where, and how. */
export type Try = [started: number | null, ended: number, worker: string | null, outcome: string];

const OUTCOMES: Partial<Record<NotableEvent["type"], string>> = {
  STEP_UP_FOR_RETRY: "FAILURE",
  STEP_LOST: "LOST",
  STEP_RELEASED: "RELEASED",
};

/** The steps at these places, with the attempts that they have behind them. */
export const stepTable = async (
  db: Database,
  { run, columns }: RunInHand,
  places: readonly number[],
  events: readonly NotableEvent[],
): Promise<{ steps: StepTable; tries: Record<string, Try[]>; workers: string[] }> => {
  const key = places.map((place) => columns.keys[place]!);
  const failed = places.filter((place) => ["FAILURE", "UP_FOR_RETRY"].includes(columns.statuses[place]!));
  const errors = await stepErrors(
    db,
    run.id,
    failed.map((place) => columns.keys[place]!),
  );
  const workers = [...new Set(places.flatMap((place) => columns.workers[place] ?? []))].sort();
  const at = new Map(workers.map((worker, index) => [worker, index]));
  const column = <T>(values: ArrayLike<T>): T[] => places.map((place) => values[place]!);
  const times = (values: Float64Array): (number | null)[] =>
    column(values).map((time) => (Number.isNaN(time) ? null : time));
  const said = (step: string): string | null => {
    const error = errors.get(step);
    return error ? `${error.type}: ${error.message}` : null;
  };
  return {
    steps: {
      ...{ key, status: column(columns.statuses), attempt: column(columns.attempts), lost: column(columns.lost) },
      worker: column(columns.workers).map((worker) => at.get(worker ?? "") ?? -1),
      ...{ ready: times(columns.ready), queued: times(columns.queued), started: times(columns.started) },
      ...{ ended: times(columns.ended), retry: times(columns.retry), reused: column(columns.reused) },
      error: key.map(said),
    },
    tries: triesOf(events, new Set(key), columns.origin),
    workers,
  };
};

const triesOf = (events: readonly NotableEvent[], keys: Set<string>, origin: number): Record<string, Try[]> => {
  const tries: Record<string, Try[]> = {};
  for (const { type, step, at, started_at, worker } of events) {
    const outcome = OUTCOMES[type];
    if (step === null || outcome === undefined || !keys.has(step)) continue;
    const started = started_at === null ? null : started_at - origin;
    (tries[step] ??= []).push([started, at.getTime() - origin, worker, outcome]);
  }
  return tries;
};
