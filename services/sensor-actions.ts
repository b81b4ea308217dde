import type { Context, ServiceActionsSchema } from "moleculer";
import { DqueueError } from "../core/errors";
import type { ClaimedSensor } from "../core/ticks";
import { cursorProblem } from "../sensors/outcome";
import type { Evaluate, TickStore } from "../sensors/ports";
import { tryOut, type Trial } from "../sensors/trial";
import type { Database } from "../store/database";
import { getSensor, listSensors, listTicks, setSensorCursor, setSensorStatus } from "../store/instigators";

interface Needs {
  readonly db: Database;
  readonly store: TickStore;
  readonly evaluate: Evaluate;
  readonly sensorNames: () => readonly string[];
  readonly timeoutMs?: number;
  /** After a start, a stop or a new cursor. */
  readonly changed: (sensor: string) => void;
}

type Named<More = unknown> = Context<{ name: string } & More>;

const NAME = { type: "string", min: 1, max: 1000 } as const;
const VERSION = { type: "number", integer: true, optional: true, convert: true } as const;
const LIMIT = { type: "number", integer: true, min: 1, max: 1000, default: 100, convert: true } as const;
const PLACE = { type: "string", optional: true } as const;

/** What may be asked of sensors. Rows come as the API shows them: snake_case, times as Dates. */
export const sensorActions = (needs: Needs): ServiceActionsSchema => {
  const { db } = needs;
  const change = async (name: string, work: Promise<void>) => {
    await work;
    needs.changed(name);
    return getSensor(db, name);
  };

  return {
    /** All sensors by name, with their last ticks: `{ items, next_cursor }`. */
    list: {
      params: { cursor: PLACE, limit: LIMIT },
      handler: (ctx: Context<{ cursor?: string; limit: number }>) =>
        listSensors(db, { after: ctx.params.cursor, limit: ctx.params.limit }),
    },
    get: { params: { name: NAME }, handler: (ctx: Named) => getSensor(db, ctx.params.name) },
    /** A sensor's ticks, newest first: `{ items, next_cursor }`. */
    ticks: {
      params: {
        name: NAME,
        status: { type: "enum", values: ["SKIPPED", "SUCCESS", "FAILURE"], optional: true },
        cursor: PLACE,
        limit: LIMIT,
      },
      handler: (ctx: Named<{ status?: string; cursor?: string; limit: number }>) => {
        const { name, status, cursor, limit } = ctx.params;
        return listTicks(db, { name, status, after: cursor, limit });
      },
    },
    /** Starts and stops answer with the sensor as `get` does. */
    start: {
      params: { name: NAME, version: VERSION },
      handler: (ctx: Named<{ version?: number }>) =>
        change(ctx.params.name, setSensorStatus(db, ctx.params.name, "RUNNING", ctx.params.version)),
    },
    stop: {
      params: { name: NAME, version: VERSION },
      handler: (ctx: Named<{ version?: number }>) =>
        change(ctx.params.name, setSensorStatus(db, ctx.params.name, "STOPPED", ctx.params.version)),
    },
    setCursor: {
      params: { name: NAME, cursor: { type: "string", nullable: true }, version: VERSION },
      handler: (ctx: Named<{ cursor: string | null; version?: number }>) => {
        const { name, cursor, version } = ctx.params;
        refuseBadCursor(cursor);
        return change(name, setSensorCursor(db, name, cursor, version));
      },
    },
    /**
     * Evaluates without effect, with the sensor's cursor or the one given, and answers what a tick would do. May
     * take as long as an evaluation: call it with a longer timeout than others.
     */
    test: {
      params: { name: NAME, cursor: { type: "string", nullable: true, optional: true } },
      handler: (ctx: Named<{ cursor?: string | null }>) => test(needs, ctx.params),
    },
  };
};

const refuseBadCursor = (cursor: string | null): void => {
  const problem = cursor === null ? null : cursorProblem(cursor);
  if (problem === null) return;
  throw new DqueueError("UNSTORABLE", `The cursor cannot be kept: ${problem}.`, { pointer: "/cursor" });
};

const test = async (
  { db, store, evaluate, sensorNames, timeoutMs = 60_000 }: Needs,
  { name, cursor }: { name: string; cursor?: string | null },
): Promise<Trial> => {
  const sensor = await getSensor(db, name);
  if (!sensorNames().includes(name)) {
    throw new DqueueError(
      "SERVICE_UNAVAILABLE",
      `The code of this daemon has no sensor "${name}", so it cannot be tried here.`,
    );
  }
  if (cursor != null) refuseBadCursor(cursor);
  const { rows } = await db.query<{ now: Date }>("select now() as now");
  const claimed: ClaimedSensor = {
    definition: sensor.definition,
    version: sensor.version,
    cursor: cursor === undefined ? sensor.cursor : cursor,
    now: rows[0]!.now.getTime(),
    lastTickAt: sensor.last_tick_at?.getTime() ?? null,
  };
  return tryOut({ store, evaluate, timeoutMs, signal: new AbortController().signal }, claimed);
};
