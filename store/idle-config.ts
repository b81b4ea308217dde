import { isDeepStrictEqual } from "node:util";
import type { GraphSnapshot } from "../core/graph";
import type { JsonObject } from "../core/json";

/** A key of a re-execution's config that was changed and acts in nothing that runs; `nodes`: those that take it. */
export interface IdleConfig {
  key: string;
  nodes: string[];
}

/** Changed keys that act only in nodes of which no step runs: what is reused of them was made with the value before. */
export const idleConfig = (
  { nodes }: GraphSnapshot,
  { before, after }: { before: JsonObject; after: JsonObject },
  runs: ReadonlySet<string>,
): IdleConfig[] =>
  Object.keys(after)
    .filter((key) => !isDeepStrictEqual(before[key], after[key]))
    .map((key) => ({ key, nodes: nodes.filter(({ configKeys }) => configKeys?.includes(key)).map(({ name }) => name) }))
    .filter((idle) => idle.nodes.length > 0 && !idle.nodes.some((name) => runs.has(name)));
