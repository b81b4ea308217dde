import type { Graph, GraphNode, Run, RunEvent } from "../client";
import { nodeOfKey } from "../core/step-key";

const STARTS = new Set(["STEP_START", "STEP_RESTARTED"]);
const ENDS = new Set(["STEP_SUCCESS", "STEP_FAILURE", "STEP_SKIPPED", "STEP_CANCELED"]);
const PAUSES = new Set(["STEP_UP_FOR_RETRY", "STEP_LOST", "STEP_RELEASED"]);

/**
 * How far a run is, by its events. The counts in a run's row are those of its last change of status; what a
 * re-execution has taken over stands in the row alone.
 */
export class StepCounts {
  /** Steps under way, each with what it says of its own progress; the one that runs longest is the first. */
  readonly running = new Map<string, string>();
  /** Steps that have ended, each with the number of the event that says so. */
  private readonly ended = new Map<string, number>();
  private readonly itemsOf = new Map<string, number>();
  private base: { run: Run; nodes: GraphNode[] } | null = null;

  heard({ seq, type, step, data }: RunEvent): void {
    if (step === null) return;
    if (STARTS.has(type)) this.running.set(step, "");
    if (ENDS.has(type) || PAUSES.has(type)) this.running.delete(step);
    if (ENDS.has(type)) this.ended.set(step, seq);
    if (type === "STEP_PROGRESS" && this.running.has(step) && typeof data?.fraction === "number")
      this.running.set(step, ` ${Math.floor(data.fraction * 100)} %`);
    if (type === "STEP_OUTPUT" && typeof data?.items === "number") {
      const generator = nodeOfKey(step);
      this.itemsOf.set(generator, (this.itemsOf.get(generator) ?? 0) + data.items);
    }
  }

  /** What a run says of itself, whenever it was asked. */
  startFrom(run: Run, { nodes }: Graph): void {
    this.base = { run, nodes };
  }

  get done(): number {
    if (this.base === null) return this.ended.size;
    const { seq, steps_succeeded, steps_failed } = this.base.run;
    return [...this.ended.values()].filter((at) => at > seq).length + steps_succeeded + steps_failed;
  }

  /** Steps known by now; a generator that runs adds to them. */
  get total(): number {
    const { run, nodes = [] } = this.base ?? {};
    const expected = nodes.reduce((sum, { scope }) => sum + this.instances(scope), 0);
    return Math.max(1, expected, run?.steps_total ?? 0, this.done + this.running.size);
  }

  /** A node unfolds once per item of the generator next to it. */
  private instances(scope: string[]): number {
    return scope.length === 0 ? 1 : (this.itemsOf.get(scope.at(-1)!) ?? 0);
  }
}
