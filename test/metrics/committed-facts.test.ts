import fc from "fast-check";
import { Histogram, Registry } from "prom-client";
import { CommittedFacts } from "../../services/metrics/committed-facts";
import { HotHistogram } from "../../services/metrics/hot-histogram";
import { batch, runChange, stepRow } from "../store/world";
import { Exposition } from "../support/exposition";
import type { EventType } from "../../core/records";

const event = (type: EventType, run: string, step: string | null = null) => ({
  ...{ type, run, step, seq: 1, at: 0, data: null },
});

const counted = async (...batches: Parameters<typeof batch>[2][]): Promise<Exposition> => {
  const registry = new Registry();
  const facts = new CommittedFacts(registry);
  for (const more of batches) facts.count(batch("owner", [], more));
  return new Exposition(await registry.metrics());
};

test("a hot histogram shows what prom-client's would", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom("a", 'b"\\'), fc.double({ min: 0, max: 20, noNaN: true }))),
      async (observed) => {
        const registries = [new Registry(), new Registry()] as const;
        const options = { name: "x_seconds", help: "x", buckets: [0.1, 1, 10] };
        const theirs = new Histogram({ ...options, labelNames: ["queue"], registers: [registries[0]] });
        const ours = new HotHistogram(registries[1], { ...options, labelName: "queue" });
        for (const [queue, value] of observed) {
          theirs.observe({ queue }, value);
          ours.of(queue).observe(value);
        }
        const [expected, shown] = await Promise.all(registries.map(async (one) => new Exposition(await one.metrics())));
        expect(shown!.types).toEqual(expected!.types);
        expect(shown!.counters()).toEqual(expected!.counters());
      },
    ),
  ));

test("a run is counted by its ending event, not by each row that is written of it", async () => {
  const ended = runChange("r", { job: "j", status: "SUCCESS", startedAt: 1_000, endedAt: 3_000 });
  const shown = await counted(
    { runs: [runChange("r", { job: "j", createdAt: 0, admittedAt: 500 })], events: [event("RUN_DEQUEUED", "r")] },
    { runs: [ended], events: [event("RUN_SUCCESS", "r")] },
    { runs: [{ ...ended, hooksOpen: false }], events: [event("HOOK_COMPLETED", "r", "j:on_success")] },
  );
  expect(shown.sum("dqueue_runs_total", { job_name: "j", status: "SUCCESS" })).toBe(1);
  expect(shown.sum("dqueue_run_duration_seconds_sum", { job_name: "j" })).toBe(2);
  expect(shown.sum("dqueue_run_wait_seconds_sum")).toBe(0.5);
});

test("a run's first admission shows its ends as zero, so that the first of a kind is a rise", async () => {
  const shown = await counted({ runs: [runChange("r", { job: "j" })], events: [event("RUN_DEQUEUED", "r")] });
  expect(shown.of("dqueue_runs_total").map(({ labels, value }) => [labels.status, value])).toEqual([
    ["SUCCESS", 0],
    ["FAILURE", 0],
    ["CANCELED", 0],
  ]);
});

test("the wait of a step counts once, also where its start was committed before its end", async () => {
  const begun = stepRow("r", "s", { status: "STARTED", queue: "q", readyAt: 0, startedAt: 4_000 });
  const shown = await counted(
    { steps: [begun], events: [event("STEP_START", "r", "s")] },
    { steps: [{ ...begun, status: "SUCCESS", endedAt: 5_000 }], events: [event("STEP_SUCCESS", "r", "s")] },
  );
  expect(shown.sum("dqueue_step_wait_seconds_count", { queue: "q" })).toBe(1);
  expect(shown.sum("dqueue_step_wait_seconds_sum", { queue: "q" })).toBe(4);
  expect(shown.sum("dqueue_step_duration_seconds_sum", { queue: "q" })).toBe(1);
  expect(shown.sum("dqueue_steps_total", { queue: "q", status: "SUCCESS" })).toBe(1);
});

test("retries, losses and releases are counted by their events, also where one row stands for several", async () => {
  const shown = await counted({
    steps: [stepRow("r", "s", { status: "QUEUED" })],
    events: (["STEP_UP_FOR_RETRY", "STEP_LOST", "STEP_UP_FOR_RETRY", "STEP_RELEASED"] as const).map((type) =>
      event(type, "r", "s"),
    ),
  });
  const sums = ["retries", "losses", "releases"].map((what) => shown.sum(`dqueue_step_${what}_total`));
  expect(sums).toEqual([2, 1, 1]);
  expect(shown.sum("dqueue_steps_total")).toBe(0);
});

test("of two machines' clocks that disagree a wait is none, not less", async () => {
  const step = stepRow("r", "s", { status: "SUCCESS", readyAt: 2_000, startedAt: 1_000, endedAt: 500 });
  const shown = await counted({ steps: [step], events: [event("STEP_START", "r", "s")] });
  expect(shown.sum("dqueue_step_wait_seconds_sum")).toBe(0);
  expect(shown.sum("dqueue_step_duration_seconds_sum")).toBe(0);
});
