import { job, op } from "../core/graphs";
import { DATABASES, type TestDatabase } from "../support/databases";
import { eventually } from "../support/eventually";
import { startWorld, type World } from "./world";

describe.each(DATABASES)("why a run waits, on %s", (_name, open) => {
  let database: TestDatabase;
  let world: World;
  let release: () => void;
  beforeAll(async () => {
    database = await open();
    world = await startWorld(database, { maxConcurrentRuns: 1 });
    await world.publish(job(op("a")));
    const held = new Promise<null>((resolve) => (release = () => resolve(null)));
    world.ops = { a: () => held };
  });
  afterAll(async () => {
    release?.();
    await world?.stop();
    await database?.stop();
  });

  const waiting = async (id: string): Promise<any> => (await world.call("GET", `/api/runs/${id}/waiting`)).body;
  const launch = (priority: number): Promise<string> => world.launch({ job: "demo", priority });

  test("the limit of runs that go on is named with its figures, and who goes before by priority and age", async () => {
    const first = await launch(0);
    await eventually(async () => (await waiting(first)).rule === null);
    const [late, later, urgent] = [await launch(0), await launch(0), await launch(5)];
    const full = { rule: "max_concurrent_runs", going_on: 1, max_concurrent_runs: 1 };
    expect(await waiting(urgent)).toEqual({ ...full, ahead: 0 });
    expect(await waiting(late)).toEqual({ ...full, ahead: 1 });
    expect(await waiting(later)).toEqual({ ...full, ahead: 2 });
    expect(await waiting(first)).toEqual({ ...full, rule: null, ahead: 0 });
    const { status, body } = await world.call("GET", "/api/runs/none/waiting");
    expect([status, body.code]).toEqual([404, "RUN_NOT_FOUND"]);
  });
});

test("where no daemon is up, that is why", async () => {
  const database = await DATABASES[0]![1]();
  const world = await startWorld(database, { coordinator: false });
  await world.publish(job(op("a")));
  const id = await world.launch({ job: "demo" });
  const { body } = await world.call("GET", `/api/runs/${id}/waiting`);
  expect(body).toEqual({ rule: "no_daemon", ahead: 0, going_on: 0, max_concurrent_runs: 200 });
  await world.stop();
  await database.stop();
});
