import { DqueueError } from "../core/errors";
import type { SensorAnswer } from "../core/sensing";
import type { ClaimedSensor, Launched, Tick, TickEnd } from "../core/ticks";
import { readableText, storableError, whyUnstorable } from "./storable";

const LONGEST_CURSOR = 1_000_000;
const SHOWN_KEYS = 20;

/** A tick that changes nothing but its own record: nothing is launched and the cursor stands. */
export const failedTick = ({ definition, version, cursor, now }: ClaimedSensor, thrown: unknown): Tick => ({
  sensor: definition.name,
  version,
  startedAt: now,
  launches: [],
  cursor,
  end: () => ({ status: "FAILURE", skipReason: null, error: storableError(thrown) }),
  nextTickAfterMs: definition.minimumIntervalSeconds * 1000,
});

/** SUCCESS: something was launched. SKIPPED says why not, and which keys were passed over. */
export const endOf =
  (skipReason: string | null) =>
  ({ runIds, knownRunKeys }: Launched): TickEnd => {
    const reason = skipReason === null ? null : readableText(skipReason);
    if (runIds.length > 0) return { status: "SUCCESS", skipReason: reason, error: null };
    return { status: "SKIPPED", skipReason: reason ?? passedOver(knownRunKeys), error: null };
  };

const passedOver = (keys: readonly string[]): string | null => {
  if (keys.length === 0) return null;
  const shown = keys.slice(0, SHOWN_KEYS).map((key) => JSON.stringify(key));
  const rest = keys.length > SHOWN_KEYS ? ` and ${keys.length - SHOWN_KEYS} more` : "";
  return readableText(
    `Passed over ${keys.length} run key${keys.length === 1 ? "" : "s"} that launched a run before: ${shown.join(", ")}${rest}.`,
  );
};

/** The cursor after an answer. Fails with BAD_CURSOR: a cursor must come back as it was given, or not at all. */
export const nextCursor = (sensor: string, before: string | null, { cursor }: SensorAnswer): string | null => {
  if (cursor === undefined) return before;
  const problem = cursor === null ? null : cursorProblem(cursor);
  if (problem === null) return cursor;
  throw new DqueueError(
    "BAD_CURSOR",
    `Sensor "${sensor}" gave a cursor that cannot be kept: ${problem}. The old cursor stands.`,
    {
      pointer: "/cursor",
    },
  );
};

/** Why a cursor cannot be kept; null: it can. */
export const cursorProblem = (cursor: unknown): string | null => {
  if (typeof cursor !== "string")
    return `it is not a string but ${typeof cursor}: encode it, such as with JSON.stringify`;
  if (cursor.length > LONGEST_CURSOR) return `it has ${cursor.length} characters; ${LONGEST_CURSOR} is the limit`;
  return whyUnstorable(cursor);
};

/** Fails with BAD_SENSOR_ANSWER where user code answered with something else. */
export const checkedAnswer = (sensor: string, answer: SensorAnswer): SensorAnswer => {
  const { runRequests, skipReason } = (answer ?? {}) as Partial<Record<keyof SensorAnswer, unknown>>;
  const wrong = (pointer: string, what: string): never => {
    throw new DqueueError("BAD_SENSOR_ANSWER", `Sensor "${sensor}" answered with ${what}. Nothing was launched.`, {
      pointer,
    });
  };
  if (!Array.isArray(runRequests)) return wrong("/runRequests", "run requests that are not a list");
  if (skipReason != null && typeof skipReason !== "string")
    return wrong("/skipReason", "a skip reason that is not a string");
  return { ...answer, skipReason: (skipReason as string | null | undefined) ?? null };
};
