import fc from "fast-check";
import { CALM, Chaos } from "./chaos";
import type { Faults } from "./chaos";
import { graphOf } from "./random-graphs";

const graphs = fc.array(fc.nat(), { minLength: 1, maxLength: 9 }).map(graphOf);
const seeds = fc.nat();
const faults: fc.Arbitrary<Faults> = fc.record({
  seed: seeds,
  disorder: fc.boolean(),
  releases: fc.boolean(),
  restores: fc.boolean(),
  cancel: fc.boolean(),
  midway: fc.boolean(),
});

test("every run ends, whatever happens, and all that must hold does after each event", () => {
  fc.assert(
    fc.property(graphs, faults, (graph, of) => {
      const run = new Chaos(graph, of).toTheEnd();
      expect(run.run.open).toBe(0);
      expect(run.endings).toBe(1);
      const ends = run.told(null).filter((type) => /^RUN_(SUCCESS|FAILURE|CANCELED)$/.test(type));
      expect(ends).toHaveLength(1);
    }),
    { numRuns: 3_000 },
  );
});

const outcome = (run: Chaos): unknown => ({
  statuses: run.statuses,
  items: run.items.map(({ step, key }) => `${step} ${key}`).sort(),
  run: [run.row.status, run.row.failureReason, run.row.stepsSucceeded, run.row.stepsFailed, run.row.stepsTotal],
});

test("disorder, releases and new owners at any point change nothing of how it ends", () => {
  fc.assert(
    fc.property(graphs, seeds, (graph, seed) => {
      const calm = new Chaos(graph, { ...CALM, seed }).toTheEnd();
      const wild = new Chaos(graph, { ...CALM, seed, disorder: true, releases: true, restores: true }).toTheEnd();
      expect(outcome(wild)).toEqual(outcome(calm));
    }),
    { numRuns: 1_500 },
  );
});
