import { ApiError } from "./api-error";

/** What a server says no to for now, or a proxy on its behalf. */
const PASSING = new Set([408, 425, 429]);

const ASK_AGAIN_MS = 500;

/** How long a server may stay away. What it refuses for good is not waited for. */
export class Patience {
  private lastHeard = performance.now();

  /** @param ms from the last sign of life on. */
  constructor(private readonly ms = 60_000) {}

  heard(): void {
    this.lastHeard = performance.now();
  }

  /** @throws the error, where waiting is of no use any more. */
  bear(error: unknown): void {
    const refused =
      error instanceof ApiError && error.status >= 400 && error.status < 500 && !PASSING.has(error.status);
    if (refused || performance.now() - this.lastHeard > this.ms) throw error;
  }
}

/** Asks until there is an answer; @throws what no waiting mends, and the last error once the patience is over. */
export const patiently = async <T>(
  ask: () => Promise<T>,
  { signal, patienceMs }: { signal?: AbortSignal; patienceMs?: number } = {},
): Promise<T> => {
  const patience = new Patience(patienceMs);
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (signal?.aborted) throw error;
      patience.bear(error);
    }
    await pause(ASK_AGAIN_MS, signal);
  }
};

/** Resolves after `ms`, or when the signal says so. */
export const pause = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done);
    if (signal?.aborted) done();
  });
