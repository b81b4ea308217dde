import type { GraphNode, GraphSnapshot, NodeInput } from "../../core/graph";
import { collect, from, generator, item, job, list, op } from "./graphs";

/** A number in [0, 2³²) that depends on all of the parts and on nothing else. */
export const hash = (...parts: (string | number)[]): number => {
  let h = 2166136261;
  for (const char of parts.join("/")) h = Math.imul(h ^ char.charCodeAt(0), 16777619);
  h = Math.imul(h ^ (h >>> 15), 2246822507);
  return (h ^ (h >>> 13)) >>> 0;
};

/** Numbers drawn one after the other from a seed: mulberry32. */
export const random = (seed: number) => {
  let state = seed;
  return (below: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
};

/**
 * A graph that the choices stand for: fewer and smaller choices make a smaller and plainer graph, so that a failing
 * example shrinks. Generators, maps up to three deep, collects that omit failures or not, lists, ordering, optional
 * outputs, retries, non-blocking steps, hooks.
 */
export const graphOf = (choices: readonly number[]): GraphSnapshot => {
  const nodes: GraphNode[] = [];
  choices.forEach((choice, i) => {
    const draw = random(choice);
    const pick = (below: number): number => (choice === 0 ? 0 : draw(below));
    const scopes = [[], ...nodes.filter(isOpenGenerator).map((node) => [...node.scope, node.name])];
    // The deeper ones stand behind: maps shall be frequent.
    const scope = scopes[Math.max(pick(scopes.length), pick(scopes.length))]!;
    nodes.push(nodeOf(`n${i}`, scope, nodes, pick));
  });
  const graph = job(...nodes);
  graph.hooks = { onSuccess: (choices[0] ?? 0) % 2 === 1, onFailure: (choices[1] ?? 0) % 2 === 1 };
  return graph;
};

const isOpenGenerator = (node: GraphNode): boolean => node.dynamic && node.scope.length < 3;

const nodeOf = (name: string, scope: string[], before: GraphNode[], pick: (below: number) => number): GraphNode => {
  const inputs: NodeInput[] = scope.length > 0 ? [item(scope.at(-1)!)] : [];
  const single = before.filter((node) => !node.dynamic && encloses(node.scope, scope));
  const many = before.filter((node) => collectable(node, scope));
  for (let n = pick(3); n > 0; n--) {
    const source = [...single, ...many][pick(single.length + many.length || 1)];
    if (!source) break;
    inputs.push(
      many.includes(source)
        ? collect(outputOf(source, pick), pick(2) ? { failed: "omit" } : {})
        : from(outputOf(source, pick)),
    );
  }
  if (pick(4) === 3 && single.length > 0)
    inputs.push(
      list(
        ...[...single.slice(-2), ...many.slice(-1)].map(
          (node) => (many.includes(node) ? "*" : "") + outputOf(node, pick),
        ),
      ),
    );
  const orderable = [...single, ...before.filter((node) => node.dynamic && encloses(node.scope, scope)), ...many];
  const shape = {
    over: scope,
    in: inputs,
    after: pick(4) === 3 && orderable.length > 0 ? [orderable[pick(orderable.length)]!.name] : [],
    retry: { maxRetries: pick(3), delayMs: pick(2) * 1_000 },
    blocking: pick(4) !== 3,
  };
  return pick(3) === 1 ? generator(name, shape) : op(name, { ...shape, out: ["result", "extra?"] });
};

const outputOf = (node: GraphNode, pick: (below: number) => number): string =>
  !node.dynamic && pick(3) === 2 ? `${node.name}:extra` : node.name;

const encloses = (outer: readonly string[], inner: readonly string[]): boolean =>
  outer.length <= inner.length && outer.every((name, i) => inner[i] === name);

/** Mapped one level below, or a generator outside. */
const collectable = (node: GraphNode, scope: readonly string[]): boolean =>
  node.dynamic
    ? encloses(node.scope, scope) && !scope.includes(node.name)
    : node.scope.length === scope.length + 1 && encloses(scope, node.scope);
