import type { Report } from "../../core/messages";
import { type SimulatedStep, settled, simulate } from "./simulated";

const types = (reports: Report[]) => reports.map((r) => (r.type === "released" ? `released ${r.reason}` : r.type));

describe("a delivery", () => {
  test("is acknowledged once the end of its step is confirmed, not before", async () => {
    let confirm!: () => void;
    const world = simulate({}, { report: () => new Promise((resolve) => (confirm = resolve)) });
    const message = world.deliver([world.action()]);
    world.steps[0]!.succeed();
    await settled();
    expect(message.acked).toBe(false);
    expect(world.executor.describe().holds).toMatchObject([{ begun: true, ended: true }]);
    confirm();
    await settled();
    expect(message.acked).toBe(true);
    expect(world.executor.describe().holds).toEqual([]);
  });

  test("that was redelivered is never run, and reported as such", async () => {
    const world = simulate();
    const message = world.deliver([world.action()], true);
    await settled();
    expect(world.steps).toHaveLength(0);
    expect(types(world.reports())).toEqual(["released redelivered"]);
    expect(message.acked).toBe(true);
  });

  test("whose fence has been seen is never run again, while it is held and afterwards", async () => {
    const world = simulate();
    const action = world.action();
    world.deliver([action]);
    world.deliver([{ ...action }]);
    await settled();
    world.steps[0]!.succeed();
    await settled();
    world.deliver([{ ...action }]);
    await settled();
    expect(world.steps).toHaveLength(1);
    expect(types(world.reports())).toEqual(["released redelivered", "succeeded", "released redelivered"]);
  });

  test("of the same fence in another shard is another dispatch", () => {
    const world = simulate();
    const action = world.action();
    world.deliver([action]);
    world.deliver([{ ...action, shard: 1 }]);
    expect(world.steps).toHaveLength(2);
  });

  test("without a slot is given back", async () => {
    const world = simulate();
    world.deliver([world.action()], false, true);
    await settled();
    expect(types(world.reports())).toEqual(["released no_slot"]);
  });
});

describe("reports", () => {
  test("leave the start out when the step ends soon, since the end carries it", async () => {
    const world = simulate();
    world.deliver([world.action()]);
    const startedAt = world.clock.now();
    world.steps[0]!.begin();
    await world.clock.pass(5);
    world.steps[0]!.end({ type: "succeeded", outputs: {}, startedAt });
    await settled();
    expect(world.reports()).toMatchObject([{ type: "succeeded", startedAt, worker: "w1", pid: 4242, slot: "1.2" }]);
  });

  test("tell the start of a longer step", async () => {
    const world = simulate();
    world.deliver([world.action()]);
    world.steps[0]!.begin();
    await world.clock.pass(20);
    expect(types(world.reports())).toEqual(["started"]);
  });

  test("tell the start before whatever the step says next", async () => {
    const world = simulate();
    world.deliver([world.action()]);
    world.steps[0]!.begin();
    world.steps[0]!.on.item("k", { value: 1, bytes: 1 }, () => undefined);
    await settled();
    expect(types(world.reports())).toEqual(["started", "items"]);
  });

  test("tell the starts of a run's other steps before a failure, which is decided by what is under way", async () => {
    const world = simulate();
    world.deliver([world.action(), world.action({ run: "another" }), world.action()]);
    for (const step of world.steps) step.begin();
    world.steps[2]!.end({ type: "failed", error: { name: "Error", message: "no" }, retryable: false });
    await settled();
    expect(world.reports().map(({ type, step }) => `${type} ${step}`)).toEqual(["started s100", "failed s102"]);
  });

  test("are kept and sent again, in order, until they are confirmed", async () => {
    const got: Report[] = [];
    let failures = 3;
    const report = async (_shard: number, reports: Report[]) => {
      if (failures-- > 0) throw new Error("broker away");
      got.push(...reports);
    };
    const world = simulate({}, { report });
    const message = world.deliver([world.action(), world.action()]);
    world.steps[0]!.succeed();
    await settled();
    world.steps[1]!.succeed();
    await world.clock.pass(5_000);
    expect(got.map((r) => r.fence)).toEqual([100, 101]);
    expect(message.acked).toBe(true);
    expect(world.warnings[0]).toContain("broker away");
  });

  test("of one turn share a message, by shard", async () => {
    const world = simulate();
    world.deliver([world.action(), world.action(), world.action({ shard: 3 })]);
    for (const step of world.steps) step.succeed();
    await settled();
    expect(world.sent.map((batch) => batch.map((r) => r.shard))).toEqual([[0, 0], [3]]);
  });
});

