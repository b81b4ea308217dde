import type { GraphSnapshot } from "../../core/graph";
import { publishJobs } from "../../store/catalog";
import { type CreatedRun, createRuns, copySteps } from "../../store/create-runs";
import { sequelizeOf } from "../../store/sequelize";
import type { Database } from "../../store/database";
import { hashGraph, graphOfRun } from "../../store/graphs";
import { modelsOf } from "../../store/models";
import { ownerStore } from "../../store/owner-store";
import { sweepGraphs } from "../../store/retention/sweep-graphs";
import { admitQueued, cancelIntents, grantedRuns, loadRuns, loadSteps } from "../../store/runs";
import { readShards } from "../../store/shards";
import { DATABASES, type TestDatabase } from "../support/databases";
import { create, graph, leaseOf, newRun, node, openTransaction, ownerOf, runChange, stepRow, succeeded } from "./world";

const ALL_SHARDS = [0, 1, 2, 3, 4, 5, 6, 7];

describe.each(DATABASES)("runs on %s", (_name, open) => {
  let world: TestDatabase;
  let db: Database;
  beforeAll(async () => {
    world = await open();
    db = world.db;
  });
  afterAll(() => world.stop());
  beforeEach(async () => void (await db.query("delete from runs")));

  const grant = (...runs: string[]) =>
    db.query("insert into grants (run_id, shard) select id, shard from runs where id = any($1)", [runs]);

  test("are created queued, with their first event, graph and a shard each", async () => {
    const snapshot = graph([node("a")], "created");
    const made = await createRuns(db, [
      newRun({ job: "created", graph: snapshot, priority: 3, tags: { team: "x" }, config: { n: 1 }, runKey: "k" }),
      newRun({ job: "created", graphId: hashGraph(snapshot) }),
    ]);
    const [first, second] = await loadRuns(
      db,
      made.map(({ id }) => id),
    );
    expect(first).toEqual({
      id: made[0]!.id,
      job: "created",
      shard: made[0]!.shard,
      status: "QUEUED",
      priority: 3,
      tags: { team: "x" },
      config: { n: 1 },
      graph: snapshot,
      selection: null,
      parentRunId: null,
      rootRunId: null,
      createdAt: made[0]!.createdAt,
      admittedAt: null,
      startedAt: null,
      endedAt: null,
      cancelRequestedAt: null,
      failureReason: null,
      seq: 1,
    });
    expect(second!.graph).toBe(first!.graph);
    expect(await graphOfRun(db, made[1]!.id)).toBe(first!.graph);
    expect((await db.query("select type, seq from events where run_id = $1", [made[1]!.id])).rows).toEqual([
      { type: "RUN_ENQUEUED", seq: 1 },
    ]);
    expect(Math.abs(made[0]!.createdAt - Date.now())).toBeLessThan(60_000);
  });

  test("spread over the shards", async () => {
    const made = await createRuns(
      db,
      Array.from({ length: 200 }, () => newRun()),
    );
    expect(new Set(made.map(({ shard }) => shard)).size).toBe(8);
    expect(made.map(({ id }) => id)).toEqual([...made.map(({ id }) => id)].sort());
  });

  test("with a value that the database refuses are not created, with a code that says so", async () => {
    await expect(createRuns(db, [newRun(), newRun({ tags: { bad: "\u0000" } })])).rejects.toMatchObject({
      code: "UNSTORABLE",
    });
    expect((await db.query("select count(*) as n from runs")).rows).toEqual([{ n: 0 }]);
  });

  test("the same graph has the same id whatever the order of its keys", () => {
    const { job, ...rest } = graph();
    expect(hashGraph({ ...rest, job })).toBe(hashGraph(graph()));
    expect(hashGraph(graph([node("other")]))).not.toBe(hashGraph(graph()));
  });

  test("are admitted by priority, then age, up to the limit of those that have not ended", async () => {
    const low = await createRuns(db, [newRun(), newRun()]);
    const [high] = await createRuns(db, [newRun({ priority: 5 })]);
    const owner = await ownerOf(db);
    const admit = () => admitQueued(db, { maxConcurrentRuns: 2, admitter: leaseOf(owner) });
    const grantOf = ({ id: run, shard }: CreatedRun) => ({ run, shard });
    expect(await admit()).toEqual({ grants: [grantOf(high!), grantOf(low[0]!)], emptied: false });
    expect(await admit()).toEqual({ grants: [], emptied: false });
    await owner.commit({ runs: [runChange(high!.id, { status: "SUCCESS", endedAt: 5 })] });
    expect(await admit()).toEqual({ grants: [grantOf(low[1]!)], emptied: false });
    await owner.commit({ runs: low.map(({ id }) => runChange(id, { status: "SUCCESS", endedAt: 6 })) });
    const [last] = await createRuns(db, [newRun()]);
    expect(await admit()).toEqual({ grants: [grantOf(last!)], emptied: true });
    expect(await admit()).toEqual({ grants: [], emptied: true });
  });

  test("are not admitted by one who no longer owns shard 0, nor when their cancel was requested", async () => {
    const run = await create(db);
    const old = await ownerOf(db);
    const now = await ownerOf(db);
    expect(await admitQueued(db, { maxConcurrentRuns: 9, admitter: leaseOf(old) })).toMatchObject({ grants: [] });
    await db.query("update runs set cancel_requested_at = now() where id = $1", [run]);
    expect(await admitQueued(db, { maxConcurrentRuns: 9, admitter: leaseOf(now) })).toMatchObject({ grants: [] });
    await db.query("update runs set cancel_requested_at = null where id = $1", [run]);
    expect(await admitQueued(db, { maxConcurrentRuns: 9, admitter: leaseOf(now) })).toMatchObject({
      grants: [{ run }],
    });
  });

  test("an owner holds granted ones that have not ended, and ended ones with an open hook", async () => {
    const [queued, granted, ended, hooked] = (await createRuns(db, [newRun(), newRun(), newRun(), newRun()])).map(
      ({ id }) => id,
    );
    await grant(granted!, ended!, hooked!);
    const owner = await ownerOf(db);
    await owner.commit({
      runs: [
        runChange(ended!, { status: "SUCCESS", endedAt: 5 }),
        runChange(hooked!, { status: "SUCCESS", endedAt: 5, hooksOpen: true }),
      ],
      events: [{ run: granted!, seq: 2, at: 1, type: "STEP_QUEUED", step: "a", data: null }],
    });
    const held = await grantedRuns(db, ALL_SHARDS, []);
    expect(held.map(({ id }) => id)).toEqual([granted, hooked]);
    expect(held[0]!.seq).toBe(2);
    expect(await grantedRuns(db, ALL_SHARDS, [granted!, hooked!])).toEqual([]);
    expect(await grantedRuns(db, [], [])).toEqual([]);
    expect((await loadRuns(db, [queued!]))[0]!.status).toBe("QUEUED");
  });

  test("whose cancel was requested are found, granted or not, until it has begun", async () => {
    const [one, two] = (await createRuns(db, [newRun(), newRun()])).map(({ id }) => id);
    await db.query("update runs set cancel_requested_at = now() where id = any($1)", [[one, two]]);
    const owner = await ownerOf(db);
    await owner.commit({ runs: [runChange(two!, { status: "CANCELING" })] });
    expect((await cancelIntents(db, ALL_SHARDS)).map(({ id }) => id)).toEqual([one]);
  });

  test("come back with their steps and items in order and without values, however many", async () => {
    const [wide, small] = (await createRuns(db, [newRun(), newRun()])).map(({ id }) => id) as [string, string];
    const owner = await ownerOf(db);
    const keys = Array.from({ length: 12_000 }, (_, i) => String(i));
    for (let at = 0; at < keys.length; at += 4_000) {
      const slice = keys.slice(at, at + 4_000);
      await owner.commit({
        steps: slice.map((key) => succeeded(wide, `t[${key}]`, { path: [key] })),
        items: slice.map((key, i) => ({ run: wide, step: "g", key, ordinal: at + i, value: { value: key } })),
      });
    }
    await owner.commit({
      steps: [
        stepRow(small, "s", {
          status: "UP_FOR_RETRY",
          retryAt: 99.5 * 1000,
          lost: 1,
          attempt: 2,
          fence: 12,
          error: { name: "E", message: "m" },
        }),
      ],
    });
    const { steps, items } = await loadSteps(db, [wide, small]);
    expect(steps).toHaveLength(12_001);
    expect(items.map(({ key }) => key)).toEqual(keys);
    expect(items[0]).toEqual({ run: wide, step: "g", key: "0", ordinal: 0 });
    expect(steps.find(({ run }) => run === small)).toEqual({
      run: small,
      step: "s",
      status: "UP_FOR_RETRY",
      attempt: 2,
      lost: 1,
      fence: 12,
      worker: null,
      slot: null,
      readyAt: 1,
      queuedAt: 1,
      startedAt: null,
      endedAt: null,
      retryAt: 99_500,
      skipReason: null,
      outputNames: null,
      reusedFrom: null,
    });
    expect(steps[0]).toMatchObject({ run: wide, outputNames: ["result"] });
  });

  test("a re-execution gets its parent's results", async () => {
    const parent = await create(db);
    const owner = await ownerOf(db);
    await owner.commit({
      steps: [succeeded(parent, "g", { items: 1, fence: 9 }), stepRow(parent, "open")],
      items: [{ run: parent, step: "g", key: "k", ordinal: 0, value: { value: 1 } }],
    });
    const child = await create(db, { parentRunId: parent, rootRunId: parent });
    expect(await copySteps(db, { from: parent, to: child, steps: ["g", "open", "none"] })).toEqual(["g"]);
    const { steps, items } = await loadSteps(db, [child]);
    expect(steps).toEqual([expect.objectContaining({ step: "g", status: "SUCCESS", fence: 0, reusedFrom: parent })]);
    expect(items).toEqual([{ run: child, step: "g", key: "k", ordinal: 0 }]);
  });

  test("are read through Sequelize's models", async () => {
    const id = await create(db, { tags: { a: "b" } });
    const owner = await ownerOf(db);
    await owner.commit({ steps: [succeeded(id, "a", { fence: 1_700_000_000_000_001 })] });
    const { Run, Step, Job, Instigator, Tick } = modelsOf(sequelizeOf(db));
    expect((await Run.findByPk(id))!.toJSON()).toMatchObject({ id, status: "QUEUED", tags: { a: "b" }, seq: 1 });
    expect((await Step.findOne({ where: { run_id: id } }))!.toJSON()).toMatchObject({
      fence: 1_700_000_000_000_001,
      outputs: { result: { value: "a" } },
    });
    expect(await Promise.all([Job.findAll(), Instigator.findAll(), Tick.findAll()])).toEqual([[], [], []]);
  });

  test("an owner joins, is seen to live, and is gone once it has left", async () => {
    const store = ownerStore(db);
    const one = await store.join("node-1");
    const two = await store.join("node-2 with a long name ".padEnd(300, "x"));
    await expect(store.join("node-1")).rejects.toMatchObject({ code: "COORDINATOR_ID_TAKEN" });
    expect((await store.readShards()).live).toHaveLength(2);
    await two.close();
    expect((await store.readShards()).live).toEqual(["node-1"]);
    expect((await store.readShards()).shards).toEqual(await readShards(db));
    await one.close();
    expect((await store.readShards()).live).toEqual([]);
  });

  const swept = async (): Promise<number> => {
    let sum = 0;
    for await (const count of sweepGraphs(db)) sum += count;
    return sum;
  };
  const anHourPasses = async (): Promise<void> => {
    for (const [table, column] of [
      ["graphs", "created_at"],
      ["jobs", "published_at"],
    ])
      await db.query(`update ${table} set ${column} = ${column} - interval '61 minutes'`);
  };
  const isStored = async (snapshot: GraphSnapshot): Promise<boolean> =>
    (await db.query("select from graphs where id = $1", [hashGraph(snapshot)])).rows.length === 1;

  test("graphs go that no run and no job has any more, once nobody has published anything for an hour", async () => {
    const [first, second, third] = ["first", "second", "third"].map((name) => graph([node(name)], "versioned")) as [
      GraphSnapshot,
      GraphSnapshot,
      GraphSnapshot,
    ];
    for (const [i, snapshot] of [first, second, third].entries()) {
      await publishJobs(db, { codeVersion: `v${i}`, jobs: [snapshot] });
      if (snapshot === second) await create(db, { job: "versioned", graph: second });
    }
    expect(await swept()).toBe(0);
    await anHourPasses();
    expect(await swept()).toBeGreaterThanOrEqual(1);
    expect(await Promise.all([first, second, third].map(isStored))).toEqual([false, true, true]);
    await db.query("delete from runs");
    expect(await swept()).toBe(1);
    expect(await isStored(second)).toBe(false);
    expect(await publishJobs(db, { codeVersion: "v3", jobs: [first] })).toBe(true);
    expect(await isStored(first)).toBe(true);
  });

  if (_name === "PostgreSQL")
    test("a graph stays of which a run is being launched at this moment", async () => {
      const old = graph([node("old")], "versioned");
      await publishJobs(db, { codeVersion: "v4", jobs: [old] });
      await publishJobs(db, { codeVersion: "v5", jobs: [graph([node("new")], "versioned")] });
      await anHourPasses();
      const open = await openTransaction(world.url!);
      await createRuns(open.within, [newRun({ job: "versioned", graph: old })]);
      await swept();
      await open.end();
      expect(await isStored(old)).toBe(true);
      await swept();
      expect(await isStored(old)).toBe(true);
    });
});
