import { StepCounts } from "../../cli/step-counts";
import type { Graph, GraphNode, Run, RunEvent } from "../../client";

const node = (name: string, scope: string[] = []): GraphNode => ({ name, scope }) as unknown as GraphNode;
const GRAPH = { nodes: [node("gen"), node("work", ["gen"]), node("sum")] } as unknown as Graph;
const run = (seq: number, steps_succeeded: number, steps_total: number): Run =>
  ({ seq, steps_succeeded, steps_failed: 0, steps_total }) as unknown as Run;

let counts: StepCounts;
let seq = 0;
beforeEach(() => {
  counts = new StepCounts();
  seq = 0;
});
const heard = (type: string, step: string, data: RunEvent["data"] = null): void =>
  counts.heard({ seq: ++seq, at: "", type, step, data });

test("counts what has ended, and what a generator has made", () => {
  heard("STEP_START", "gen");
  counts.startFrom(run(1, 0, 2), GRAPH);
  expect([counts.done, counts.total]).toEqual([0, 2]);
  heard("STEP_OUTPUT", "gen", { output: "result", items: 3 });
  heard("STEP_SUCCESS", "gen");
  expect([counts.done, counts.total]).toEqual([1, 5]);
  heard("STEP_START", "work[0]");
  heard("STEP_START", "work[1]");
  heard("STEP_PROGRESS", "work[0]", { fraction: 0.256, message: null });
  expect([...counts.running]).toEqual([
    ["work[0]", " 25 %"],
    ["work[1]", ""],
  ]);
  heard("STEP_UP_FOR_RETRY", "work[0]");
  heard("STEP_FAILURE", "work[1]");
  expect([counts.done, counts.running.size]).toEqual([2, 0]);
});

test("events from before the run was asked are in its row already, and what it took over is there alone", () => {
  heard("STEP_SUCCESS", "work[1]");
  counts.startFrom(run(1, 3, 5), GRAPH);
  expect([counts.done, counts.total]).toEqual([3, 5]);
  heard("STEP_SUCCESS", "work[2]");
  expect([counts.done, counts.total]).toEqual([4, 5]);
});
