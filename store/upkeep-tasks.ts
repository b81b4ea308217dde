import type { Queryable } from "./database";

export type UpkeepTask = "retention" | "storage";

/** Renewed with each piece of work; another process goes on with what a dead one has left. */
const LEASE = "interval '60 seconds'";

/** Takes a task that nobody holds and that was not done within `everyMs`. Any number of processes may ask. */
export const takeTask = async (
  db: Queryable,
  { task, owner, everyMs }: { task: UpkeepTask; owner: string; everyMs: number },
): Promise<boolean> => {
  const { rowCount } = await db.query(
    `update upkeep_tasks set owner = $2, lease_until = now() + ${LEASE}
     where name = $1 and (owner is null or lease_until < now())
       and (done_at is null or done_at <= now() - $3 * interval '1 millisecond')`,
    [task, owner, everyMs],
  );
  return rowCount === 1;
};

/** Says that its owner is at work. @returns false where it is another's by now. */
export const renewTask = async (db: Queryable, task: UpkeepTask, owner: string): Promise<boolean> => {
  const { rowCount } = await db.query(
    `update upkeep_tasks set lease_until = now() + ${LEASE} where name = $1 and owner = $2`,
    [task, owner],
  );
  return rowCount === 1;
};

/** Gives a task back. `done`: nobody need do it again for a while; else another may go on at once. */
export const leaveTask = async (
  db: Queryable,
  { task, owner, done }: { task: UpkeepTask; owner: string; done: boolean },
): Promise<void> => {
  await db.query(
    `update upkeep_tasks set owner = null, lease_until = null, done_at = case when $3 then now() else done_at end
     where name = $1 and owner = $2`,
    [task, owner, done],
  );
};
