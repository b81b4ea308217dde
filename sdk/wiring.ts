import type { GraphNode, InputSource, NodeInput } from "../core/graph";
import { suggestion } from "../core/nearest";
import { invalidDefinition } from "./definition-error";
import type { OpDefinition } from "./op";
import type { InputField } from "./schema";

/** Whose handle it is: a job while it is being defined. */
export interface Definition {
  readonly job: string;
}

/** A handle as it really is; authors see it as Handle, Collected or Mapped. */
export class Wired {
  constructor(
    readonly definition: Definition,
    readonly node: string,
    readonly output: string,
    /** Scope of the node itself. */
    readonly nodeScope: readonly string[],
    /** Generators that enclose a reader of this value, outermost first. */
    readonly scope: readonly string[],
    /** How many of the innermost of `scope` a map must enter first; 0 = it can be read. */
    readonly maps: number,
    /** Set for a collect: the generator that it closes. */
    readonly collect: { over: string; omitFailed: boolean } | null,
  ) {}

  /** The same value inside (or outside) of maps. */
  within(maps: number): Wired {
    return new Wired(this.definition, this.node, this.output, this.nodeScope, this.scope, maps, this.collect);
  }
}

/** Who reads: for the checks and their messages. */
export interface Reader {
  definition: Definition;
  op: string;
  scope: readonly string[];
}

const startsWith = (scope: readonly string[], start: readonly string[]): boolean =>
  start.length <= scope.length && start.every((name, i) => scope[i] === name);

/** @throws DqueueError INVALID_DEFINITION unless the value is a handle of this job. */
export const wiredOf = (value: unknown, reader: Reader, field: string): Wired => {
  const flaw = { job: reader.definition.job, op: reader.op, field };
  if (!(value instanceof Wired))
    throw invalidDefinition({
      ...flaw,
      problem: "was not given a handle",
      fix: "give what g.call, g.map or g.collect returned; constants belong into config",
    });
  if (value.definition !== reader.definition)
    throw invalidDefinition({
      ...flaw,
      problem: `was given the step "${value.node}" of ${value.definition.job === reader.definition.job ? "an earlier definition of this job" : `the job "${value.definition.job}"`}`,
      fix: "call the op in this job's own function",
    });
  return value;
};

/** Checks that the reader may read the handle, and returns the source. @throws DqueueError INVALID_DEFINITION. */
const sourceOf = (wired: Wired, reader: Reader, field: string): InputSource => {
  const flaw = { job: reader.definition.job, op: reader.op, field };
  if (wired.maps > 0)
    throw invalidDefinition({
      ...flaw,
      problem: `was given many values, one for each item of "${wired.scope.at(-1)}"`,
      fix: "use g.map to call the op for each, or g.collect to give it all as a list",
    });
  if (wired.collect && reader.scope.includes(wired.collect.over))
    throw invalidDefinition({
      ...flaw,
      problem: `was given a collect over "${wired.collect.over}" inside of a map over "${wired.collect.over}"`,
      fix: "give the collect to an op outside of the map and read that op's output inside of it",
    });
  if (!startsWith(reader.scope, wired.scope))
    throw invalidDefinition({
      ...flaw,
      problem: `was given "${wired.node}" from the inside of a map over "${wired.scope.at(-1)}"`,
      fix: "return it from the map's function, then g.map or g.collect what g.map returns",
    });
  const isItems = wired.collect?.over === wired.node;
  if (wired.collect && !isItems && wired.scope.length !== reader.scope.length)
    throw invalidDefinition({
      ...flaw,
      problem: `was given a collect over "${wired.collect.over}" inside of a map over "${reader.scope.at(-1)}"`,
      fix: "give the collect to an op outside of that map and read that op's output inside of it",
    });
  return { node: wired.node, output: wired.output, collect: wired.collect !== null };
};

/** Wires one input. @throws DqueueError INVALID_DEFINITION. */
const nodeInput = (field: InputField, given: unknown, reader: Reader): NodeInput => {
  const name = field.name === "" ? "in" : `in.${field.name}`;
  const handles = Array.isArray(given)
    ? given.map((one, i) => wiredOf(one, reader, `${name}[${i}]`))
    : [wiredOf(given, reader, name)];
  const first = handles[0];
  const list = Array.isArray(given) || first?.collect != null;
  if (list && !takesList(field))
    throw invalidDefinition({
      job: reader.definition.job,
      op: reader.op,
      field: name,
      problem: "was given a list, but its schema is not z.array(…)",
      fix: "declare the input as z.array(…) or stream(…)",
    });
  if (field.stream && !list)
    throw invalidDefinition({
      job: reader.definition.job,
      op: reader.op,
      field: name,
      problem: "is a stream, but was given a single value",
      fix: "give it a g.collect, or declare the input with z.array(…)",
    });
  return {
    name: field.name,
    sources: handles.map((wired) => sourceOf(wired, reader, name)),
    list,
    omitFailed: handles.some((wired) => wired.collect?.omitFailed),
    stream: field.stream,
  };
};

