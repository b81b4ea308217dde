import type { LogLine } from "../../core/messages";
import type { Database } from "../../store/database";

/** Lines as an owner writes them: one chunk of a step's attempt, behind all that are there. */
export const addLogs = async (
  db: Database,
  run: string,
  step: string,
  lines: readonly Omit<LogLine, "at">[],
  { attempt = 1, at = Date.now() } = {},
): Promise<void> => {
  await db.query(
    `insert into logs (run_id, step, attempt, seq, lines, at)
     values ($1, $2, $3, (select count(*) from logs where run_id = $1 and step = $2), $4, $5)`,
    [run, step, attempt, JSON.stringify(lines.map((line, i) => ({ at: at + i, ...line }))), new Date(at)],
  );
};
