import type { StepError } from "./errors";
import type { SensorDefinition } from "./graph";
import type { JsonObject } from "./json";
import type { Selection } from "./records";
import type { EndedRun } from "./sensing";

/** A due sensor that this daemon may evaluate now: nobody else does while its lease lasts. */
export interface ClaimedSensor {
  definition: SensorDefinition;
  /** As read: a start, a stop or a new cursor in the meantime makes the tick void. */
  version: number;
  cursor: string | null;
  /** Of the database, in ms since the epoch; so are all times here. */
  now: number;
  lastTickAt: number | null;
}

/** A run that a tick launches, unless its run key has launched one before. */
export interface Launch {
  job: string;
  graphId: string;
  codeVersion: string;
  runKey: string | null;
  config: JsonObject;
  tags: Record<string, string>;
  priority: number;
  /** What of it runs; absent or null: everything. */
  selection?: Selection[] | null;
}

/** What a tick's launches came to. */
export interface Launched {
  runIds: string[];
  /** Keys asked for that had launched a run before, in the order of the requests. */
  knownRunKeys: string[];
}

/** A tick that stands in the database. */
export interface CommittedTick extends Launched {
  id: string;
  endedAt: number;
}

export type TickEnd =
  | { status: "SUCCESS" | "SKIPPED"; skipReason: string | null; error: null }
  | { status: "FAILURE"; skipReason: null; error: StepError };

/** What an evaluation is to change, in one transaction or not at all. */
export interface Tick {
  sensor: string;
  version: number;
  startedAt: number;
  launches: Launch[];
  cursor: string | null;
  /** How the tick has ended, once it is known which keys are new. */
  end: (launched: Launched) => TickEnd;
  /** From the tick's start on; what has passed by then is due at once. */
  nextTickAfterMs: number;
}

/** Runs that ended since a run-status sensor's cursor, in order. */
export interface EndedRunPage {
  runs: { run: EndedRun; /** Where the sensor stands once it has seen this run. */ cursor: string }[];
  /** Where it stands once it has seen them all. */
  cursor: string;
  /** "now": a full page, more follows; "soon": some are committed but not yet safe to read in order. */
  more: "now" | "soon" | null;
}
