import type { GraphNode, RetryPolicy } from "../core/graph";
import { hasBrand } from "./brand";
import { assertSynchronous, checkName, checkStepOptions, NO_RETRY, retryPolicy, STEP_OPTIONS } from "./checks";
import { checkFixedConfig, configKeys } from "./config-schema";
import { invalidDefinition, shown } from "./definition-error";
import type { CallOptions, GraphBuilder, GraphDefinition } from "./graph-types";
import type { OpDefinition } from "./op";
import { RESULT } from "./op";
import type { OptionNames } from "./options";
import { checkOptions } from "./options";
import type { Definition, Reader } from "./wiring";
import { handlesIn, mapHandles, orderedAfter, wireInputs, Wired, wiredOf } from "./wiring";

const CALL_OPTIONS: OptionNames<CallOptions> = { as: true, config: true, retry: true, blocking: true, ...STEP_OPTIONS };
/** Of the call of a sub-graph: the rest is set on the calls inside of it. */
const GRAPH_CALL_OPTIONS = { as: true, blocking: true } as const;
const MAP_OPTIONS = { blocking: true } as const;
const COLLECT_OPTIONS = { failed: true } as const;

/** Where calls go at the moment. */
interface Frame {
  prefix: string;
  scope: readonly string[];
  after: readonly Wired[];
  blocking: boolean;
}

/** Turns the calls of a job's function into graph nodes. */
export class GraphAssembly {
  readonly nodes: GraphNode[] = [];
  readonly ops = new Map<string, OpDefinition>();
  /** The builder that the job's function gets. */
  readonly builder: GraphBuilder;
  private readonly taken = new Set<string>();
  private readonly counts = new Map<string, number>();
  private frame: Frame = { prefix: "", scope: [], after: [], blocking: true };
  private sealed = false;

  constructor(
    private readonly definition: Definition,
    private readonly jobRetry: RetryPolicy | null,
  ) {
    this.builder = {
      ...this.callers([]),
      collect: (items: unknown, options?: { failed?: "omit" }) => this.collect(items, options),
      after: (earlier: unknown) => this.callers(handlesIn(earlier, this.reader("g.after"), "after")),
    } as GraphBuilder;
  }

  /** No call is accepted any more. */
  seal(): void {
    this.sealed = true;
  }

  private callers(after: readonly Wired[]): Pick<GraphBuilder, "call" | "map"> {
    const ordered = <T>(work: () => T): T =>
      after.length === 0 ? work() : this.inFrame({ after: [...this.frame.after, ...after] }, work);
    return {
      call: (target: unknown, wiring?: unknown, options: CallOptions = {}) =>
        ordered(() => this.call(target, wiring, options)),
      map: (items: unknown, target: unknown, options: CallOptions = {}) =>
        ordered(() => this.map(items, target, options)),
    } as Pick<GraphBuilder, "call" | "map">;
  }

  private call(target: unknown, wiring: unknown, options: CallOptions): unknown {
    this.assertOpen();
    if (hasBrand("op", target)) return this.callOp(target as OpDefinition, wiring, options);
    if (hasBrand("graph", target)) return this.callGraph(target as GraphDefinition, wiring, options);
    throw invalidDefinition({
      job: this.definition.job,
      problem: `g.call was given ${shown(target)}, which is neither an op nor a sub-graph`,
      fix: "give what op(…), commandOp(…) or graph(…) returned",
    });
  }

  private callGraph(target: GraphDefinition, inputs: unknown, options: CallOptions): unknown {
    const name = this.nameNode(target.name, options.as);
    const place = { job: this.definition.job, op: name };
    for (const key of Object.keys(options))
      if (key in CALL_OPTIONS && !(key in GRAPH_CALL_OPTIONS))
        throw invalidDefinition({
          ...place,
          field: key,
          problem: "is an option of ops, but this is a sub-graph",
          fix: "set it on the calls inside of the sub-graph",
        });
    checkOptions(options, GRAPH_CALL_OPTIONS, place);
    const outputs = this.inFrame(
      { prefix: `${name}.`, blocking: this.frame.blocking && options.blocking !== false },
      () => target.build(this.builder, inputs),
    );
    assertSynchronous(outputs, place);
    return outputs;
  }

