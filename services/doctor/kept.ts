import { counted } from "../../core/counted";
import type { Database } from "../../store/database";
import type { Settings } from "../settings";
import type { Disk } from "./machine";
import { type Finding, room } from "./finding";

/** Bytes that the database takes with all that is in it. */
export const sizeOf = async (database: Database): Promise<number> => {
  const { rows } = await database.query<{ bytes: number }>("select pg_database_size(current_database()) as bytes");
  return Number(rows[0]!.bytes);
};

/** A disk of which no tenth is free, or less than the database takes already. */
const fills = ({ free, size }: Disk, taken: number): boolean => free < size / 10 || free < taken;

/**
 * How long runs are kept, and whether that fits.
 * @param taken bytes of the database; null: not known.
 * @param disk the one that it is on; null: it cannot be seen from here.
 */
export const checkRetention = (
  { retention: { days, bytes } }: Pick<Settings, "retention">,
  { taken, disk }: { taken: number | null; disk: Disk | null },
): Finding => {
  const so = taken === null ? "" : `; the database takes ${room(taken)}`;
  const most = bytes === null ? "" : `, at most ${room(bytes)} of them`;
  const text = `ended runs are kept ${days === null ? "for ever" : counted(days, "day")}${most}${so}`;
  if (bytes !== null && disk && bytes > disk.free + (taken ?? 0)) {
    const todo = "Set RETENTION_BYTES lower: the disk is full before.";
    return { check: "retention", state: "warning", text: `${text}, and ${room(disk.free)} more are free`, todo };
  }
  if (days !== null || bytes !== null || (disk && !fills(disk, taken ?? 0)))
    return { check: "retention", state: "ok", text };
  const why = disk ? `only ${room(disk.free)} are free` : "the room of its server cannot be seen from here";
  const todo = "Set RETENTION_DAYS or RETENTION_BYTES, or watch the server's disk.";
  return { check: "retention", state: "warning", text: `${text}, and ${why}`, todo };
};
