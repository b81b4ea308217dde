import { createContext, useContext, useEffect, useMemo, useSyncExternalStore } from "react";
import type { Run, RunEvent } from "../../../../client";
import { api } from "../../../data/client";
import { live, useTopic } from "../../../data/live/live";
import { runHasEnded } from "../../../parts/status";
import { Steps } from "./steps";

const PAGE = 1_000;
/** Those who look are told at most so often, in ms. */
const SOON_MS = 60;
const SOON_LARGE_MS = 250;
const LARGE = 2_000;
/** Tries before the last one are told by events alone; of longer runs only those that happen now are known. */
const MOST_EVENTS = 20_000;

/** The steps of a run, loaded and kept up to date. */
export class RunSteps {
  steps: Steps | null = null;
  error: Error | null = null;
  version = 0;
  private readonly watchers = new Set<() => void>();
  private waiting: RunEvent[] | null = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private generation = 0;

  constructor(private readonly run: Run) {}

  readonly watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  /** Asks for all of them; what is shown stays until they are there. */
  async load(): Promise<void> {
    const own = ++this.generation;
    const { id, created_at } = this.run;
    this.waiting ??= [];
    try {
      const steps = new Steps(Date.parse(created_at), await api.runs.graph(id));
      let cursor: string | undefined;
      do {
        const page = await api.runs.steps(id, { limit: PAGE, ...(cursor !== undefined && { cursor }) });
        if (own !== this.generation) return;
        page.items.forEach((step) => steps.put(step));
        cursor = page.next_cursor ?? undefined;
        // The first page is shown at once, and never in the place of all.
        if (this.steps === null || this.steps.count <= steps.count) this.show(steps);
      } while (cursor !== undefined);
      this.show(steps);
      await this.remember(steps, own);
    } catch (error) {
      if (own !== this.generation) return;
      this.error = error as Error;
      this.tell();
    }
  }

  hear(events: readonly RunEvent[]): void {
    if (this.waiting) return void this.waiting.push(...events);
    events.forEach((event) => this.steps?.hear(event));
    this.tellSoon();
  }

  private show(steps: Steps): void {
    this.steps = steps;
    this.error = null;
    this.tell();
  }

  /** Hears what came meanwhile, and of runs with tries that failed what came before. */
  private async remember(steps: Steps, own: number): Promise<void> {
    const meanwhile = this.waiting ?? [];
    this.waiting = null;
    meanwhile.forEach((event) => steps.hear(event));
    this.tell();
    if (this.run.seq > MOST_EVENTS || !hasPast(steps)) return;
    const past = new Past(steps);
    for (let after = 0; ;) {
      const { items, next_cursor } = await api.runs.events(this.run.id, { after, limit: PAGE });
      if (own !== this.generation) return;
      items.forEach((event) => past.hear(event));
      if (next_cursor === null) return this.tell();
      after = Number(next_cursor);
    }
  }

  private tellSoon(): void {
    this.timer ??= setTimeout(() => this.tell(), (this.steps?.count ?? 0) > LARGE ? SOON_LARGE_MS : SOON_MS);
  }

  private tell(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.version++;
    this.watchers.forEach((watcher) => watcher());
  }
}

const hasPast = (steps: Steps): boolean => {
  for (let step = 0; step < steps.count; step++) if (steps.attempt[step]! > 1 || steps.lost[step]! > 0) return true;
  return false;
};

/** Puts tries together from a run's events, in order. */
class Past {
  private readonly begun = new Map<string, { queued: number; started: number; worker: string | null }>();

  constructor(private readonly steps: Steps) {}

  hear({ type, step: key, at: time, data }: RunEvent): void {
    const at = key === null ? undefined : this.steps.placeOf(key);
    if (key === null || at === undefined) return;
    const ms = Date.parse(time) - this.steps.origin;
    const known = this.begun.get(key) ?? { queued: NaN, started: NaN, worker: null };
    if (type === "STEP_QUEUED") this.begun.set(key, { queued: ms, started: NaN, worker: null });
    else if (type === "STEP_START" || type === "STEP_RESTARTED")
      this.begun.set(key, { ...known, started: ms, worker: (data?.worker as string | undefined) ?? null });
    const outcome = OUTCOMES[type];
    if (outcome === undefined) return;
    const error = (data?.error ?? null) as { name: string; message: string } | null;
    this.steps.remember(at, { ...known, ended: ms, outcome, error });
    this.begun.delete(key);
  }
}

const OUTCOMES: Readonly<Record<string, "FAILURE" | "LOST" | "RELEASED" | undefined>> = {
  STEP_UP_FOR_RETRY: "FAILURE",
  STEP_LOST: "LOST",
  STEP_RELEASED: "RELEASED",
};

const Context = createContext<RunSteps | null>(null);
export const RunStepsProvider = Context.Provider;

/** Loads the steps of a run and keeps them up to date while the component is there. */
export const useLoadedSteps = (run: Run): RunSteps => {
  const { id } = run;
  // Another state of the same run needs no other steps.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const store = useMemo(() => new RunSteps(run), [id]);
  const ended = runHasEnded(run.status);
  // Once more at the end: events tell short steps in short.
  useEffect(() => void store.load(), [store, ended]);
  useEffect(() => live.onRefresh(() => void store.load()), [store]);
  useTopic(
    ended ? null : `run:${id}`,
    (messages) => store.hear(messages.flatMap((message) => (message.event === "run_event" ? [message.data] : []))),
    run.seq,
  );
  return store;
};

/** The steps of the run that is shown. The component is drawn anew as they change. */
export const useRunSteps = (): { steps: Steps | null; error: Error | null; version: number; reload(): void } => {
  const store = useContext(Context)!;
  const version = useSyncExternalStore(store.watch, () => store.version);
  return { steps: store.steps, error: store.error, version, reload: () => void store.load() };
};
