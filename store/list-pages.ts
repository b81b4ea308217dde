import { DqueueError } from "../core/errors";
import type { GraphSnapshot } from "../core/graph";
import type { Json } from "../core/json";
import type { StoredValue } from "../core/messages";
import { compilePlan, type Plan, type PlanEdge } from "../core/plan";
import { parseStepKey, stepKey } from "../core/step-key";
import type { Queryable } from "./database";
import { graphOfRun } from "./graphs";
import { readValues } from "./read-values";
import { loadValues } from "./values";

/** A list input of a step, from a position on. */
export interface ListPageRequest {
  run: string;
  step: string;
  /** Name of the input; "" where it is the op's whole input. */
  input: string;
  /** 0, or the `next` of the page before. */
  offset: number;
  /** How many positions the page spans at most: 2,000 where nothing is said. */
  rows?: number;
}
/** Elements of the list; perhaps none, though more follow. `next` is null at the end. */
export interface LoadedListPage {
  values: Json[];
  next: number | null;
}

/** A step of `items` as items_in_order finds it. */
const ofStep = (column: string, step: string): string =>
  `hashtextextended(${column}, 0) = hashtextextended(${step} collate "C", 0) and ${column} = ${step}`;

const PAGE_ROWS = 2_000;
const PAGE_BYTES = 1024 * 1024;

/** Where the elements of one source stand: positions 0 to `count` − 1, some of which may hold none. */
type Segment =
  | { kind: "output"; step: string; output: string; count: 1 }
  | { kind: "items"; generator: string; count: number }
  | { kind: "outputs"; generator: string; node: string; path: readonly string[]; output: string; count: number };

/**
 * A page of a list input, in the order of the list: outputs or items of each source, those of a generator in the order
 * in which its items were committed; what was skipped or did not come is left out. About 1 MiB and at most 2,000
 * elements; values that stand by reference are read in. Fails with LIST_NOT_FOUND.
 */
export const loadListPage = async (db: Queryable, request: ListPageRequest): Promise<LoadedListPage> => {
  const segments = await countedSegments(db, request.run, await edgesOf(db, request), request);
  let start = 0;
  for (const segment of segments) {
    const at = request.offset - start;
    if (at < segment.count) return readPage(db, request, segment, { start, at, last: segment === segments.at(-1) });
    start += segment.count;
  }
  return { values: [], next: null };
};

const plans = new WeakMap<GraphSnapshot, Plan>();
const planOf = (graph: GraphSnapshot): Plan => {
  let plan = plans.get(graph);
  if (!plan) plans.set(graph, (plan = compilePlan(graph)));
  return plan;
};

const edgesOf = async (db: Queryable, { run, step, input }: ListPageRequest): Promise<PlanEdge[]> => {
  const graph = await graphOfRun(db, run);
  const parsed = parseStepKey(step);
  const node = graph && parsed && planOf(graph).nodes.get(parsed.node);
  const found = node?.inputs.find(({ name }) => name === input);
  if (found) return found.edges;
  throw new DqueueError("LIST_NOT_FOUND", `There is no input "${input}" of the step "${step}" in the run ${run}.`);
};

const countedSegments = async (
  db: Queryable,
  run: string,
  edges: readonly PlanEdge[],
  { step }: ListPageRequest,
): Promise<Segment[]> => {
  const { path } = parseStepKey(step)!;
  const segments = edges.map((edge) => segmentOf(edge, path));
  const generators = segments.flatMap((segment) => (segment.kind === "output" ? [] : [segment.generator]));
  if (generators.length === 0) return segments;
  const { rows } = await db.query<{ step: string; count: number }>(
    `select step, (select i.ordinal + 1 from items i
                   where i.run_id = $1 and ${ofStep("i.step", "s.step")} order by i.ordinal desc limit 1) as count
     from steps s where run_id = $1 and step = any($2::text[])`,
    [run, generators],
  );
  const counts = new Map(rows.map((row) => [row.step, row.count ?? 0]));
  for (const segment of segments) if (segment.kind !== "output") segment.count = counts.get(segment.generator) ?? 0;
  return segments;
};

