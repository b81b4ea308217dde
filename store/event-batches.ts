import type { EventRecord, EventType } from "../core/records";

/** Events of one run, committed together: a row of `event_batches`. */
export interface EventBatch {
  run: string;
  /** Of its first event; the others are numbered on. */
  seq: number;
  notable: boolean;
  /** JSON: `[Unix ms, type, step or null, data if there is any]` of each. */
  events: string;
}

/** So that a row stays below the 2 kB from which PostgreSQL would compress it. */
const MOST_EVENTS = 16;

const NOTABLE: ReadonlySet<EventType> = new Set<EventType>([
  "STEP_FAILURE",
  "STEP_LOST",
  "STEP_RELEASED",
  "STEP_UP_FOR_RETRY",
  "RUN_OWNER_CHANGED",
]);

/** What is rare and worth a mark: failures, losses, retries, take-overs. Batches without are not looked at for them. */
export const isNotable = (type: EventType): boolean => NOTABLE.has(type);

/** The rows that hold the events: those of a run in their order, in pieces of up to 16. */
export const eventBatches = (events: readonly EventRecord[]): EventBatch[] => {
  const open = new Map<string, EventRecord[]>();
  const batches: EventBatch[] = [];
  for (const event of events) {
    const begun = open.get(event.run);
    if (begun && begun.length < MOST_EVENTS && event.seq === begun[0]!.seq + begun.length) begun.push(event);
    else {
      if (begun) batches.push(batchOf(begun));
      open.set(event.run, [event]);
    }
  }
  for (const begun of open.values()) batches.push(batchOf(begun));
  return batches;
};

const batchOf = (events: readonly EventRecord[]): EventBatch => {
  const { run, seq } = events[0]!;
  const told = events.map(({ at, type, step, data }) => (data === null ? [at, type, step] : [at, type, step, data]));
  return { run, seq, notable: events.some(({ type }) => isNotable(type)), events: readable(told) };
};

/**
 * SQL cannot take an event out of JSON that holds a NUL or half of a surrogate pair anywhere: one such text would hide all
 * events of its batch. Step processes replace them; this is for what slips through.
 */
const readable = (told: unknown): string => {
  const text = JSON.stringify(told);
  if (!text.includes("\\u0000") && !text.includes("\\ud")) return text;
  return text.replace(ESCAPED, (_, before: string, code: string) => before + (code === "0000" ? "\u2400" : "\ufffd"));
};

/** Behind an even number of backslashes, which stand for themselves. Whole pairs are not escaped in JSON. */
const ESCAPED = /(?<!\\)((?:\\\\)*)\\u(0000|d[0-9a-f]{3})/g;
