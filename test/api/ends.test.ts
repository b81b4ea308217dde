import { storeValue } from "../../store/values";
import { collect, from, generator, item, job, op } from "../core/graphs";
import { DATABASES, type TestDatabase } from "../support/databases";
import { eventually } from "../support/eventually";
import { items, startWorld, type World } from "./world";

describe.each(DATABASES)("cancel and delete on %s", (_name, open) => {
  let database: TestDatabase;
  let world: World;
  beforeAll(async () => {
    database = await open();
    world = await startWorld(database);
    await world.publish(
      job(op("wait")),
      { ...job(op("quick")), job: "quick" },
      {
        ...job(op("first"), op("second", { in: [from("first")] }), op("wait", { in: [from("second")] })),
        job: "three",
      },
    );
  });
  afterAll(async () => {
    await world?.stop();
    await database?.stop();
  });

  /** A step that ends when told. */
  const gate = (): { entered: Promise<void>; open: () => void } => {
    let enter!: () => void;
    let leave!: () => void;
    const entered = new Promise<void>((resolve) => (enter = resolve));
    const left = new Promise<void>((resolve) => (leave = resolve));
    world.ops.wait = async () => {
      enter();
      await left;
      return null;
    };
    return { entered, open: () => leave() };
  };

  test("a running run is canceled, a second cancel answers the same, and it ends CANCELED", async () => {
    const { entered, open } = gate();
    const id = await world.launch({ job: "demo" });
    await entered;
    const first = await world.call("POST", `/api/runs/${id}/cancel`);
    const second = await world.call("POST", `/api/runs/${id}/cancel`, {});
    expect([first.status, second.status]).toEqual([202, 202]);
    expect(second.body.cancel_requested_at).toBe(first.body.cancel_requested_at);
    open();
    expect((await world.ended(id)).status).toBe("CANCELED");
    expect((await world.call("POST", `/api/runs/${id}/cancel`)).body).toMatchObject({ id, status: "CANCELED" });
  });

  test("a run that goes on tells how many of its steps have ended", async () => {
    const { entered, open } = gate();
    const id = await world.launch({ job: "three" });
    await entered;
    const seen = async () => (await world.call("GET", `/api/runs/${id}`)).body;
    const run = await eventually(seen, ({ steps_succeeded }) => steps_succeeded === 2);
    expect(run).toMatchObject({ status: "STARTED", steps_total: 3, steps_failed: 0 });
    open();
    await world.ended(id);
  });

  test("a run that has ended otherwise cannot be canceled", async () => {
    const id = await world.launch({ job: "quick" });
    await world.ended(id);
    const { status, body } = await world.call("POST", `/api/runs/${id}/cancel`);
    expect([status, body.code, body.run_status]).toEqual([409, "RUN_ENDED", "SUCCESS"]);
  });

  test("a run that is not known: 404", async () => {
    const unknown = "0198f3c2-7d41-7000-8000-000000000000";
    expect((await world.call("POST", `/api/runs/${unknown}/cancel`)).body.code).toBe("RUN_NOT_FOUND");
    expect((await world.call("DELETE", `/api/runs/${unknown}`)).body.code).toBe("RUN_NOT_FOUND");
  });

  test("a run is deleted only once it has ended, with all that belongs to it", async () => {
    const { entered, open } = gate();
    const id = await world.launch({ job: "demo" });
    await entered;
    const early = await world.call("DELETE", `/api/runs/${id}`);
    expect([early.status, early.body.code]).toEqual([409, "RUN_NOT_ENDED"]);
    open();
    await world.ended(id);
    expect((await world.call("DELETE", `/api/runs/${id}`)).status).toBe(204);
    expect((await world.call("DELETE", `/api/runs/${id}`)).status).toBe(404);
    for (const table of ["runs where id", "steps where run_id", "events where run_id", "logs where run_id"]) {
      const { rows } = await world.db.query(`select 1 from ${table} = $1`, [id]);
      expect(rows).toEqual([]);
    }
  });

  test("values that a re-execution reuses survive the deletion of its parent", async () => {
    await world.publish({
      ...job(generator("gen"), op("work", { over: ["gen"], in: [item("gen")] }), op("sum", { in: [collect("work")] })),
      job: "family",
    });
    world.ops.gen = () => items({ a: 1 });
    world.ops.work = () => 1;
    world.ops.sum = () => 2;
    const parent = await world.launch({ job: "family" });
    await world.ended(parent);
    const ref = `big-${_name}`;
    await storeValue(world.db, { id: ref, run: parent, value: "large", size: 7 });
    const { body: child } = await world.call("POST", `/api/runs/${parent}/reexecute`, {
      from: "steps",
      steps: ["sum"],
    });
    await world.ended(child.id);
    const { body: grandchild } = await world.call("POST", `/api/runs/${child.id}/reexecute`, {
      from: "steps",
      steps: ["sum"],
    });
    await world.ended(grandchild.id);
    for (const id of [parent, grandchild.id]) expect((await world.call("DELETE", `/api/runs/${id}`)).status).toBe(204);
    expect(await world.broker.call("runs.loadValue", { ref })).toBe("large");
    expect((await world.call("DELETE", `/api/runs/${child.id}`)).status).toBe(204);
    await expect(world.broker.call("runs.loadValue", { ref })).rejects.toMatchObject({ type: "VALUE_NOT_FOUND" });
  });
});

test("a cancel that races with admission and ends: who is answered well ends CANCELED, and a run canceled in the queue never runs", async () => {
  const database = await DATABASES[0]![1]();
  const world = await startWorld(database, { maxConcurrentRuns: 5 });
  await world.publish(job(op("step")));
  const performed = new Set<string>();
  world.ops.step = ({ run }) => {
    performed.add(run);
    return null;
  };
  const one = async (i: number): Promise<void> => {
    const id = await world.launch({ job: "demo" });
    for (let turns = i % 7; turns > 0; turns--) await world.call("GET", "/api/health");
    const { status, body } = await world.call("POST", `/api/runs/${id}/cancel`);
    const run = await world.ended(id);
    if (status !== 202) expect([status, body.code, run.status]).toEqual([409, "RUN_ENDED", "SUCCESS"]);
    else expect(run.status).toBe("CANCELED");
    if (run.status === "CANCELED" && run.admitted_at === null) expect(performed.has(id)).toBe(false);
  };
  for (let i = 0; i < 100; i += 25) await Promise.all(Array.from({ length: 25 }, (_, j) => one(i + j)));
  await world.stop();
  await database.stop();
});