const segmentOf = ({ kind, source, output }: PlanEdge, path: readonly string[]): Segment => {
  const { name } = source.spec;
  const own = path.slice(0, source.scope.length);
  if (kind === "items") return { kind: "items", generator: stepKey(name, own), count: 0 };
  if (kind !== "collect") return { kind: "output", step: stepKey(name, own), output: output!, count: 1 };
  const generator = source.scope.at(-1)!;
  return {
    kind: "outputs",
    generator: stepKey(generator.spec.name, path.slice(0, generator.scope.length)),
    node: name,
    path,
    output: output!,
    count: 0,
  };
};

/** What stands at a position; null: nothing. */
type Placed = { ordinal: number; stored: StoredValue | null };

const readPage = async (
  db: Queryable,
  { run, rows = PAGE_ROWS }: ListPageRequest,
  segment: Segment,
  { start, at, last }: { start: number; at: number; last: boolean },
): Promise<LoadedListPage> => {
  const placed = await readSegment(db, run, segment, at, rows);
  const stored: StoredValue[] = [];
  let bytes = 0;
  let upTo = Math.min(at + rows, segment.count);
  for (const { ordinal, stored: value } of placed) {
    if (value === null) continue;
    bytes += "ref" in value ? value.size : JSON.stringify(value.value).length;
    if (stored.length > 0 && bytes > PAGE_BYTES) {
      upTo = ordinal;
      break;
    }
    stored.push(value);
  }
  return { values: await resolve(db, stored), next: last && upTo >= segment.count ? null : start + upTo };
};

const readSegment = async (
  db: Queryable,
  run: string,
  segment: Segment,
  at: number,
  most: number,
): Promise<Placed[]> => {
  if (segment.kind === "output") {
    const [stored] = await readValues(db, [{ run, step: segment.step, output: segment.output }]);
    return [{ ordinal: 0, stored: stored ?? null }];
  }
  if (segment.kind === "items") {
    const { rows } = await db.query<{ ordinal: number; value: StoredValue }>(
      `select ordinal, value from items
       where run_id = $1 and ${ofStep("step", "$2")} and ordinal >= $3 and ordinal < $3 + $4 order by ordinal`,
      [run, segment.generator, at, most],
      "dqueue_page_of_items",
    );
    return rows.map(({ ordinal, value }) => ({ ordinal, stored: value }));
  }
  const { rows } = await db.query<{ ordinal: number; outputs: Record<string, StoredValue> }>(
    `select i.ordinal, s.outputs
     from items i join steps s on s.run_id = $1 and s.step = $4 || i.key || ']' and s.status = 'SUCCESS'
     where i.run_id = $1 and ${ofStep("i.step", "$2")} and i.ordinal >= $3 and i.ordinal < $3 + $5 order by i.ordinal`,
    [run, segment.generator, at, `${stepKey(segment.node, segment.path)}[`, most],
    "dqueue_page_of_outputs",
  );
  return rows.map(({ ordinal, outputs }) => ({ ordinal, stored: outputs[segment.output] ?? null }));
};

/** Reads references in. One that is gone is an error: a list with a hole would be a wrong value. */
const resolve = async (db: Queryable, stored: readonly StoredValue[]): Promise<Json[]> => {
  const refs = stored.flatMap((value) => ("ref" in value ? [value.ref] : []));
  const loaded = refs.length > 0 ? await loadValues(db, refs) : new Map<string, Json>();
  return stored.map((value) => {
    if (!("ref" in value)) return value.value;
    const found = loaded.get(value.ref);
    if (found !== undefined) return found;
    throw new DqueueError("VALUE_NOT_FOUND", `The value ${value.ref} is not in the database any more.`);
  });
};
