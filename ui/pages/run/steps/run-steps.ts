import { createContext, useContext, useEffect, useMemo, useSyncExternalStore } from "react";
import type { Run, RunEvent } from "../../../../client";
import { cache } from "../../../data/cache";
import { api } from "../../../data/client";
import { live, useTopic } from "../../../data/live/live";
import { graphQuery } from "../../../data/queries";
import { serverNow } from "../../../data/server-clock";
import { runHasEnded } from "../../../parts/status";
import { type Forecast, forecastOf } from "./forecast";
import { nowOf } from "./past-state";
import { Steps } from "./steps";

/** So many of the last events are kept, and shown. */
export const LATEST = 3;

/** Those who look are told at most so often, in ms: what a change costs grows with the steps that there are. */
const soon = (steps: number): number => Math.min(1_000, 60 + steps / 100);

/** The steps of a run, loaded and kept up to date. */
export class RunSteps {
  steps: Steps | null = null;
  error: Error | null = null;
  version = 0;
  /** Number of the last event that the loaded steps tell of; null: they are not there yet. */
  seq: number | null = null;
  /** The last ones that came since, in order. */
  heard: readonly RunEvent[] = [];
  private foretold: { version: number; forecast: Forecast } | null = null;
  private readonly watchers = new Set<() => void>();
  private waiting: RunEvent[] | null = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private loading = Promise.resolve();

  constructor(private readonly id: string) {}

  readonly watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  /** Asks for all of them, where something has happened since the last time; what is shown stays until they are there. */
  load(): Promise<void> {
    return (this.loading = this.loading.then(async () => {
      const { steps, error } = this;
      this.waiting ??= [];
      try {
        await this.ask();
      } catch (failure) {
        this.error = failure as Error;
      }
      const meanwhile = this.waiting;
      this.waiting = null;
      meanwhile.forEach((event) => this.steps?.hear(event));
      if (meanwhile.length > 0 || this.steps !== steps || this.error !== error) this.tell();
    }));
  }

  hear(events: readonly RunEvent[]): void {
    const { waiting } = this;
    this.heard = [...this.heard, ...events].slice(-LATEST);
    for (const event of events)
      if (waiting) waiting.push(event);
      else this.steps?.hear(event);
    if (waiting) return;
    this.timer ??= setTimeout(() => this.tell(), soon(this.steps?.count ?? 0));
  }

  /** What is to come, as it looked when the steps changed last: who asks twice is told the same. */
  forecast(): Forecast | null {
    const { steps, version } = this;
    if (steps === null) return null;
    if (this.foretold?.version !== version)
      this.foretold = { version, forecast: forecastOf(steps, nowOf(steps, serverNow() - steps.origin)) };
    return this.foretold.forecast;
  }

  private async ask(): Promise<void> {
    const [graph, columns] = await Promise.all([
      cache.fetchQuery(graphQuery(this.id)),
      api.runs.timelineColumns(this.id, this.seq === null ? {} : { after: this.seq }),
    ]);
    this.error = null;
    if (columns === null) return;
    const steps = new Steps(Date.parse(columns.created_at), graph);
    steps.putAll(columns);
    this.steps = steps;
    this.seq = columns.seq;
    // Rows need not wait for what came before the last attempts.
    if (hasPast(steps)) void this.remember(steps);
  }

  private async remember(steps: Steps): Promise<void> {
    await drawn();
    const tries = await api.runs.timelineTries(this.id).catch(() => null);
    if (tries === null || this.steps !== steps) return;
    steps.putTries(tries);
    this.tell();
  }

  private tell(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.version++;
    this.watchers.forEach((watcher) => watcher());
  }
}

/** Once the next frame is there: until then, the database and the page have enough to do. */
const drawn = (): Promise<void> => new Promise((there) => requestAnimationFrame(() => setTimeout(there)));

const hasPast = (steps: Steps): boolean => {
  for (let step = 0; step < steps.count; step++) if (steps.attempt[step]! > 1 || steps.lost[step]! > 0) return true;
  return false;
};

/** Those whose steps were asked for before the page was drawn, by the run. */
const begun = new Map<string, RunSteps>();

/** Loads the steps of a run for the page that is about to be drawn. */
export const beginSteps = (id: string): Promise<void> => {
  const store = new RunSteps(id);
  begun.set(id, store);
  return store.load();
};

const Context = createContext<RunSteps | null>(null);
export const RunStepsProvider = Context.Provider;

/**
 * Loads the steps of a run and keeps them up to date while the component is there.
 * @param run undefined: not known yet; its steps need not wait for it.
 */
export const useLoadedSteps = (id: string, run: Run | undefined): RunSteps => {
  const store = useMemo(() => begun.get(id) ?? new RunSteps(id), [id]);
  const ended = run !== undefined && runHasEnded(run.status);
  // Once more at the end: events tell short steps in short.
  useEffect(() => {
    if (!begun.delete(id)) void store.load();
  }, [store, id, ended]);
  useEffect(() => live.onRefresh(() => void store.load()), [store]);
  const seq = useSyncExternalStore(store.watch, () => store.seq);
  useTopic(
    seq === null || run === undefined || ended ? null : `run:${id}`,
    (messages) => store.hear(messages.flatMap((message) => (message.event === "run_event" ? [message.data] : []))),
    seq,
  );
  return store;
};

interface Shown extends Pick<RunSteps, "steps" | "error" | "version" | "seq" | "heard"> {
  reload(): void;
}

/** The steps of the run that is shown. The component is drawn anew as they change. */
export const useRunSteps = (): Shown => {
  const store = useContext(Context)!;
  useSyncExternalStore(store.watch, () => store.version);
  const { steps, error, version, seq, heard } = store;
  return { steps, error, version, seq, heard, reload: () => void store.load() };
};

/** What is to come of the run that is shown, the same for all who ask; null: it is not being done. */
export const useForecast = ({ status }: Run): Forecast | null => {
  const store = useContext(Context)!;
  useSyncExternalStore(store.watch, () => store.version);
  return status === "STARTED" ? store.forecast() : null;
};
