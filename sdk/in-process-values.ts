import type { Json } from "../core/json";
import type { StoredValue } from "../core/messages";
import type { PlanEdge } from "../core/plan";
import type { ItemRecord } from "../core/records";
import type { Run, Step } from "../core/run";
import { instance, instancesBelow } from "../core/run";
import { RESULT } from "./op";
import type { StepCall } from "./step-call";

/** The outputs and items of a run that is executed in process. */
export class InProcessValues {
  private readonly outputs = new Map<string, Map<string, Json>>();
  private readonly items = new Map<string, Map<string, Json>>();

  setOutputs(step: string, outputs: Record<string, StoredValue>): void {
    this.outputs.set(step, new Map(Object.entries(outputs).map(([name, stored]) => [name, inline(stored)])));
  }

  addItem({ step, key, value }: ItemRecord): void {
    const known = this.items.get(step);
    if (known) known.set(key, inline(value));
    else this.items.set(step, new Map([[key, inline(value)]]));
  }

  /** What a ready step is given. */
  inputsOf(run: Run, step: Step): StepCall["inputs"] {
    const inputs: Record<string, { value: Json } | { stream: AsyncIterable<Json> }> = {};
    for (const { name, list, stream, edges } of step.node.inputs) {
      const found = edges.flatMap((edge) => this.read(run, step, edge));
      inputs[name] = stream ? { stream: oneByOne(found) } : { value: list ? found : found[0]! };
    }
    return inputs;
  }

  /** A step's output as an author's test wants to see it. */
  shown(step: Step, named: boolean): unknown {
    if (step.fan) return [...(this.items.get(step.key)?.values() ?? [])];
    const outputs = this.outputs.get(step.key) ?? new Map<string, Json>();
    return named ? Object.fromEntries(outputs) : outputs.get(RESULT);
  }

  private read(run: Run, step: Step, edge: PlanEdge): Json[] {
    if (edge.kind === "item") {
      const depth = step.node.scope.indexOf(edge.source);
      const generator = instance(run, edge.source, step.path)!;
      return [this.items.get(generator.key)!.get(step.path[depth]!)!];
    }
    if (edge.kind === "items") return [...(this.items.get(instance(run, edge.source, step.path)!.key)?.values() ?? [])];
    const sources =
      edge.kind === "same" ? [instance(run, edge.source, step.path)!] : instancesBelow(run, edge.source, step.path);
    return [...sources].flatMap((source) => {
      const value = this.outputs.get(source.key)?.get(edge.output!);
      return value === undefined ? [] : [value];
    });
  }
}

const inline = (stored: StoredValue): Json => {
  if ("value" in stored) return stored.value;
  throw new Error("A value by reference in a run without a store");
};

async function* oneByOne(values: readonly Json[]): AsyncGenerator<Json> {
  yield* values;
}
