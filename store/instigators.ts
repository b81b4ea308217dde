import { DqueueError } from "../core/errors";
import type { Catalog, SensorDefinition } from "../core/graph";
import type { JsonObject } from "../core/json";
import type { Database, Queryable } from "./database";
import { CURSOR_OF_NOW, isRunCursor } from "./ended-runs";

/** A sensor as published, and its state. */
export interface SensorRow {
  name: string;
  kind: SensorDefinition["kind"];
  definition: SensorDefinition;
  code_version: string;
  status: "RUNNING" | "STOPPED";
  status_by_user: boolean;
  /** When it was last started or stopped; null: never, or before that was kept. */
  status_since: Date | null;
  version: number;
  /** When its definition or its code last changed. */
  published_at: Date;
  next_tick_at: Date;
  last_tick_at: Date | null;
  /** A daemon evaluates it now. */
  evaluating: boolean;
  last_tick: { id: string; status: string; started_at: string; skip_reason: string | null } | null;
  /** Absent in lists. */
  cursor?: string | null;
}

const SENSORS = "kind in ('sensor', 'run_status_sensor')";
const COLUMNS = `i.name, i.kind, i.definition, i.code_version, i.status, i.status_by_user, i.status_since, i.version, i.published_at,
  i.next_tick_at, i.last_tick_at, coalesce(i.lease_until > now(), false) as evaluating,
  (select json_build_object('id', t.id, 'status', t.status, 'started_at', t.started_at, 'skip_reason', left(t.skip_reason, 500))
   from ticks t where t.instigator = i.name order by t.started_at desc, t.id desc limit 1) as last_tick`;

/**
 * Publishes a code location's sensors. An older version of the code never replaces a newer one's definitions. A
 * default status counts until a user has started or stopped the sensor. What the newest version no longer has is
 * retired: it is in no list and no daemon has its code, but its cursor and history are there when it comes back.
 */
export const publishSensors = (db: Database, { codeVersion, sensors }: Omit<Catalog, "jobs">): Promise<void> =>
  db.transaction(async (tx) => {
    await tx.query(`insert into code_versions (code_version) values ($1) on conflict do nothing`, [codeVersion]);
    // In the order of names: two publishers at once must not wait for each other in a circle.
    const sorted = [...sensors].sort((a, b) => (a.name < b.name ? -1 : 1));
    await upsertSensors(tx, codeVersion, sorted);
    await tx.query(
      `update instigators set definition = (definition::jsonb || '{"retired": true}')::json, code_version = $2
       where name in (
         select name from instigators where ${SENSORS} and name <> all($1) and definition->'retired' is null
         order by name for update)
       and not exists (
         select from instigators join code_versions known using (code_version)
         where known.first_published_at > (select first_published_at from code_versions where code_version = $2))`,
      [sorted.map(({ name }) => name), codeVersion],
    );
  });

const upsertSensors = async (
  tx: Queryable,
  codeVersion: string,
  sorted: readonly SensorDefinition[],
): Promise<void> => {
  await tx.query(
    `insert into instigators as i (name, kind, definition, code_version, status, cursor)
     select name, kind, definition::json, $1, status, case when kind = 'run_status_sensor' then ${CURSOR_OF_NOW} end
     from unnest($2::text[], $3::text[], $4::text[], $5::text[]) as n (name, kind, definition, status)
     on conflict (name) do update set
       kind = excluded.kind, definition = excluded.definition, code_version = excluded.code_version,
       status = case when i.status_by_user then i.status else excluded.status end,
       cursor = case when i.kind = excluded.kind then i.cursor else excluded.cursor end,
       version = i.version + (i.kind <> excluded.kind)::int, published_at = now(),
       next_tick_at = least(i.next_tick_at,
         now() + (excluded.definition->>'minimumIntervalSeconds')::float8 * interval '1 second')
     where (i.definition::text, i.code_version) is distinct from (excluded.definition::text, excluded.code_version)
       and coalesce((select first_published_at from code_versions where code_version = i.code_version), '-infinity')
         <= (select first_published_at from code_versions where code_version = $1)`,
    [
      codeVersion,
      sorted.map(({ name }) => name),
      sorted.map(({ kind }) => kind),
      sorted.map((definition) => JSON.stringify(definition)),
      sorted.map(({ defaultStatus }) => defaultStatus),
    ],
  );
};

export interface Page<Row> {
  items: Row[];
  next_cursor: string | null;
}

/** Sensors by name, without their cursors. `after`: the name of the last one seen. */
export const listSensors = async (
  db: Queryable,
  { after, limit }: { after?: string; limit: number },
): Promise<Page<SensorRow>> => {
  const { rows } = await db.query<SensorRow>(
    `select ${COLUMNS} from instigators i
     where ${SENSORS} and i.definition->'retired' is null and ($1::text is null or name collate "C" > $1) order by name collate "C" limit $2`,
    [after ?? null, limit + 1],
  );
  const items = rows.slice(0, limit);
  return { items, next_cursor: rows.length > limit ? items.at(-1)!.name : null };
};

/** Fails with SENSOR_NOT_FOUND. */
export const getSensor = async (db: Queryable, name: string): Promise<SensorRow & { cursor: string | null }> => {
  const { rows } = await db.query<SensorRow & { cursor: string | null }>(
    `select ${COLUMNS}, i.cursor from instigators i where ${SENSORS} and name = $1`,
    [name],
  );
  if (!rows[0]) throw sensorNotFound(name);
  return rows[0];
};

