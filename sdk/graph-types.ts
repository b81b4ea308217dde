import type { JsonObject } from "../core/json";
import type { RetryOptions, StepOptions } from "./checks";
import type { Callable, CollectOf, Handle, HandleTree, Innermost, Lift, Mapped, NotCollected } from "./handle";

/** Options of one call; each wins over the op's, which wins over the job's. */
export interface CallOptions extends StepOptions {
  /** Name of the node (or prefix of the sub-graph's nodes) in place of the op's; must be free. */
  as?: string;
  /** Fixed config of this call: it wins over the run's, key by key, and the run cannot give these keys. */
  config?: JsonObject;
  retry?: RetryOptions;
  /** False: a failure of this step does not fail the run. */
  blocking?: boolean;
}

/** A wiring that may be left away where the op takes nothing or all is optional. */
type CallArguments<W> = undefined extends W
  ? [wiring?: NoInfer<W>, options?: CallOptions]
  : // A record of optional inputs alone.
    Record<never, never> extends W
    ? [wiring?: NoInfer<W>, options?: CallOptions]
    : [wiring: NoInfer<W>, options?: CallOptions];

/** What a job's function wires its graph with. */
export interface GraphBuilder {
  /**
   * Calls an op or a sub-graph. The node is named after the op; a second call gets `_2`, unless `as` names it.
   * A generator's call returns its items (`Mapped`), an op with several outputs a record of handles.
   */
  call<W, R>(target: Callable<W, R>, ...args: CallArguments<W>): R;

  /**
   * Calls an op, a sub-graph or a function for each item of a generator (or for each value of a map: chained). In a
   * function all steps that it calls are inside of the map; what it returns comes out of it mapped.
   */
  map<H, R>(items: Mapped<H>, target: Callable<Innermost<H>, R>, options?: CallOptions): Lift<H, R>;
  map<H, R extends HandleTree | void>(
    items: Mapped<H>,
    target: (item: Innermost<H>) => R,
    options?: { blocking?: boolean },
  ): NoInfer<Lift<H, R>>;

  /**
   * All values of the innermost map as one list, in the order in which the items were yielded. Waits for all and is
   * skipped if one failed; with `failed: "omit"` those that failed are left out.
   */
  collect<H>(items: Mapped<H> & NotCollected<H>, options?: { failed?: "omit" }): CollectOf<H>;

  /** Ordering without a value: `g.after(cleanUp).call(report)` starts once `cleanUp` has succeeded. */
  after(earlier: Handle<unknown> | Mapped<unknown> | readonly HandleTree[]): Pick<GraphBuilder, "call" | "map">;
}

/** A reusable sub-graph as the builder sees it. */
export interface GraphDefinition {
  readonly kind: "graph";
  readonly name: string;
  readonly build: (g: GraphBuilder, inputs: unknown) => unknown;
}
