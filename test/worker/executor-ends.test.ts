import type { Report } from "../../core/messages";
import { settled, simulate } from "./simulated";

const types = (reports: Report[]) => reports.map((r) => (r.type === "released" ? `released ${r.reason}` : r.type));

describe("ends", () => {
  test("a step whose time is up fails, whatever it does in its grace", async () => {
    const world = simulate();
    world.deliver([world.action({ timeoutMs: 1_000 })]);
    await world.clock.pass(5_000);
    world.steps[0]!.begin();
    await world.clock.pass(1_000);
    expect(world.steps[0]!.aborts).toEqual([{ reason: "timeout", graceMs: 5_000 }]);
    world.steps[0]!.end({ type: "succeeded", outputs: {} });
    await settled();
    expect(world.reports().at(-1)).toMatchObject({ type: "failed", retryable: true, error: { code: "TIMEOUT" } });
  });

  test("a neighbour is given back, and a suspect one runs alone next time", async () => {
    const world = simulate();
    const [a, b] = [world.action({ step: "a" }), world.action({ step: "b" })];
    world.deliver([a]);
    world.deliver([b]);
    for (const step of world.steps) step.begin();
    for (const step of world.steps) step.end({ type: "neighbour", suspectOf: 77 });
    world.deliver([world.action({ step: "a" })]);
    world.steps[2]!.begin();
    world.steps[2]!.end({ type: "lost", error: { name: "StepLost", message: "gone" } });
    // The one is found: the other is free.
    world.deliver([world.action({ step: "b" })]);
    await settled();
    expect(world.steps.map((step) => step.alone)).toEqual([false, false, true, false]);
    expect(types(world.reports())).toEqual(["released neighbour", "released neighbour", "lost"]);
  });

  test("a value above 256 KiB is stored before the report; one above 4 MiB fails with the setting's name", async () => {
    const world = simulate();
    world.deliver([world.action(), world.action(), world.action()]);
    const sizes = [262_144, 262_145, 4_194_305];
    world.steps.forEach((step, i) => {
      step.begin();
      step.end({ type: "succeeded", outputs: { result: { value: "x", bytes: sizes[i]! } } });
    });
    await settled();
    expect(world.reports().find((r) => r.fence === 100)).toMatchObject({ outputs: { result: { value: "x" } } });
    expect(world.reports().find((r) => r.fence === 101)).toMatchObject({
      outputs: { result: { ref: "ref", size: 262_145 } },
    });
    const failed = world.reports().find((r) => r.fence === 102)!;
    expect(failed).toMatchObject({ type: "failed", retryable: false, error: { code: "VALUE_TOO_LARGE" } });
    expect(JSON.stringify(failed)).toMatch(/4194305 bytes.*4194304 bytes.*ioManager/);
  });

  test("the items of a generator keep their order where some must be stored first", async () => {
    let store!: (ref: string) => void;
    const values = {
      store: () => new Promise<string>((r) => (store = r)),
      load: async () => null,
      loadListPage: async () => ({ values: [], next: null }),
    };
    const world = simulate({}, { values });
    world.deliver([world.action()]);
    const step = world.steps[0]!;
    step.begin();
    const taken: string[] = [];
    step.on.item("large", { value: "x", bytes: 300_000 }, () => taken.push("large"));
    step.on.item("small", { value: "y", bytes: 3 }, () => taken.push("small"));
    step.end({ type: "succeeded", outputs: {}, items: 2 });
    await settled();
    expect(world.reports().filter((r) => r.type !== "started")).toEqual([]);
    store("v1");
    await world.clock.pass(20);
    const items = world.reports().flatMap((r) => (r.type === "items" ? r.items : []));
    expect(items.map(([key]) => key)).toEqual(["large", "small"]);
    expect(world.reports().at(-1)).toMatchObject({ type: "succeeded", items: 2 });
    expect(taken).toEqual(["large", "small"]);
  });

  test("an item that the store refuses fails the step", async () => {
    const refusal = Object.assign(new Error("too large for this store"), { code: 413, type: "TOO_LARGE" });
    const values = {
      store: () => Promise.reject(refusal),
      load: async () => null,
      loadListPage: async () => ({ values: [], next: null }),
    };
    const world = simulate({}, { values });
    world.deliver([world.action()]);
    world.steps[0]!.begin();
    world.steps[0]!.on.item("k", { value: "x", bytes: 300_000 }, () => undefined);
    await settled();
    expect(world.steps[0]!.aborts).toHaveLength(1);
    world.steps[0]!.end({ type: "aborted" });
    await settled();
    expect(world.reports().at(-1)).toMatchObject({ type: "failed", retryable: false, error: { code: "TOO_LARGE" } });
  });

  test("a store that cannot be reached is waited for; a cancel ends the wait", async () => {
    let answers = 0;
    const load = () => (answers++ < 2 ? Promise.reject(new Error("away")) : Promise.resolve(7));
    const values = { store: async () => "", load, loadListPage: async () => ({ values: [], next: null }) };
    const world = simulate({}, { values });
    world.deliver([world.action({ inputs: { "": { ref: "v", size: 300_000 } } })]);
    await world.clock.pass(2_000);
    expect(world.steps[0]!.inputs).toEqual({ "": { value: 7 } });
    answers = -1_000;
    const message = world.deliver([world.action({ run: "other", inputs: { "": { ref: "v", size: 300_000 } } })]);
    await settled();
    world.executor.order({ type: "cancel", run: "other", graceMs: 1 });
    await settled();
    expect(message.acked).toBe(true);
    expect(world.reports().at(-1)).toMatchObject({ type: "canceled", run: "other" });
    await world.clock.pass(20_000);
    expect(world.steps).toHaveLength(1);
  });
});