export const sensorNotFound = (name: string): DqueueError =>
  new DqueueError(
    "SENSOR_NOT_FOUND",
    `There is no sensor "${name}". Those that there are: \`dqueue sensors\`, GET /api/sensors.`,
    {
      sensor: name,
    },
  );

/**
 * Starts or stops a sensor for good: its default status no longer counts. A tick under way is void then. A start is
 * due at once. To do what is done changes nothing. Fails with SENSOR_NOT_FOUND, or VERSION_CONFLICT where `version` is
 * given and it is no longer that.
 */
export const setSensorStatus = async (
  db: Queryable,
  name: string,
  status: "RUNNING" | "STOPPED",
  version?: number,
): Promise<void> => {
  const { rowCount } = await db.query(
    `update instigators set status_by_user = true, status = $2,
       version = version + (status <> $2)::int,
       status_since = case when status = $2 then status_since else clock_timestamp() end,
       next_tick_at = case when status = $2 then next_tick_at else now() end
     where ${SENSORS} and name = $1 and ($3::bigint is null or version = $3)`,
    [name, status, version ?? null],
  );
  if (rowCount === 0) await refuse(db, name);
};

/**
 * Gives a sensor another cursor (null: none, as before its first tick; a run-status sensor then sees what ends from now
 * on). A tick under way is void then. Run keys stay taken. Fails with SENSOR_NOT_FOUND, VERSION_CONFLICT, INVALID_BODY.
 */
export const setSensorCursor = async (
  db: Queryable,
  name: string,
  cursor: string | null,
  version?: number,
): Promise<void> => {
  const sensor = await getSensor(db, name);
  if (sensor.kind === "run_status_sensor" && cursor !== null && !isRunCursor(cursor)) {
    throw new DqueueError(
      "INVALID_BODY",
      `Sensor "${name}" watches runs: its cursor is "<transaction>:<run id>" as it gave it, or null to see what ends from now on.`,
      { pointer: "/cursor" },
    );
  }
  const { rowCount } = await db.query(
    `update instigators set version = version + 1,
       cursor = case when kind = 'run_status_sensor' then coalesce($2, ${CURSOR_OF_NOW}) else $2 end
     where ${SENSORS} and name = $1 and version = coalesce($3::bigint, version)`,
    [name, cursor, version ?? null],
  );
  if (rowCount === 0) await refuse(db, name);
};

const refuse = async (db: Queryable, name: string): Promise<never> => {
  const { version } = await getSensor(db, name);
  throw new DqueueError(
    "VERSION_CONFLICT",
    `Sensor "${name}" has changed since it was read (it is at version ${version} now). Read it again and repeat.`,
    { sensor: name, version },
  );
};

export interface TickRow {
  id: string;
  instigator: string;
  status: "STARTED" | "SKIPPED" | "SUCCESS" | "FAILURE";
  started_at: Date;
  ended_at: Date | null;
  skip_reason: string | null;
  error: JsonObject | null;
  cursor: string | null;
  run_ids: string[];
  known_run_keys: string[];
}

/** A sensor's ticks, newest first. By ticks_newest. Fails with SENSOR_NOT_FOUND, or INVALID_CURSOR for a foreign `after`. */
export const listTicks = async (
  db: Queryable,
  { name, status, after, limit }: { name: string; status?: string; after?: string; limit: number },
): Promise<Page<TickRow>> => {
  await getSensor(db, name);
  const [time, id] = after === undefined ? [null, null] : place(after);
  const { rows } = await db.query<TickRow & { place: string }>(
    `select *, (extract(epoch from started_at) * 1000000)::bigint::text || ' ' || id as place from ticks
     where instigator = $1 and ($2::text is null or status = $2)
       and ($3::bigint is null or (started_at, id) < (timestamptz 'epoch' + $3 * interval '1 microsecond', $4::uuid))
     order by started_at desc, id desc limit $5`,
    [name, status ?? null, time, id, limit + 1],
  );
  const items = rows.slice(0, limit);
  const next = rows.length > limit ? Buffer.from(items.at(-1)!.place).toString("base64url") : null;
  return { items: items.map(({ place: _place, ...tick }) => tick), next_cursor: next };
};

const place = (after: string): [string, string] => {
  const found = /^(\d{1,18}) ([0-9a-f-]{36})$/.exec(Buffer.from(after, "base64url").toString());
  if (found) return [found[1]!, found[2]!];
  throw new DqueueError("INVALID_CURSOR", "The page's cursor is not one that a list of ticks has given.", {
    pointer: "/cursor",
  });
};

/** Makes run-status sensors that watch one of these statuses due, unless the last tick failed: that keeps its pace. */
export const wakeRunStatusSensors = async (db: Queryable, statuses: readonly string[]): Promise<boolean> => {
  const { rowCount } = await db.query(
    `update instigators i set next_tick_at = now()
     where kind = 'run_status_sensor' and status = 'RUNNING' and (next_tick_at > now() or lease_owner is not null)
       and exists (select 1 from json_array_elements_text(definition->'runStatuses') as watched where watched = any($1))
       and 'FAILURE' is distinct from (
         select t.status from ticks t where t.instigator = i.name order by t.started_at desc, t.id desc limit 1)`,
    [statuses],
  );
  return rowCount > 0;
};
