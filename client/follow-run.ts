import type { Http } from "./http";
import { Patience, pause } from "./patience";
import { endsRun, pathOfRun } from "./run-path";
import { connection } from "./stream";
import type { Page, RunEvent } from "./types";

export interface FollowOptions {
  signal?: AbortSignal;
  /** Milliseconds that a server may stay away; 60,000. */
  patienceMs?: number;
}

const PAGE = 1_000;
const FIRST_PAUSE_MS = 250;
/** How often news is asked for while no stream brings it. */
const ASK_MS = 1_000;
/** A stream that could not be had is tried again after ever longer times, up to this. */
const LONGEST_WITHOUT_STREAM_MS = 30_000;

/**
 * A run's events in order, each once, until the one that ends it. They come by the stream; while that cannot be had
 * (a proxy may refuse it or hold it back) they are asked for. Each way goes on where the other has ended.
 * @param after the number of the last event that is known, of a run that had not ended by then.
 */
export async function* followRun(
  http: Http,
  id: string,
  { signal, patienceMs }: FollowOptions = {},
  after = 0,
): AsyncGenerator<RunEvent, void, undefined> {
  const patience = new Patience(patienceMs);
  let seq = after;
  let wait = FIRST_PAUSE_MS;
  let streamWait = FIRST_PAUSE_MS;
  let streamDue = performance.now();
  for (; !signal?.aborted; wait = Math.min(ASK_MS, wait * 2)) {
    const since = performance.now();
    const streaming = since >= streamDue;
    let heard = false;
    try {
      for await (const event of streaming ? streamed(http, id, seq, signal) : asked(http, id, seq, signal)) {
        patience.heard();
        heard = true;
        if (streaming) wait = streamWait = FIRST_PAUSE_MS;
        if (event === null) continue;
        seq = event.seq;
        yield event;
        if (endsRun(event)) return;
      }
    } catch (error) {
      if (signal?.aborted) return;
      // Whether the run can be followed at all is told by the plain question.
      if (!streaming) patience.bear(error);
    }
    if (streaming) {
      // One that is held back keeps us from asking: the longer it does, the less often it is tried.
      const heldBack = heard ? 0 : performance.now() - since;
      streamDue = performance.now() + Math.min(LONGEST_WITHOUT_STREAM_MS, Math.max(streamWait, 6 * heldBack));
      streamWait *= 2;
    } else await pause(wait, signal);
  }
}

/** Of one connection; null: a sign of life. */
async function* streamed(
  http: Http,
  id: string,
  after: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<RunEvent | null, void, undefined> {
  for await (const message of connection(http, [`run:${id}`], `run:${id}=${after}`, signal)) {
    if (message?.event !== "run_event") yield null;
    else {
      const { run: _run, ...event } = message.data;
      yield event;
    }
  }
}

/** Those that there are by now; null: an answer. */
async function* asked(
  http: Http,
  id: string,
  after: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<RunEvent | null, void, undefined> {
  let seq = after;
  for (let more = true; more;) {
    const page: Page<RunEvent> = await http.get(pathOfRun(id, "events"), { after: seq, limit: PAGE }, signal);
    yield null;
    yield* page.items;
    seq = page.items.at(-1)?.seq ?? seq;
    more = page.next_cursor !== null;
  }
}
