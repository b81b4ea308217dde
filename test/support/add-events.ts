import type { EventRecord } from "../../core/records";
import type { Queryable } from "../../store/database";
import { eventBatches } from "../../store/event-batches";

/** Writes events of a run as a commit does. */
export const addEvents = async (
  db: Queryable,
  run: string,
  events: readonly (Pick<EventRecord, "seq" | "type"> & Partial<EventRecord>)[],
): Promise<void> => {
  const records = events.map((event) => ({ run, at: Date.now(), step: null, data: null, ...event }));
  for (const { seq, notable, events: told } of eventBatches(records))
    await db.query("insert into event_batches values ($1, $2, $3, $4)", [run, seq, notable, told]);
};
