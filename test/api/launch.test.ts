import { generator, item, job, op, collect } from "../core/graphs";
import { DATABASES, type TestDatabase } from "../support/databases";
import { items, startWorld, type World } from "./world";

const DEMO = {
  ...job(generator("gen"), op("work", { over: ["gen"], in: [item("gen")] }), op("sum", { in: [collect("work")] })),
  configSchema: {
    type: "object",
    properties: { num_tasks: { type: "integer", minimum: 1 }, name: { type: "string" } },
    required: ["num_tasks"],
    additionalProperties: false,
  },
  defaultConfig: { name: "x" },
  tags: { team: "a" },
};

describe.each(DATABASES)("launching on %s", (_name, open) => {
  let database: TestDatabase;
  let world: World;
  beforeAll(async () => {
    database = await open();
    world = await startWorld(database);
    await world.publish(DEMO, { ...DEMO, job: "other" });
    world.ops = {
      gen: ({ config }) =>
        items(Object.fromEntries(Array.from({ length: config.num_tasks as number }, (_, i) => [`k${i}`, i]))),
      work: (_step, input) => (input as number) * 10,
      sum: (_step, input) => (input as number[]).reduce((a, b) => a + b, 0),
    };
  });
  afterAll(async () => {
    await world?.stop();
    await database?.stop();
  });

  test("a launch can be tried: what is wrong is told as a launch would, and nothing is launched", async () => {
    const check = async (body: object) => (await world.call("POST", "/api/jobs/demo/validate", body)).body;
    expect(await check({ config: { num_tasks: 2 } })).toEqual({ errors: [], config: { num_tasks: 2, name: "x" } });
    expect(await check({ config: { num_task: 2 } })).toEqual({
      errors: [
        { pointer: "/config/num_tasks", message: "is required" },
        { pointer: "/config/num_task", message: expect.stringContaining("is not known to the job") },
      ],
      config: null,
    });
    expect((await check({ config: { num_tasks: 2 }, tags: { "dagster/max_runtime": "x" } })).errors).toEqual([
      { pointer: "/tags/dagster~1max_runtime", message: "must be a number of seconds, 0 or more" },
    ]);
    const secret = (name: unknown) => check({ config: { num_tasks: 2, name } });
    expect(await secret({ $secret: "env:NAME" })).toMatchObject({
      errors: [],
      config: { name: { $secret: "env:NAME" } },
    });
    expect((await secret({ $secret: "NAME" })).errors).toEqual([
      { pointer: "/config/name", message: expect.stringContaining('must be {"$secret": "env:NAME"}') },
    ]);
    expect((await check({ config: { num_tasks: { $secret: "env:NAME" } } })).errors).toEqual([
      { pointer: "/config/num_tasks", message: expect.stringContaining("takes no reference to a secret") },
    ]);
    expect((await world.call("POST", "/api/jobs/nope/validate", {})).body.code).toBe("JOB_NOT_FOUND");
    expect((await world.call("GET", "/api/runs")).body.items).toEqual([]);
  });

  test("a launched run is queued, runs and ends, and everything of it can be read", async () => {
    const { status, body, headers } = await world.call("POST", "/api/runs", {
      job: "demo",
      config: { num_tasks: 3 },
      tags: { owner: "me" },
      priority: 7,
    });
    expect(status).toBe(201);
    expect(headers.get("location")).toBe(`/api/runs/${body.id}`);
    expect(body).toMatchObject({
      job: "demo",
      status: "QUEUED",
      priority: 7,
      config: { num_tasks: 3, name: "x" },
      tags: { team: "a", owner: "me" },
    });
    const run = await world.ended(body.id);
    expect(run).toMatchObject({ status: "SUCCESS", steps_succeeded: 5, steps_failed: 0, steps_total: 5 });
    const { body: steps } = await world.call("GET", `/api/runs/${body.id}/steps`);
    expect(steps.items.map(({ key }: any) => key)).toEqual(["gen", "sum", "work[k0]", "work[k1]", "work[k2]"]);
    expect(steps.items[0]).not.toHaveProperty("outputs");
    const { body: step } = await world.call("GET", `/api/runs/${body.id}/steps/${encodeURIComponent("work[k2]")}`);
    expect(step).toMatchObject({ key: "work[k2]", outputs: { result: 20 }, inputs: { 0: { value: 2 } } });
    const { body: sum } = await world.call("GET", `/api/runs/${body.id}/steps/sum`);
    expect(sum).toMatchObject({ outputs: { result: 30 }, inputs: { 0: { list: [0, 10, 20], more: false } } });
    const { body: yielded } = await world.call("GET", `/api/runs/${body.id}/steps/gen/items?limit=2`);
    expect(yielded.items.map(({ key, value }: any) => [key, value])).toEqual([
      ["k0", 0],
      ["k1", 1],
    ]);
    const { body: logs } = await world.call("GET", `/api/runs/${body.id}/logs?step=${encodeURIComponent("work[k1]")}`);
    expect(logs.items).toMatchObject([{ step: "work[k1]", attempt: 1, text: "work[k1] begins" }]);
    const { body: events } = await world.call("GET", `/api/runs/${body.id}/events?limit=1000`);
    expect(events.items.map(({ seq }: any) => seq)).toEqual(events.items.map((_: any, i: number) => i + 1));
    expect(events.items.at(-1).type).toBe("RUN_SUCCESS");
  });

  test("of a new run the chosen ops run, with * what they need and with + what follows them", async () => {
    const performed = async (steps: string[]): Promise<string[]> => {
      const { body } = await world.call("POST", "/api/runs", { job: "demo", config: { num_tasks: 1 }, steps });
      expect(await world.ended(body.id)).toMatchObject({ status: "SUCCESS", steps_failed: 0 });
      const { body: found } = await world.call("GET", `/api/runs/${body.id}/steps?status=SUCCESS`);
      return found.items.map(({ key }: any) => key);
    };
    expect(await performed(["gen"])).toEqual(["gen"]);
    expect(await performed(["*work"])).toEqual(["gen", "work[k0]"]);
    expect(await performed(["*work+"])).toEqual(["gen", "sum", "work[k0]"]);
  });

  test("ops that are not there, items, and ops whose sources are left out are refused, also by a trial", async () => {
    const refusals = async (steps: string[]) => {
      const body = { config: { num_tasks: 1 }, steps };
      const launched = await world.call("POST", "/api/runs", { job: "demo", ...body });
      expect(launched).toMatchObject({ status: 422, body: { code: "INVALID_SELECTION" } });
      expect((await world.call("POST", "/api/jobs/demo/validate", body)).body.errors).toEqual(launched.body.errors);
      return launched.body.errors.map(({ pointer, message }: any) => [pointer, message]);
    };
    expect(await refusals(["gen", "wrok+", "*work[k0]"])).toEqual([
      ["/steps/1", expect.stringMatching(/"wrok", which job "demo" does not have.*did you mean "work"/)],
      ["/steps/2", expect.stringContaining('choose "work"')],
    ]);
    expect(await refusals(["gen", "sum"])).toEqual([
      ["/steps/1", '"sum" runs "sum", which needs "work": choose "*sum" to run all that it needs'],
    ]);
    expect(await refusals(["work+"])).toEqual([["/steps/0", expect.stringContaining('needs "gen": choose "*work"')]]);
  });

  test("the same idempotency key and request gives the same run, also after it has ended", async () => {
    const body = { job: "demo", config: { num_tasks: 1 } };
    const headers = { "idempotency-key": "key-1" };
    const answers = await Promise.all(Array.from({ length: 40 }, () => world.call("POST", "/api/runs", body, headers)));
    expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(39);
    const { id } = answers[0]!.body;
    await world.ended(id);
    const again = await world.call("POST", "/api/runs", { config: { num_tasks: 1 }, job: "demo" }, headers);
    expect([again.status, again.body.id, again.body.status]).toEqual([200, id, "SUCCESS"]);
  });

  test("the same idempotency key with another body is refused; for another job it is another key", async () => {
    const headers = { "idempotency-key": "key-2" };
    const first = await world.call("POST", "/api/runs", { job: "demo", config: { num_tasks: 1 } }, headers);
    const other = await world.call("POST", "/api/runs", { job: "demo", config: { num_tasks: 2 } }, headers);
    expect([other.status, other.body.code, other.body.run_id]).toEqual([422, "IDEMPOTENCY_KEY_REUSED", first.body.id]);
    const elsewhere = await world.call("POST", "/api/runs", { job: "other", config: { num_tasks: 2 } }, headers);
    expect(elsewhere.status).toBe(201);
  });

  test("an idempotency key is free again after 24 hours", async () => {
    const body = { job: "demo", config: { num_tasks: 1 } };
    const headers = { "idempotency-key": "key-old" };
    const first = await world.call("POST", "/api/runs", body, headers);
    await world.db.query(
      `update idempotency_keys set created_at = created_at - interval '24 hours' where run_id = $1`,
      [first.body.id],
    );
    const second = await world.call("POST", "/api/runs", body, headers);
    expect(second.status).toBe(201);
    expect(second.body.id).not.toBe(first.body.id);
  });

  test("a run key launches once, however many ask at once, and stays taken when its run is deleted", async () => {
    const body = { job: "demo", config: { num_tasks: 1 }, run_key: "file-1" };
    const answers = await Promise.all(Array.from({ length: 40 }, () => world.call("POST", "/api/runs", body)));
    expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    const { id, tags } = answers[0]!.body;
    expect(tags["dagster/run_key"]).toBe("file-1");
    await world.ended(id);
    expect((await world.call("DELETE", `/api/runs/${id}`)).status).toBe(204);
    const after = await world.call("POST", "/api/runs", body);
    expect([after.status, after.body.code]).toEqual([410, "RUN_DELETED"]);
    expect((await world.call("GET", `/api/runs/${id}`)).status).toBe(404);
  });

  test("odd idempotency keys are refused with a clear problem", async () => {
    for (const key of ["k".repeat(300), "é", "", "a b"]) {
      const { status, body } = await world.call(
        "POST",
        "/api/runs",
        { job: "demo", config: { num_tasks: 1 } },
        {
          "idempotency-key": key,
        },
      );
      expect([key, status, body.code]).toEqual([key, 400, "INVALID_IDEMPOTENCY_KEY"]);
    }
  });

  test("an unknown job is answered 404 with the nearest names", async () => {
    const { status, body, headers } = await world.call("POST", "/api/runs", { job: "demmo" });
    expect(status).toBe(404);
    expect(headers.get("content-type")).toContain("application/problem+json");
    expect(body).toMatchObject({ code: "JOB_NOT_FOUND", status: 404, nearest: ["demo"] });
    expect(body.detail).toContain('Did you mean "demo"?');
  });

  test("bad config is answered 422 with a pointer to each fault, of very many to the first", async () => {
    const bad = await world.call("POST", "/api/runs", { job: "demo", config: { num_tasks: -1, what: true } });
    expect(bad.status).toBe(422);
    expect(bad.body).toMatchObject({ code: "INVALID_CONFIG" });
    expect(bad.body.errors.map(({ pointer }: any) => pointer).sort()).toEqual(["/config/num_tasks", "/config/what"]);
    const missing = await world.call("POST", "/api/runs", { job: "demo" });
    expect(missing.body.errors).toEqual([{ pointer: "/config/num_tasks", message: "is required" }]);
    const strange = Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`strange_${i}`, true]));
    const { errors } = (await world.call("POST", "/api/runs", { job: "demo", config: strange })).body;
    expect(errors).toHaveLength(100);
  });

  test("an unknown key is told with the one that may be meant, in a config, a body and a query", async () => {
    const { body } = await world.call("POST", "/api/runs", { job: "demo", config: { num_tasks: 1, nam: "x" } });
    expect(body.detail).toBe(
      'Job "demo" does not take this config: config.nam is not known to the job (did you mean "name"?); got "x".',
    );
    const misspelt = await world.call("POST", "/api/runs", { job: "demo", confg: {} });
    expect(misspelt.body.detail).toBe('/confg is not known here (did you mean "config"?).');
    const query = await world.call("GET", "/api/runs?stats=FAILURE");
    expect(query.body.detail).toMatch(/"stats" is not known here \(did you mean "status"\?\); known are status, /);
  });

  test("system tags must be readable as what they mean", async () => {
    const launchTagged = (tags: object) =>
      world.call("POST", "/api/runs", { job: "demo", config: { num_tasks: 1 }, tags });
    for (const [tag, value] of [
      ["dagster/max_runtime", "-1"],
      ["dagster/max_runtime", "soon"],
      ["dqueue/start_timeout", ""],
      ["dagster/priority", "1.5"],
    ] as const) {
      const { status, body } = await launchTagged({ [tag]: value });
      expect([tag, status]).toEqual([tag, 422]);
      expect(body.errors[0].pointer).toBe(`/tags/${tag.replace("/", "~1")}`);
    }
    expect((await launchTagged({ "dagster/priority": "3", "dagster/max_runtime": "60.5" })).body.priority).toBe(3);
  });

  test("tags up to the limits are found again, beyond them refused with tag and limit", async () => {
    const value = "v".repeat(1023) + "é";
    const id = await world.launch({ job: "demo", config: { num_tasks: 1 }, tags: { long: value, "a/b": "x:y" } });
    for (const tag of [`long:${value}`, "a/b:x:y"]) {
      const { body } = await world.call("GET", `/api/runs?tag=${encodeURIComponent(tag)}`);
      expect(body.items.map((run: any) => run.id)).toEqual([id]);
    }
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`t${i}`, ""]));
    for (const tags of [
      { t: "v".repeat(1025) },
      { ["k".repeat(300)]: "v" },
      { "a:b": "v" },
      { "": "v" },
      { t: 1 },
      many,
    ]) {
      const { status, body } = await world.call("POST", "/api/runs", { job: "demo", config: { num_tasks: 1 }, tags });
      expect([status, body.code]).toEqual([422, "INVALID_BODY"]);
      expect(body.errors[0].pointer).toMatch(/^\/tags/);
    }
  });

  test("a NUL character anywhere is refused with a pointer, and half a surrogate pair too", async () => {
    const base = { job: "demo", config: { num_tasks: 1 } };
    for (const [body, pointer] of [
      [{ ...base, config: { num_tasks: 1, name: "a\u0000b" } }, "/config/name"],
      [{ ...base, config: { "k\u0000": 1 } }, "/config/k\u0000"],
      [{ ...base, tags: { a: "\u0000" } }, "/tags/a"],
      [{ ...base, tags: { "\u0000": "a" } }, "/tags/\u0000"],
      [{ ...base, run_key: "a\u0000" }, "/run_key"],
      [{ ...base, tags: { a: "\ud800" } }, "/tags/a"],
    ] as const) {
      const { status, body: answer } = await world.call("POST", "/api/runs", body);
      expect(status).toBe(422);
      expect(answer.errors[0].pointer).toBe(pointer);
    }
  });
});

test("two webservers on one database launch once per key, and refuse the same of them both", async () => {
  const database = await DATABASES.at(-1)![1]();
  const options = { coordinator: false };
  const [one, two] = [await startWorld(database, options), await startWorld(database, options)];
  await one.publish(job(op("a")));
  const many = (body: object, headers = {}) =>
    Promise.all(Array.from({ length: 40 }, (_, i) => (i % 2 ? one : two).call("POST", "/api/runs", body, headers)));
  for (const answers of [
    await many({ job: "demo" }, { "idempotency-key": "k" }),
    await many({ job: "demo", run_key: "r" }),
    await many({ job: "demo", run_key: "both" }, { "idempotency-key": "both" }),
  ]) {
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  }
  expect((await one.db.query("select 1 from runs")).rowCount).toBe(3);
  const mixed = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      (i % 2 ? one : two).call("POST", "/api/runs", { job: "demo", priority: i % 2 }, { "idempotency-key": "mixed" }),
    ),
  );
  expect(mixed.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(mixed.filter(({ status }) => status === 422)).toHaveLength(10);
  await Promise.all([one.stop(), two.stop()]);
  await database.stop();
});
