import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Run, Step } from "../../core/run";
import type { Faults } from "./chaos";
import { Chaos } from "./chaos";
import { fanOut, job, op } from "./graphs";
import { given, type Performance } from "./performance";
import { graphOf, hash } from "./random-graphs";
import { lost, started, failed, released, yielded } from "./reports";

const [runs, steps] = readFileSync(join(__dirname, "../../ARCHITECTURE.md"), "utf8")
  .split("## A step")
  .map((half) => [...half.matchAll(/^ {4}(\w+) --> (\w+)/gm)].map(([, from, to]) => `${from} → ${to}`).sort());

/** Writes down each status that follows another. */
const watch = (of: { status: string }, arrows: Set<string>): void => {
  let { status } = of;
  Object.defineProperty(of, "status", {
    get: () => status,
    set: (next: string) => {
      if (next !== status) arrows.add(`${status} → ${next}`);
      status = next;
    },
  });
};

const arrows = { run: new Set<string>(), step: new Set<string>() };
const watched = <P extends Performance>(performance: P): P => {
  const run: Run = performance.run;
  watch(run, arrows.run);
  for (const step of run.steps.values()) watch(step, arrows.step);
  const set = run.steps.set.bind(run.steps);
  run.steps.set = (key: string, step: Step) => {
    watch(step, arrows.step);
    return set(key, step);
  };
  return performance;
};

test("the diagrams in ARCHITECTURE.md have the arrows that runs and steps go, and no others", () => {
  for (let seed = 0; seed < 1_500; seed++) {
    const graph = graphOf([0, 1, 2, 3, 4, 5, 6].map((i) => hash(seed, i)));
    // Without new owners: an actor built from its rows is watched no more.
    const faults: Faults = {
      seed,
      disorder: true,
      releases: true,
      restores: false,
      cancel: seed % 3 === 0,
      midway: true,
    };
    watched(new Chaos(graph, faults)).toTheEnd();
  }
  watched(given(job())).admit();
  const late = given(job(op("a")), { tags: { "dqueue/start_timeout": "1" } });
  watched(late).send({ type: "DEADLINE", reason: "START_TIMEOUT", at: 9_000 });
  const lateAdmitted = watched(given(job(op("a")), { tags: { "dqueue/start_timeout": "1" } })).admit();
  lateAdmitted.send({ type: "DEADLINE", reason: "START_TIMEOUT", at: 9_000 });
  watched(given(job(op("a")))).cancel();
  watched(given(job(op("a"))))
    .admit()
    .cancel();
  const fan = watched(given(fanOut({ retry: { maxRetries: 1 } }))).admit();
  fan.perform("e", started(), yielded("0"), yielded("1"), yielded("2"));
  fan.perform("m[0]", started());
  fan.dispatch("m[1]");
  fan.perform("m[2]", failed());
  fan.report("e", failed());
  fan.report("m[0]", lost());
  const retried = watched(given(job(op("a", { retry: { maxRetries: 1 } }), op("b")))).admit();
  retried.perform("a", failed());
  retried.perform("b", started(), released());
  retried.cancel();

  expect([...arrows.run].sort()).toEqual(runs);
  expect([...arrows.step].sort()).toEqual(steps);
});