  private callOp(op: OpDefinition, wiring: unknown, options: CallOptions): unknown {
    const name = this.nameNode(op.name, options.as);
    const place = { job: this.definition.job, op: name };
    const { scope } = this.frame;
    this.register(op);
    checkOptions(options, CALL_OPTIONS, place);
    checkStepOptions(options, place);
    const retry = options.retry ? retryPolicy(options.retry, place) : (op.retry ?? this.jobRetry ?? NO_RETRY);
    const config = options.config ? checkFixedConfig(op, options.config, place) : null;
    const reader = this.reader(name);
    this.nodes.push({
      name,
      op: op.name,
      scope: [...scope],
      dynamic: op.dynamic,
      outputs: op.outputs.map((output) => ({ name: output.name, optional: output.optional })),
      inputs: wireInputs(op, wiring, reader),
      after: [...new Set(this.frame.after.map((earlier) => orderedAfter(earlier, reader)))],
      config,
      configKeys: configKeys(op).filter((key) => !Object.hasOwn(config ?? {}, key)),
      retry,
      timeoutMs: options.timeoutMs === undefined ? op.timeoutMs : options.timeoutMs,
      queue: options.queue ?? op.queue,
      priority: options.priority ?? op.priority,
      pool: options.pool === undefined ? op.pool : options.pool,
      tags: { ...op.tags, ...options.tags },
      blocking: this.frame.blocking && options.blocking !== false,
    });
    const handle = (output: string): Wired => {
      const inside = op.dynamic ? [...scope, name] : scope;
      return new Wired(this.definition, name, output, scope, inside, op.dynamic ? 1 : 0, null);
    };
    if (!op.named) return handle(RESULT);
    return Object.fromEntries(op.outputs.map((output) => [output.name, handle(output.name)]));
  }

  private map(items: unknown, target: unknown, options: CallOptions): unknown {
    this.assertOpen();
    const label = hasBrand("op", target) || hasBrand("graph", target) ? (target as { name: string }).name : "g.map";
    const item = wiredOf(items, this.reader(label), "items");
    if (item.maps === 0)
      throw invalidDefinition({
        job: this.definition.job,
        op: label,
        problem: `g.map was given "${item.node}", which is one value and not the items of a generator`,
        fix: "declare its op with out: dynamic(…), or use g.call",
      });
    const outside = this.frame.scope;
    this.assertInside(item, label);
    const { scope, maps } = item;
    const place = { job: this.definition.job, op: label };
    const isFunction = typeof target === "function" && !hasBrand("op", target);
    if (isFunction) checkOptions(options, MAP_OPTIONS, place);
    const blocking = this.frame.blocking && options.blocking !== false;
    const result = this.inFrame({ scope, blocking }, () =>
      isFunction
        ? (target as (one: unknown) => unknown)(item.within(0))
        : this.call(target, this.singleWiring(target, item.within(0)), options),
    );
    assertSynchronous(result, place);
    return mapHandles(result, (wired) => {
      const inner = wiredOf(wired, this.reader(label), "map");
      if (
        inner.scope.length - inner.maps === scope.length &&
        inner.scope.length > outside.length &&
        scope.every((s, i) => inner.scope[i] === s)
      )
        return inner.within(inner.maps + maps);
      throw invalidDefinition({
        job: this.definition.job,
        op: label,
        problem: `the map's function returns "${inner.node}", which stands outside of the map`,
        fix: "return only what was called inside of the map; read the other one directly",
      });
    });
  }

  /** An op with one named input takes the item by that name. */
  private singleWiring(target: unknown, item: Wired): unknown {
    if (!hasBrand("op", target)) return item;
    const { inputs, name } = target as OpDefinition;
    if (inputs.length === 1 && inputs[0]!.name === "") return item;
    throw invalidDefinition({
      job: this.definition.job,
      op: name,
      field: "in",
      problem: `takes ${inputs.length === 0 ? "no input" : "inputs by name"}, so g.map cannot give it the item alone`,
      fix: "map with a function: g.map(items, (item) => g.call(op, { … }))",
    });
  }