// Anything that is not plainly of another kind may accept an array: unions, pipes, lazies, any.
const takesList = (field: InputField): boolean =>
  field.stream ||
  !["string", "number", "boolean", "int", "object", "record", "enum", "null", "literal"].includes(
    field.schema._zod.def.type,
  );

/** Wires all inputs of an op. @throws DqueueError INVALID_DEFINITION. */
export const wireInputs = (op: OpDefinition, wiring: unknown, reader: Reader): GraphNode["inputs"] => {
  const whole = op.inputs.length === 1 && op.inputs[0]!.name === "";
  const byName = whole ? { "": wiring } : ((wiring ?? {}) as Record<string, unknown>);
  const flaw = { job: reader.definition.job, op: reader.op };
  if (!whole && (wiring instanceof Wired || Array.isArray(wiring) || typeof byName !== "object"))
    throw invalidDefinition({
      ...flaw,
      field: "in",
      problem: op.inputs.length === 0 ? "takes no input, but was given one" : "takes its inputs by name",
      fix:
        op.inputs.length === 0 ? "declare it with `in`" : `give { ${op.inputs.map((input) => input.name).join(", ")} }`,
    });
  const unknown = Object.keys(byName).find((name) => !op.inputs.some((input) => input.name === name));
  if (unknown !== undefined)
    throw invalidDefinition({
      ...flaw,
      field: `in.${unknown}`,
      problem: `there is no such input${suggestion(
        unknown,
        op.inputs.map(({ name }) => name),
      )}`,
      fix: "declare it in the op's `in`",
    });
  return op.inputs
    .filter((field) => byName[field.name] !== undefined || !mayBeAbsent(field, flaw))
    .map((field) => nodeInput(field, byName[field.name], reader));
};

const mayBeAbsent = (field: OpDefinition["inputs"][number], flaw: { job: string; op: string }): boolean => {
  if (!field.stream && field.schema._zod.optin === "optional") return true;
  throw invalidDefinition({
    ...flaw,
    field: field.name === "" ? "in" : `in.${field.name}`,
    problem: "is not wired",
    fix: "give it a handle in g.call, or make its schema optional",
  });
};

/** The node that another one is to come after. @throws DqueueError INVALID_DEFINITION. */
export const orderedAfter = (wired: Wired, reader: Reader): string => {
  const deeper = wired.nodeScope.length - reader.scope.length;
  const fits =
    deeper > 0 ? deeper === 1 && startsWith(wired.nodeScope, reader.scope) : startsWith(reader.scope, wired.nodeScope);
  if (fits && !reader.scope.includes(wired.node)) return wired.node;
  throw invalidDefinition({
    job: reader.definition.job,
    op: reader.op,
    field: "after",
    problem: `cannot be ordered after "${wired.node}", which stands in another map`,
    fix: "order it after a step of the same map, of an enclosing one, or after a map that lies directly inside",
  });
};

/** All handles in a handle, a record or an array of them. */
export const handlesIn = (tree: unknown, reader: Reader, field: string): Wired[] => {
  if (Array.isArray(tree)) return tree.flatMap((one, i) => handlesIn(one, reader, `${field}[${i}]`));
  if (tree instanceof Wired || typeof tree !== "object" || tree === null) return [wiredOf(tree, reader, field)];
  return Object.entries(tree).flatMap(([name, one]) => handlesIn(one, reader, `${field}.${name}`));
};

/** The same shape with each handle replaced. */
export const mapHandles = (tree: unknown, change: (wired: Wired) => Wired): unknown => {
  if (tree instanceof Wired) return change(tree);
  if (Array.isArray(tree)) return tree.map((one) => mapHandles(one, change));
  if (typeof tree !== "object" || tree === null) return undefined;
  return Object.fromEntries(Object.entries(tree).map(([name, one]) => [name, mapHandles(one, change)]));
};
