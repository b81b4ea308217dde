import type { AccessRole } from "../core/access";
import type { JsonObject } from "../core/json";
import type { Queryable } from "./database";
import { type Page, type PageRequest, pageOf, readCursor } from "./queries/paging";
import { withTimes } from "./queries/runs";

/** Who did something, and how that is known. */
export interface Actor {
  /** "local": it was asked of nobody. */
  kind: "local" | "key" | "session" | "database" | "setting" | "repl";
  /** Of a key: its id; null where nothing had to be shown. */
  id: string | null;
  name: string;
  role: AccessRole;
}

/** A change that somebody wants to make. Never with a secret in it. */
export interface AuditEntry {
  actor: Actor;
  /** As the API names the operation, e.g. "cancelRun". */
  action: string;
  /** What is changed, as its path in the API: "runs/0198…", "sensors/new_files". */
  object: string;
  /** Facts that the object does not tell. */
  details: JsonObject;
  /** Where it was asked from; null: here. */
  address: string | null;
  /** What a proxy says of that. */
  forwardedFor: string | null;
}

/** A row of the audit log. */
export interface AuditRow {
  id: number;
  at: string;
  actor_kind: Actor["kind"];
  actor_id: string | null;
  actor: string;
  role: AccessRole;
  action: string;
  object: string;
  details: JsonObject;
  /** "OK", or the code of the problem; null: not known. */
  outcome: string | null;
  result: string | null;
  address: string | null;
  forwarded_for: string | null;
}

/** Writes down that a change is about to be tried. @returns the row's id. */
export const beginAudit = async (db: Queryable, entry: AuditEntry): Promise<number> => {
  const { actor, action, object, details, address, forwardedFor } = entry;
  const { rows } = await db.query<{ id: number }>(
    `insert into audit (at, actor_kind, actor_id, actor, role, action, object, details, address, forwarded_for)
     values (clock_timestamp(), $1, $2, $3, $4, $5, $6, $7, $8, $9) returning id`,
    [
      ...[actor.kind, actor.id, actor.name, actor.role, action, object],
      ...[JSON.stringify(details), address, forwardedFor],
    ],
    "dqueue_audit_begin",
  );
  return rows[0]!.id;
};

/** Writes down what became of it. @param result what it made, as its path in the API. */
export const endAudit = async (
  db: Queryable,
  id: number,
  { outcome, result }: { outcome: string; result: string | null },
): Promise<void> => {
  await db.query(`update audit set outcome = $2, result = $3 where id = $1`, [id, outcome, result], "dqueue_audit_end");
};

export interface AuditFilter {
  /** Name or id of the actor. */
  actor?: string | undefined;
  action?: string | undefined;
  /** A path: of one object, or of all below it ("runs"). */
  object?: string | undefined;
  /** Where it was asked from, or what a proxy says of that. */
  address?: string | undefined;
  after?: string | undefined;
  before?: string | undefined;
}

const COLUMNS =
  "id, at, actor_kind, actor_id, actor, role, action, object, details, outcome, result, address, forwarded_for";

/** A page of the log, newest first. By audit_pkey. */
export const listAudit = async (
  db: Queryable,
  filter: AuditFilter,
  { limit, cursor }: PageRequest,
): Promise<Page<AuditRow>> => {
  const [below = null] = readCursor(cursor, filter, ["integer"]) ?? [];
  const { actor = null, action = null, object = null, address = null, after = null, before = null } = filter;
  const { rows } = await db.query(
    `select ${COLUMNS} from audit
     where ($1::bigint is null or id < $1)
       and ($2::text is null or actor = $2 or actor_id = $2)
       and ($3::text is null or action = $3)
       and ($4::text is null or object = $4 or starts_with(object, $4 || '/') or result = $4)
       and ($5::timestamptz is null or at >= $5) and ($6::timestamptz is null or at < $6)
       and ($7::text is null or address = $7 or forwarded_for = $7)
     order by id desc limit $8`,
    [below, actor, action, object, after, before, address, limit + 1],
  );
  return pageOf(
    rows.map((row) => withTimes<AuditRow>(row)),
    limit,
    filter,
    ({ id }) => [id],
    (row) => row,
  );
};
