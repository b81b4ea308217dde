import { collect, from, generator, item, job, op } from "../core/graphs";
import { DATABASES, type TestDatabase } from "../support/databases";
import { items, startWorld, type World } from "./world";

/** gen → a → b → collect, with a step beside it. */
const CHAIN = job(
  generator("gen"),
  op("a", { over: ["gen"], in: [item("gen")] }),
  op("b", { over: ["gen"], in: [from("a")] }),
  op("total", { in: [collect("b")] }),
  op("beside"),
);
const KEYS = ["k0", "k1", "k2", "k3"];

describe.each(DATABASES)("re-execution on %s", (_name, open) => {
  let database: TestDatabase;
  let world: World;
  beforeAll(async () => {
    database = await open();
    world = await startWorld(database);
    await world.publish(CHAIN);
  });
  beforeEach(() => {
    world.ops = {
      gen: () => items(Object.fromEntries(KEYS.map((key) => [key, key]))),
      a: (_step, input) => `a-${input as string}`,
      b: (_step, input) => `b-${input as string}`,
      total: (_step, input) => input,
    };
  });
  afterAll(async () => {
    await world?.stop();
    await database?.stop();
  });

  const run = async (): Promise<string> => {
    const id = await world.launch({ job: "demo", tags: { mine: "1" } });
    await world.ended(id);
    return id;
  };
  const again = async (id: string, body: object): Promise<{ run: any; performed: string[] }> => {
    world.performed.length = 0;
    const { status, body: created } = await world.call("POST", `/api/runs/${id}/reexecute`, body);
    expect([status, created.detail]).toEqual([201, undefined]);
    return { run: await world.ended(created.id), performed: [...world.performed].sort() };
  };
  const totalOf = async (id: string): Promise<any> =>
    (await world.call("GET", `/api/runs/${id}/steps/total`)).body.outputs?.result;

  test("a change of the config that acts only in what is not done again is told", async () => {
    const first = op("first", { configKeys: ["x", "y"] });
    await world.publish({ ...job(first, op("second", { in: [from("first")], configKeys: ["y"] })), job: "idle" });
    world.ops = { second: () => Promise.reject(new Error("not yet")) };
    const id = await world.launch({ job: "idle", config: { x: 1, y: 1, z: 1 } });
    expect(await world.ended(id)).toMatchObject({ status: "FAILURE" });
    const idleOf = async (body: object): Promise<unknown> => {
      const answer = await world.call("POST", `/api/runs/${id}/reexecute`, body);
      expect(answer.status).toBe(201);
      return answer.body.idle_config;
    };
    const x = { key: "x", nodes: ["first"] };
    expect(await idleOf({ from: "failure", config: { x: 2, y: 2 } })).toEqual([x]);
    expect(await idleOf({ from: "steps", steps: ["second"], config: { x: 2 } })).toEqual([x]);
    expect(await idleOf({ from: "failure", config: { x: 1, y: 2, z: 2 } })).toEqual([]);
    expect(await idleOf({ from: "steps", steps: ["first+"], config: { x: 2 } })).toEqual([]);
    expect(await idleOf({ from: "start", config: { x: 2 } })).toEqual([]);
  });

  test("a plan tells what would run again and what is kept, or why it would be refused; nothing is launched", async () => {
    const parent = await run();
    const runs = async (): Promise<number> => (await world.call("GET", "/api/runs/counts")).body.total;
    const before = await runs();
    const plan = (body: object) => world.call("POST", `/api/runs/${parent}/reexecute/validate`, body);
    expect((await plan({ from: "steps", steps: ["a[k3]+"] })).body).toEqual({
      again: ["a", "b", "total"].map((node) => ({ node, steps: 1 })),
      kept: 8,
      idle_config: [],
    });
    // Of items that are made anew the number is not known before.
    const anew = [
      { node: "gen", steps: 1 },
      { node: "a", steps: null },
      { node: "b", steps: null },
      { node: "total", steps: 1 },
    ];
    expect((await plan({ from: "steps", steps: ["gen+"] })).body).toMatchObject({ again: anew, kept: 1 });
    expect((await plan({ from: "start" })).body).toMatchObject({
      again: [...anew, { node: "beside", steps: 1 }],
      kept: 0,
    });
    expect((await plan({ from: "failure" })).body).toMatchObject({ code: "NOTHING_TO_REEXECUTE" });
    expect((await plan({ from: "steps", steps: ["nope"] })).body).toMatchObject({
      code: "INVALID_SELECTION",
      errors: [{ pointer: "/steps/0" }],
    });
    expect(await runs()).toBe(before);
  });

  test("from start everything runs again, in the same family", async () => {
    const parent = await run();
    const { run: child, performed } = await again(parent, { from: "start" });
    expect(performed).toHaveLength(11);
    expect(child).toMatchObject({ status: "SUCCESS", parent_run_id: parent, root_run_id: parent });
    expect(child.tags).toMatchObject({ mine: "1", "dagster/parent_run_id": parent, "dagster/root_run_id": parent });
    const { run: grandchild } = await again(child.id, { from: "start" });
    expect(grandchild).toMatchObject({ parent_run_id: child.id, root_run_id: parent });
  });

  test("one mapped step and what follows it: only these run, the rest is kept, in mapping order", async () => {
    const parent = await run();
    world.ops.a = (_step, input) => `new-${input as string}`;
    const { run: child, performed } = await again(parent, { from: "steps", steps: ["a[k3]+"] });
    expect(performed).toEqual(["a[k3]", "b[k3]", "total"]);
    expect(child.status).toBe("SUCCESS");
    expect(await totalOf(child.id)).toEqual(["b-a-k0", "b-a-k1", "b-a-k2", "b-new-k3"]);
    const { body: kept } = await world.call("GET", `/api/runs/${child.id}/steps/${encodeURIComponent("a[k1]")}`);
    expect(kept).toMatchObject({ status: "SUCCESS", reused_from: parent, outputs: { result: "a-k1" } });
  });

  test("one mapped step alone: what follows stays as it was", async () => {
    const parent = await run();
    const { run: child, performed } = await again(parent, { from: "steps", steps: ["a[k3]"] });
    expect(performed).toEqual(["a[k3]"]);
    expect(child).toMatchObject({ status: "SUCCESS", selection: [{ node: "a", path: ["k3"] }] });
    const { body: steps } = await world.call("GET", `/api/runs/${child.id}/steps`);
    expect(steps.items.filter(({ reused_from }: any) => reused_from === null).map(({ key }: any) => key)).toEqual([
      "a[k3]",
    ]);
  });

  test("a generator chosen alone: its children are left out, the rest is kept", async () => {
    const parent = await run();
    const { run: child, performed } = await again(parent, { from: "steps", steps: ["gen"] });
    expect(performed).toEqual(["gen"]);
    expect(child.status).toBe("SUCCESS");
    const { body: steps } = await world.call("GET", `/api/runs/${child.id}/steps?node=a`);
    expect(steps.items.map(({ skip_reason }: any) => skip_reason)).toEqual(KEYS.map(() => "NOT_SELECTED"));
  });

  test("a whole node by its name, and several entries", async () => {
    const parent = await run();
    const { performed } = await again(parent, { from: "steps", steps: ["b", "beside"] });
    expect(performed).toEqual(["b[k0]", "b[k1]", "b[k2]", "b[k3]", "beside"]);
  });

  test("from failure only what failed and what follows runs; what succeeded is kept", async () => {
    world.ops.a = (_step, input) => {
      if (input === "k2") throw new Error("no");
      return `a-${input as string}`;
    };
    const parent = await run();
    expect((await world.call("GET", `/api/runs/${parent}`)).body.status).toBe("FAILURE");
    world.ops.a = (_step, input) => `fixed-${input as string}`;
    const { run: child, performed } = await again(parent, { from: "failure" });
    expect(performed).toEqual(["a[k2]", "b[k2]", "total"]);
    expect(child).toMatchObject({ status: "SUCCESS", selection: null });
    expect(await totalOf(child.id)).toEqual(["b-a-k0", "b-a-k1", "b-fixed-k2", "b-a-k3"]);
  });

  test("a generator that failed half-way is run again with all of its children, also those it never produced", async () => {
    world.ops.gen = () => {
      throw Object.assign(new Error("half"), { partial: { k0: "k0", k1: "k1" } });
    };
    const parent = await run();
    world.ops.gen = () => items(Object.fromEntries([...KEYS, "k4"].map((key) => [key, key])));
    const { run: child } = await again(parent, { from: "failure" });
    expect(child.status).toBe("SUCCESS");
    expect(await totalOf(child.id)).toEqual([...KEYS, "k4"].map((key) => `b-a-${key}`));
    expect(world.performed).not.toContain("beside");
  });

  test("a canceled run goes on from where it was", async () => {
    let entered!: () => void;
    const begun = new Promise<void>((resolve) => (entered = resolve));
    let leave!: () => void;
    const left = new Promise<void>((resolve) => (leave = resolve));
    world.ops.gen = async () => {
      entered();
      await left;
      return items({ k0: "k0" });
    };
    const id = await world.launch({ job: "demo" });
    await begun;
    await world.call("POST", `/api/runs/${id}/cancel`);
    leave();
    expect((await world.ended(id)).status).toBe("CANCELED");
    world.ops.gen = () => items({ k0: "k0" });
    const { run: child } = await again(id, { from: "failure" });
    expect(child.status).toBe("SUCCESS");
    expect(await totalOf(child.id)).toEqual(["b-a-k0"]);
  });

  test("unknown steps and keys, brackets of a plan, and generators beside their own items are refused by name", async () => {
    const parent = await run();
    const count = async () => (await world.call("GET", "/api/runs?limit=1000")).body.items.length;
    const before = await count();
    for (const [steps, pointer, text] of [
      [["a[zz]"], "/steps/0", "a[zz]"],
      [["a[k0]", "nope"], "/steps/1", "nope"],
      [["a[?]"], "/steps/0", "a[?]"],
      [["a[k0][k1]"], "/steps/0", "a[k0][k1]"],
      [["gen", "a[k1]"], "/steps/1", "a[k1]"],
      [["total+", "[", "+"], "/steps/1", "["],
    ] as const) {
      const { status, body } = await world.call("POST", `/api/runs/${parent}/reexecute`, { from: "steps", steps });
      expect([status, body.code]).toEqual([422, "INVALID_SELECTION"]);
      expect(body.errors[0]).toMatchObject({ pointer, message: expect.stringContaining(text) });
    }
    expect(await count()).toBe(before);
  });

  test("a step whose input neither succeeded nor is chosen is refused", async () => {
    world.ops.a = (_step, input) => {
      if (input === "k1") throw new Error("no");
      return input;
    };
    const parent = await run();
    const asked = (steps: string[]) => world.call("POST", `/api/runs/${parent}/reexecute`, { from: "steps", steps });
    const refused = await asked(["b[k1]"]);
    expect(refused.status).toBe(422);
    expect(refused.body.errors).toEqual([{ pointer: "/steps/0", message: expect.stringContaining('"a[k1]"') }]);
    expect((await asked(["total"])).body.errors[0].message).toContain('"b[k1]"');
    world.ops.a = (_step, input) => input;
    const { performed } = await again(parent, { from: "steps", steps: ["a[k1]+"] });
    expect(performed).toEqual(["a[k1]", "b[k1]", "total"]);
  });

  test("500 chosen steps: exactly these run", async () => {
    world.ops.gen = () => items(Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`n${i}`, i])));
    const parent = await run();
    const steps = Array.from({ length: 500 }, (_, i) => `a[n${i}]`);
    const { performed, run: child } = await again(parent, { from: "steps", steps });
    expect(performed).toEqual([...steps].sort());
    expect(child.status).toBe("SUCCESS");
  });

  test("the same idempotency key repeats a run once; with another request it is refused, of another run it is another", async () => {
    const [id, other] = [await run(), await run()];
    const ask = (of: string, body: object) =>
      world.call("POST", `/api/runs/${of}/reexecute`, body, { "idempotency-key": "again" });
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(id, { from: "start" })));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array<number>(19).fill(200), 201]);
    const made = answers[0]!.body.id as string;
    const changed = await ask(id, { from: "start", config: { n: 2 } });
    expect([changed.status, changed.body.code, changed.body.run_id]).toEqual([422, "IDEMPOTENCY_KEY_REUSED", made]);
    expect((await ask(other, { from: "start" })).status).toBe(201);
    await world.ended(made);
    expect((await world.call("GET", `/api/runs?parent_run_id=${id}`)).body.items).toHaveLength(1);
    expect((await world.call("DELETE", `/api/runs/${made}`)).status).toBe(204);
    expect((await ask(id, { from: "start" })).body.code).toBe("RUN_DELETED");
    const { body } = await world.call("GET", "/api/audit?action=reexecuteRun&limit=1");
    expect(body.items[0]).toMatchObject({ object: `runs/${id}`, details: { from: "start" } });
  });

  test("what is not fitting is refused: a run that goes on, nothing failed, steps without from steps, bad config", async () => {
    const parent = await run();
    const asked = (body: object) =>
      world.call("POST", `/api/runs/${parent}/reexecute`, body).then((a) => [a.status, a.body.code]);
    expect(await asked({ from: "failure" })).toEqual([409, "NOTHING_TO_REEXECUTE"]);
    expect(await asked({ from: "steps" })).toEqual([422, "INVALID_BODY"]);
    expect(await asked({ from: "start", steps: ["a"] })).toEqual([422, "INVALID_BODY"]);
    expect(await asked({ from: "end" })).toEqual([422, "INVALID_BODY"]);
    await world.publish({ ...CHAIN, job: "strict", configSchema: { type: "object", additionalProperties: false } });
    const strict = await world.launch({ job: "strict" });
    await world.ended(strict);
    const { status, body } = await world.call("POST", `/api/runs/${strict}/reexecute`, {
      from: "start",
      config: { x: 1 },
    });
    expect([status, body.errors[0].pointer]).toEqual([422, "/config/x"]);
  });
});
