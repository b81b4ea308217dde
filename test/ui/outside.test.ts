import { nowOf } from "../../ui/pages/run/steps/past-state";
import { Steps } from "../../ui/pages/run/steps/steps";
import { foldOutside, outsideWords, SIDES } from "../../ui/pages/run/timeline/draw/outside";
import { readStepFilter } from "../../ui/pages/run/steps/step-filter";
import { timedRows } from "../../ui/pages/run/timeline/draw/timed-rows";
import { GRAPH, ORIGIN, put } from "./steps-rig";

describe("outside of what is in view", () => {
  // gen 0–1 s, work[0…3] 1–3 s, sum 3–4 s, late 9–10 s.
  const graph = { nodes: [...GRAPH.nodes, ...["a", "b", "c"].map((name) => ({ ...GRAPH.nodes[0]!, name }))] };
  const run = (): Steps => {
    const steps = new Steps(ORIGIN, graph as typeof GRAPH);
    const times = (from: number, to: number) => [from, from, from, to];
    put(steps, "gen", { times: times(0, 1_000), items: 4 });
    for (let i = 0; i < 4; i++) put(steps, `work[${i}]`, { times: times(1_000, 3_000) });
    put(steps, "sum", { times: times(3_000, 4_000) });
    put(steps, "a", { status: "FAILURE", times: times(0, 500) });
    put(steps, "b", { times: times(9_000, 9_500) });
    put(steps, "c", { times: times(9_000, 9_900) });
    return steps;
  };
  const folded = (steps: Steps, from: number, to: number, more: Partial<Parameters<typeof foldOutside>[1]> = {}) => {
    const moment = nowOf(steps, 10_000);
    const { rows } = timedRows(steps, moment, {
      filter: readStepFilter(""),
      open: new Set(),
      order: "key",
      stacked: false,
    });
    const given = { steps, moment, brush: { from, to }, unit: "op", open: false, ...more } as const;
    const { rows: kept, outside } = foldOutside(rows, given);
    const names = Array.from({ length: kept.count }, (_, row) =>
      kept.kind(row) === "outside"
        ? outsideWords(outside, SIDES[kept.ref(row)]!).replace("\u00a0", " ")
        : steps.keys[kept.ref(row)],
    );
    return { names, outside };
  };

  test("ops that had ended are one row, those that begin later another; what failed among them is counted", () => {
    const { names, outside } = folded(run(), 3_500, 8_000);
    expect(names).toEqual(["3 ops ended before this view", "sum", "2 ops begin after this view"]);
    expect([outside.before.failed, outside.after.failed]).toEqual([1, 0]);
  });

  test("opened, they stand beneath these rows", () => {
    const { names } = folded(run(), 3_500, 8_000, { open: true });
    expect(names).toEqual([
      ...["3 ops ended before this view", "gen", "work[0]", "work[1]", "work[2]", "work[3]", "a", "sum"],
      ...["2 ops begin after this view", "b", "c"],
    ]);
  });

  test("a single row stays, and so does an op of which some is in view, or to come", () => {
    expect(folded(run(), 700, 2_000).names).toEqual([
      ...["gen", "work[0]", "work[1]", "work[2]", "work[3]", "a", "3 ops begin after this view"],
    ]);
    const steps = run();
    steps.items.set(0, 5);
    expect(folded(steps, 3_500, 9_200).names).toEqual([
      ...["2 ops ended before this view", "work[0]", "work[1]", "work[2]", "work[3]", "sum", "b", "c"],
    ]);
  });

  test("all rows stay where nothing of the run is in view", () => {
    expect(folded(run(), 20_000, 30_000).names).toHaveLength(9);
  });

  test("where each step has its row, steps are counted", () => {
    expect(folded(run(), 3_500, 8_000, { unit: "step" }).names).toEqual([
      ...["6 steps ended before this view", "sum", "2 steps begin after this view"],
    ]);
  });

  test("an earlier try in view keeps its step there", () => {
    const steps = run();
    steps.remember(7, {
      queued: 100,
      started: 3_600,
      ended: 4_000,
      worker: "w1",
      slot: null,
      outcome: "LOST",
      error: null,
    });
    expect(folded(steps, 3_500, 8_000).names).toEqual(["3 ops ended before this view", "sum", "b", "c"]);
  });
});