describe("beats", () => {
  test("list each second what is delivered, begun, or ended and not yet confirmed, and count up", async () => {
    const world = simulate({}, { report: () => new Promise(() => undefined) });
    world.executor.start();
    world.deliver([world.action(), world.action(), world.action()]);
    world.steps[0]!.succeed();
    world.steps[1]!.begin();
    await world.clock.pass(2_000);
    expect(world.beats.map((beat) => beat.seq)).toEqual([0, 1, 2]);
    expect(world.beats[2]).toMatchObject({ worker: "w1", slots: 2, busy: 1, draining: false });
    expect(world.beats[2]!.holds.map((hold) => hold.begun)).toEqual([true, true, false]);
  });

  test("that do not go through for 4 s end the steps that hold a pool, and no other", async () => {
    let connected = true;
    const publishBeat = () => (connected ? Promise.resolve() : new Promise<void>(() => undefined));
    const world = simulate({}, { publishBeat });
    world.executor.start();
    world.deliver([world.action({ pooled: true })]);
    world.deliver([world.action()]);
    for (const step of world.steps) step.begin();
    await world.clock.pass(10_000);
    expect(world.steps[0]!.aborts).toEqual([]);
    connected = false;
    await world.clock.pass(3_900);
    expect(world.steps[0]!.aborts).toEqual([]);
    await world.clock.pass(200);
    expect(world.steps[0]!.aborts).toEqual([{ reason: "cut_off", graceMs: 5_000 }]);
    expect(world.steps[1]!.aborts).toEqual([]);
    world.steps[0]!.end({ type: "aborted" });
    world.deliver([world.action({ pooled: true })]);
    await settled();
    expect(types(world.reports()).filter((type) => type !== "started")).toEqual(["released drain", "released drain"]);
  });
});

test("a drain gives back what has not begun, waits for what runs, then for the confirms", async () => {
  const world = simulate();
  world.executor.start();
  world.deliver([world.action()]);
  world.deliver([world.action()]);
  world.steps[0]!.begin();
  let drained = false;
  void world.executor.drain(3_000).then(() => (drained = true));
  expect(world.steps[1]!.drops).toBe(1);
  world.steps[1]!.end({ type: "not_begun" });
  await world.clock.pass(2_900);
  expect(world.steps[0]!.aborts).toEqual([]);
  await world.clock.pass(200);
  expect(world.steps[0]!.aborts).toEqual([{ reason: "drain", graceMs: 0 }]);
  world.steps[0]!.end({ type: "aborted" });
  await world.clock.pass(100);
  expect(drained).toBe(true);
  expect(types(world.reports())).toEqual(["released drain", "started", "released drain"]);
  expect(world.beats.at(-1)).toMatchObject({ draining: true, holds: [] });
});