describe("a bundle", () => {
  test("gives back the mates that have not begun 100 ms after its first step began", async () => {
    const world = simulate();
    world.deliver([world.action(), world.action(), world.action()]);
    await world.clock.pass(500);
    const [first, second, third] = world.steps as [SimulatedStep, SimulatedStep, SimulatedStep];
    expect(second.drops).toBe(0);
    first.begin();
    await world.clock.pass(90);
    second.begin();
    await world.clock.pass(20);
    expect([first, second, third].map((step) => step.drops)).toEqual([0, 0, 1]);
    third.end({ type: "not_begun" });
    first.end({ type: "succeeded", outputs: {} });
    second.end({ type: "succeeded", outputs: {} });
    await settled();
    expect(types(world.reports())).toEqual(expect.arrayContaining(["released bundle_late", "succeeded", "succeeded"]));
  });

  test("goes on with a mate that began before it heard of that", async () => {
    const world = simulate();
    world.deliver([world.action(), world.action()]);
    world.steps[0]!.begin();
    await world.clock.pass(150);
    world.steps[1]!.begin();
    world.steps[1]!.end({ type: "lost", error: { name: "StepLost", message: "gone" } });
    await settled();
    expect(world.reports().find((r) => r.fence === 101 && r.type !== "started")).toMatchObject({ type: "lost" });
  });
});

describe("orders", () => {
  test("a cancel ends what runs, drops what waits, and whatever comes later of the run never begins", async () => {
    const world = simulate();
    world.deliver([world.action()]);
    world.steps[0]!.begin();
    world.executor.order({ type: "cancel", run: "r", graceMs: 700 });
    expect(world.steps[0]!.aborts).toEqual([{ reason: "cancel", graceMs: 700 }]);
    // It did succeed in the end; but its run is canceled.
    world.steps[0]!.end({ type: "succeeded", outputs: {} });
    const later = world.deliver([world.action()]);
    await settled();
    expect(world.steps).toHaveLength(1);
    expect(types(world.reports())).toEqual(["canceled", "canceled"]);
    expect(later.acked).toBe(true);
  });

  test("a cancel spares the job's hooks", () => {
    const world = simulate();
    world.executor.order({ type: "cancel", run: "r", graceMs: 1 });
    world.deliver([world.action({ hook: { event: "failure", failedSteps: [], error: null } })]);
    expect(world.steps).toHaveLength(1);
  });

  test("a canceled run is forgotten after three hours", async () => {
    const world = simulate();
    world.executor.order({ type: "cancel", run: "r", graceMs: 1 });
    await world.clock.pass(3 * 3_600_000 + 1);
    world.deliver([world.action()]);
    expect(world.steps).toHaveLength(1);
  });

  test("a revoked dispatch ends and nothing is said of it", async () => {
    const world = simulate();
    const action = world.action();
    const message = world.deliver([action]);
    world.steps[0]!.begin();
    await world.clock.pass(20);
    world.executor.order({ type: "revoke", run: "r", step: action.step, fence: action.fence });
    world.steps[0]!.end({ type: "aborted" });
    await settled();
    expect(types(world.reports())).toEqual(["started"]);
    expect(message.acked).toBe(true);
  });

  test("a revoked dispatch that comes afterwards never begins, is acknowledged, and nothing is said of it", async () => {
    const world = simulate();
    const action = world.action();
    world.executor.order({ type: "revoke", run: "r", step: action.step, fence: action.fence });
    const message = world.deliver([action]);
    await settled();
    expect([world.steps.length, message.acked, world.reports()]).toEqual([0, true, []]);
    world.deliver([{ ...action, fence: action.fence + 1 }]);
    expect(world.steps).toHaveLength(1);
  });

  test("a roll call is answered at once with what is held; unbegun deliveries of an older epoch are given back", async () => {
    const world = simulate();
    const [running, waiting] = [world.action(), world.action()];
    world.deliver([running]);
    world.deliver([waiting]);
    world.steps[0]!.begin();
    world.executor.order({ type: "roll_call", id: "call-1", shards: [{ shard: 0, epoch: 150 }] });
    expect(world.steps.map((step) => step.drops)).toEqual([0, 1]);
    expect(world.beats.at(-1)).toMatchObject({ rollCall: "call-1", holds: [{ begun: true }, { begun: false }] });
    world.steps[1]!.end({ type: "not_begun" });
    world.deliver([world.action()]);
    await settled();
    const released = world.reports().filter((r) => r.type === "released");
    expect(released).toMatchObject([
      { reason: "stale_epoch", epoch: 150, fence: waiting.fence },
      { reason: "stale_epoch", epoch: 150 },
    ]);
    world.steps[0]!.end({ type: "succeeded", outputs: {} });
    await settled();
    expect(world.reports().at(-1)).toMatchObject({ type: "succeeded", fence: running.fence });
  });
});
