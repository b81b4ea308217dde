import { type FollowOptions, followRun } from "./follow-run";
import type { Http } from "./http";
import { Patience, pause } from "./patience";
import { pathOfRun } from "./run-path";
import type { LogLine, Page, RunSummary } from "./types";

export interface LogsOptions {
  /** Only of this step. */
  step?: string | undefined;
  /** Id of a line: only what is behind it. */
  after?: string | undefined;
}

const PAGE = 1_000;
/** How often lines are looked for while no event tells of news. */
const LOOK_MS = 1_000;
/** Steps that start and end by the dozen make one question. */
const LULL_MS = 150;

/** A run's lines in order: those that there are by now. */
export async function* linesOf(
  http: Http,
  id: string,
  { step, after }: LogsOptions = {},
  signal?: AbortSignal,
): AsyncGenerator<LogLine, void, undefined> {
  let last = after;
  for (let more = true; more;) {
    const page: Page<LogLine> = await http.get(pathOfRun(id, "logs"), { step, after: last, limit: PAGE }, signal);
    yield* page.items;
    last = page.items.at(-1)?.id ?? last;
    more = page.next_cursor !== null;
  }
}

/**
 * A run's lines in order, each once, until it has ended and all of them are there. They are read when the run's events
 * tell of news, and, since a line is no event, every second.
 */
export async function* followLines(
  http: Http,
  id: string,
  { step, after, signal, patienceMs }: LogsOptions & FollowOptions = {},
): AsyncGenerator<LogLine, void, undefined> {
  // Not waited for: who follows a run that nobody answers for is told at once.
  const run = await http.get<RunSummary>(pathOfRun(id), {}, signal).catch((error: unknown) => {
    if (signal?.aborted) return null;
    throw error;
  });
  if (run === null) return;
  const patience = new Patience(patienceMs);
  const news = new News(http, run, { signal, patienceMs });
  let last = after;
  try {
    while (!signal?.aborted) {
      // Asked before the lines: those of a run that had ended by then are all there.
      const over = news.areOver();
      try {
        for await (const line of linesOf(http, id, { step, after: last }, signal)) {
          last = line.id;
          yield line;
        }
        patience.heard();
        if (over) return;
      } catch (error) {
        if (signal?.aborted) return;
        patience.bear(error);
      }
      await pause(LULL_MS, signal);
      await news.come(LOOK_MS);
    }
  } finally {
    news.stop();
  }
}

/** Tells when something has happened to a run, until its end. */
class News {
  private readonly end = new AbortController();
  private fresh = false;
  private over: boolean;
  private failure: { error: unknown } | null = null;
  private wake = (): void => {};

  constructor(
    http: Http,
    run: RunSummary,
    private readonly options: FollowOptions,
  ) {
    options.signal?.addEventListener("abort", this.stop);
    this.over = run.ended_at !== null;
    if (!this.over) void this.listen(http, run);
  }

  /** @throws what keeps it from hearing any. */
  areOver(): boolean {
    if (this.failure) throw this.failure.error;
    return this.over;
  }

  /** Resolves once something has happened since it was last asked, or after `ms`. */
  async come(ms: number): Promise<void> {
    const woken = new AbortController();
    this.wake = () => woken.abort();
    if (!this.fresh) await pause(ms, woken.signal);
    this.fresh = false;
  }

  readonly stop = (): void => {
    this.options.signal?.removeEventListener("abort", this.stop);
    this.end.abort();
    this.tell();
  };

  private async listen(http: Http, { id, seq }: RunSummary): Promise<void> {
    try {
      const options = { ...this.options, signal: this.end.signal };
      for await (const _event of followRun(http, id, options, seq)) this.tell();
      this.over = !this.end.signal.aborted;
    } catch (error) {
      this.failure = { error };
    }
    this.tell();
  }

  private tell(): void {
    this.fresh = true;
    this.wake();
  }
}