  private collect(items: unknown, options: { failed?: unknown } = {}): unknown {
    this.assertOpen();
    const wired = wiredOf(items, this.reader("g.collect"), "items");
    const flaw = { job: this.definition.job, op: wired.node, field: "collect" };
    checkOptions(options, COLLECT_OPTIONS, { job: flaw.job, op: flaw.op }, flaw.field);
    if (options.failed !== undefined && options.failed !== "omit")
      throw invalidDefinition({
        ...flaw,
        field: "collect.failed",
        problem: `${shown(options.failed)} is impossible`,
        fix: 'give "omit", or leave it out: then one failure skips the collect',
      });
    if (wired.collect)
      throw invalidDefinition({
        ...flaw,
        problem: `it is collected already (over "${wired.collect.over}"), and a list of lists has no step of its own`,
        fix: "map an op over the inner collect first, g.map(g.collect(x), op), then collect that op",
      });
    if (wired.maps === 0)
      throw invalidDefinition({
        ...flaw,
        problem: "it is one value and not mapped, so there is nothing to collect",
        fix: "collect what g.map or a generator's call returned; give several handles to a list input as an array",
      });
    this.assertInside(wired, "g.collect");
    const collect = { over: wired.scope.at(-1)!, omitFailed: options.failed === "omit" };
    const { definition, node, output, nodeScope, scope, maps } = wired;
    return new Wired(definition, node, output, nodeScope, scope.slice(0, -1), maps - 1, collect);
  }

  /** The outermost map that a mapped handle stands for must begin where we are. */
  private assertInside(wired: Wired, label: string): void {
    const begins = wired.scope.length - wired.maps;
    const here = this.frame.scope;
    const clash = wired.scope.slice(begins).find((generator) => here.includes(generator));
    if (clash === undefined && wired.scope.slice(0, begins).every((generator, i) => here[i] === generator)) {
      if (begins === here.length || label === "g.collect") return;
      throw invalidDefinition({
        job: this.definition.job,
        op: label,
        problem: `"${wired.node}" is mapped outside of the map over "${here.at(-1)}", and maps cannot be crossed`,
        fix: "call its generator inside of this map, or collect it outside and read the list",
      });
    }
    throw invalidDefinition({
      job: this.definition.job,
      op: label,
      problem: `"${wired.node}" belongs to a map over "${clash ?? wired.scope[0]}", which this is ${clash ? "inside of already" : "outside of"}`,
      fix: clash ? "use the item that the map's function gets" : "return it from the map's function first",
    });
  }

  private nameNode(base: string, as: string | undefined): string {
    const place = { job: this.definition.job, op: base };
    if (as !== undefined) {
      checkName(as, place, "as");
      const name = this.frame.prefix + as;
      if (this.taken.has(name))
        throw invalidDefinition({
          ...place,
          field: "as",
          problem: `"${name}" is taken already`,
          fix: "choose another name",
        });
      this.taken.add(name);
      return name;
    }
    const full = this.frame.prefix + base;
    let count = this.counts.get(full) ?? 0;
    let name: string;
    do name = ++count === 1 ? full : `${full}_${count}`;
    while (this.taken.has(name));
    this.counts.set(full, count);
    this.taken.add(name);
    return name;
  }

  private register(op: OpDefinition): void {
    const known = this.ops.get(op.name);
    if (known !== undefined && known !== op)
      throw invalidDefinition({
        job: this.definition.job,
        op: op.name,
        field: "name",
        problem: "two different ops of one job have this name",
        fix: "rename one of them (the same op may be called as often as you like)",
      });
    this.ops.set(op.name, op);
  }

  private reader(op: string): Reader {
    return { definition: this.definition, op, scope: this.frame.scope };
  }

  private inFrame<T>(change: Partial<Frame>, work: () => T): T {
    const before = this.frame;
    this.frame = { ...before, ...change };
    try {
      return work();
    } finally {
      this.frame = before;
    }
  }

  private assertOpen(): void {
    if (!this.sealed) return;
    throw invalidDefinition({
      job: this.definition.job,
      problem: "its graph was altered after it had been defined",
      fix: "make all calls in the job's function itself, before it returns",
    });
  }
}
