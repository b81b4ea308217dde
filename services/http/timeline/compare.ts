import type { Json, JsonObject } from "../../../core/json";
import { nodeOfKey } from "../../../core/step-key";
import { durationOf, quantile } from "./groups";
import type { RunInHand } from "./runs-in-hand";

/** Steps that are told one by one: those that changed most. */
const MOST_STEPS = 200;
const MOST_DIFFERENCES = 200;

/** Two runs side by side: configs by pointer, nodes, and steps matched by their keys, those that changed most first. */
export const compareRuns = (a: RunInHand, b: RunInHand) => {
  const places = new Map(b.columns.keys.map((key, place) => [key, place]));
  const matched = a.columns.keys.flatMap((key, place) => {
    const other = places.get(key);
    return other === undefined ? [] : [stepOf(key, [a, place], [b, other])];
  });
  const changed = matched.filter(({ status }) => status[0] !== status[1]).length;
  matched.sort((one, two) => weightOf(two) - weightOf(one) || (one.key < two.key ? -1 : 1));
  const differences = [...differencesOf(a.run.config, b.run.config, "")];
  return {
    runs: [headOf(a), headOf(b)],
    config: differences.slice(0, MOST_DIFFERENCES),
    config_complete: differences.length <= MOST_DIFFERENCES,
    nodes: nodesOf(a, b),
    matched: matched.length,
    only: [a.columns.count - matched.length, b.columns.count - matched.length],
    status_changed: changed,
    steps: matched.slice(0, MOST_STEPS),
    steps_complete: matched.length <= MOST_STEPS,
  };
};

const headOf = ({ run, now, columns }: RunInHand) => {
  const { id, job, status, created_at, started_at, ended_at, code_version, graph_id, tags, priority } = run;
  const started = started_at === null ? null : Date.parse(started_at) - columns.origin;
  return {
    ...{ id, job, status, created_at, started_at, ended_at, code_version, graph_id, tags, priority },
    duration_ms: started === null ? null : now - started,
    steps: columns.count,
  };
};

/** In pairs: of the first run, of the second. */
interface ComparedStep {
  key: string;
  status: [string, string];
  attempt: [number, number];
  duration_ms: [number | null, number | null];
  /** How much longer the second took; null: one of them did not run. */
  change_ms: number | null;
}

const stepOf = (key: string, ...[a, b]: [[RunInHand, number], [RunInHand, number]]): ComparedStep => {
  const pair = <T>(of: (run: RunInHand, place: number) => T): [T, T] => [of(...a), of(...b)];
  const duration_ms = pair(({ columns, now }, place) => {
    const ms = durationOf(columns, place, now);
    return Number.isNaN(ms) ? null : ms;
  });
  const [before, after] = duration_ms;
  return {
    key,
    status: pair(({ columns }, place) => columns.statuses[place]!),
    attempt: pair(({ columns }, place) => columns.attempts[place]!),
    duration_ms,
    change_ms: before === null || after === null ? null : after - before,
  };
};

/** Another end weighs more than any time. */
const weightOf = ({ status, change_ms }: ComparedStep): number =>
  (status[0] === status[1] ? 0 : Number.MAX_SAFE_INTEGER / 2) + Math.abs(change_ms ?? 0);

const nodesOf = (a: RunInHand, b: RunInHand) => {
  const [of, other] = [durationsOf(a), durationsOf(b)];
  return [...new Set([...of.keys(), ...other.keys()])].map((node) => {
    const pair = [of.get(node), other.get(node)];
    const p50 = (found: Durations | undefined): number | null =>
      found ? quantile(Float64Array.from(found.ms).sort(), 0.5) : null;
    return { node, count: pair.map((found) => found?.count ?? 0), p50_ms: pair.map(p50) };
  });
};

interface Durations {
  count: number;
  ms: number[];
}

const durationsOf = ({ columns }: RunInHand): Map<string, Durations> => {
  const nodes = new Map<string, Durations>();
  columns.keys.forEach((key, place) => {
    const node = nodeOfKey(key);
    const found = nodes.get(node) ?? { count: 0, ms: [] };
    nodes.set(node, found);
    found.count++;
    const ms = columns.ended[place]! - columns.started[place]!;
    if (!Number.isNaN(ms)) found.ms.push(ms);
  });
  return nodes;
};

interface Difference {
  pointer: string;
  /** Of each run; absent (undefined) where it has no such value. */
  a?: Json;
  b?: Json;
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function* differencesOf(a: Json | undefined, b: Json | undefined, pointer: string): Generator<Difference> {
  if (isObject(a) && isObject(b)) {
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)]))
      yield* differencesOf(a[key], b[key], `${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`);
  } else if (JSON.stringify(a) !== JSON.stringify(b))
    yield { pointer, ...(a !== undefined && { a }), ...(b !== undefined && { b }) };
}
