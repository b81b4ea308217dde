import { type AuditEntry, beginAudit, endAudit } from "../store/audit";
import type { Queryable } from "../store/database";
import { fromWire } from "./wire-errors";

/**
 * Does `act` on record: that it is tried is committed before it begins, so that no change is without a row whatever
 * happens in between; what became of it is written once it has ended.
 * @param resultOf the path of what it made.
 */
export const audited = async <T>(
  db: Queryable,
  entry: AuditEntry,
  act: () => Promise<T>,
  resultOf: (done: T) => string | null = () => null,
): Promise<T> => {
  const id = await beginAudit(db, entry);
  // Whoever asked is told what became of it, also where that cannot be written down.
  const end = (outcome: string, result: string | null): Promise<void> =>
    endAudit(db, id, { outcome, result }).catch(() => undefined);
  let done: T;
  try {
    done = await act();
  } catch (error) {
    await end(fromWire(error)?.code ?? "UNKNOWN", null);
    throw error;
  }
  await end("OK", resultOf(done));
  return done;
};
