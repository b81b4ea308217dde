import { createParser, type EventSourceMessage } from "eventsource-parser";
import type { Http } from "./http";
import { Patience, pause } from "./patience";
import type { RunEvent, RunSummary, Sensor, Tick } from "./types";

/** What a stream brings, by topic. */
export type StreamMessage =
  /** Topic `run:<id>`: the run's events, from the first on. */
  | { event: "run_event"; id: string; data: RunEvent & { run: string } }
  /** Topic `runs`: a run whose status has changed. */
  | { event: "run"; id: string; data: RunSummary }
  /** Topic `ticks`: a sensor that was started or stopped. */
  | { event: "sensor"; id: string; data: Pick<Sensor, "name" | "status" | "status_since" | "version" | "next_tick_at"> }
  /** Topic `ticks`: a tick that has ended. */
  | {
      event: "tick";
      id: string;
      data: Pick<Tick, "id" | "instigator" | "status" | "started_at" | "ended_at" | "skip_reason" | "run_ids">;
    };

export type Topic = "runs" | "ticks" | `run:${string}`;

export interface StreamOptions {
  signal?: AbortSignal;
  /** Of the last message that was seen: the stream goes on behind it. */
  lastEventId?: string;
  /** Milliseconds that a server may stay away before the stream fails with its error; 60,000. */
  patienceMs?: number;
  /** Told of each link that opens, and of its end. */
  onLink?(open: boolean): void;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;
/** A server begins to speak at once: who says nothing by then is a proxy that holds the stream back. */
const OPENING_MS = 5_000;
/** Longer than the server's heartbeats: a link that is silent for this long is dead. */
const SILENCE_MS = 45_000;

/**
 * Follows topics. A link that breaks is opened again behind the last message, so that nothing is missed; what the
 * server refuses is thrown as ApiError.
 */
export async function* follow(
  http: Http,
  topics: readonly Topic[],
  { signal, lastEventId, patienceMs, onLink }: StreamOptions = {},
): AsyncGenerator<StreamMessage, void, undefined> {
  const patience = new Patience(patienceMs);
  let last = lastEventId;
  for (let wait = FIRST_PAUSE_MS; !signal?.aborted; wait = Math.min(LONGEST_PAUSE_MS, wait * 2)) {
    let open = false;
    try {
      for await (const message of connection(http, topics, last, signal)) {
        wait = FIRST_PAUSE_MS;
        patience.heard();
        if (!open) onLink?.((open = true));
        if (message === null) continue;
        last = message.id;
        if (message.event !== "open") yield message;
      }
    } catch (error) {
      if (signal?.aborted) return;
      patience.bear(error);
    } finally {
      if (open) onLink?.(false);
    }
    await pause(wait, signal);
  }
}

/** The first message of a link: its id says where it begins. */
type Opening = { event: "open"; id: string; data: object };

/** One connection's messages; null: a sign of life. */
export async function* connection(
  http: Http,
  topics: readonly Topic[],
  lastEventId: string | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<StreamMessage | Opening | null, void, undefined> {
  const end = new AbortController();
  const abort = (): void => end.abort();
  signal?.addEventListener("abort", abort);
  if (signal?.aborted) abort();
  let silence = setTimeout(abort, OPENING_MS);
  const messages: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (message) => messages.push(message) });
  try {
    const headers: Record<string, string> = lastEventId === undefined ? {} : { "last-event-id": lastEventId };
    const response = await http.open("/stream", { topics: topics.join(",") }, headers, end.signal);
    const decoder = new TextDecoder();
    // Not every browser iterates over a body.
    const reader = response.body!.getReader();
    for (let { value, done } = await reader.read(); !done; { value, done } = await reader.read()) {
      clearTimeout(silence);
      silence = setTimeout(abort, SILENCE_MS);
      parser.feed(decoder.decode(value, { stream: true }));
      yield null;
      for (const { event, id = "", data } of messages.splice(0))
        yield { event, id, data: JSON.parse(data) } as StreamMessage | Opening;
    }
  } finally {
    clearTimeout(silence);
    signal?.removeEventListener("abort", abort);
    end.abort();
  }
}
