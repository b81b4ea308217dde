import { v7 as uuidv7 } from "uuid";
import type { BulkAction } from "../../client";
import { type BulkRequest, startBulkAction } from "../../store/bulk-actions";
import {
  BulkActionLost,
  type HeldBulkAction,
  nextBulkRuns,
  noteProgress,
  takeBulkActions,
} from "../../store/bulk-progress";
import { eventually } from "../support/eventually";
import { job, op } from "../core/graphs";
import { DATABASES, type TestDatabase } from "../support/databases";
import { startWorld, type World } from "./world";

const jobOf = (name: string) => ({ ...job(op("first"), op("second")), job: name });

describe.each(DATABASES)("what is done to all runs of a filter, on %s", (_name, open) => {
  let database: TestDatabase;
  let world: World;
  let letGo: () => void;
  beforeAll(async () => {
    database = await open();
    // Two go on, the others are queued.
    world = await startWorld(database, { maxConcurrentRuns: 2 });
    await world.publish(...["held", "other", "failing", "strict", "old", "left"].map(jobOf));
  });
  beforeEach(() => {
    const gate = new Promise<null>((resolve) => (letGo = () => resolve(null)));
    world.ops = {
      first: ({ config }) => (config.hold ? gate : null),
      second: ({ config }) => {
        if (config.fail) throw new Error("503 from ledger-api");
        return null;
      },
    };
  });
  afterEach(() => letGo());
  afterAll(async () => {
    await world?.stop();
    await database?.stop();
  });

  const launch = (n: number, body: object): Promise<string[]> =>
    Promise.all(Array.from({ length: n }, () => world.launch(body)));
  const ended = async (n: number, body: object): Promise<string[]> => {
    const ids = await launch(n, body);
    for (const id of ids) await world.ended(id);
    return ids;
  };
  const ask = (body: object) => world.call("POST", "/api/runs/bulk", body);
  const done = (id: string): Promise<BulkAction> =>
    eventually<BulkAction>(
      async () => (await world.call("GET", `/api/runs/bulk/${id}`)).body,
      ({ status }) => status !== "RUNNING",
    );
  const act = async (body: object): Promise<BulkAction> => {
    const { status, body: action } = await ask(body);
    expect([status, action.status]).toEqual([202, "RUNNING"]);
    return done(action.id);
  };
  /** Begun, and in the hands of an owner of the test. */
  const heldBy = (owner: string, request: BulkRequest): Promise<HeldBulkAction> =>
    world.db.transaction(async (tx) => {
      await startBulkAction(tx, request);
      return (await takeBulkActions(tx, { owner, inHand: [], atMost: 1 }))[0]!;
    });
  const list = async (query: string): Promise<any[]> => (await world.call("GET", `/api/runs?${query}`)).body.items;
  const statuses = async (ids: readonly string[]): Promise<string[]> => {
    const runs = await list(ids.map((id) => `id=${id}`).join("&"));
    return [...new Set(runs.map(({ status }) => status as string))].sort();
  };

  test("a cancel reaches the runs that go on and those that wait, tags them, and nobody else", async () => {
    const ids = await launch(30, { job: "held", config: { hold: true }, tags: { team: "core" } });
    const [other] = await launch(1, { job: "other", config: { hold: true } });
    const action = await act({ verb: "cancel", filter: { job: ["held"] }, count: 30 });
    expect(action).toMatchObject({ verb: "cancel", from: null, status: "DONE", total: 30, done: 30, refused: 0 });
    for (const id of ids) expect((await world.ended(id)).status).toBe("CANCELED");
    const tagged = await list(`tag=dqueue/bulk:${action.id}`);
    expect(tagged.map(({ id }) => id).sort()).toEqual([...ids].sort());
    expect(tagged[0].tags).toEqual({ team: "core", "dqueue/bulk": action.id });
    expect(await statuses([other!])).not.toContain("CANCELED");
    letGo();
    expect((await world.ended(other!)).status).toBe("SUCCESS");
  });

  test("a count that is more than 5 % off is refused, and nothing is canceled", async () => {
    const ids = await launch(21, { job: "held", config: { hold: true } });
    for (const count of [19, 23, 1]) {
      const { status, body } = await ask({ verb: "cancel", filter: { job: ["held"] }, count });
      expect([status, body.code, body.count, body.confirmed]).toEqual([409, "COUNT_DIFFERS", 21, count]);
      expect(body.detail).toContain(`It would be 21 runs and not ${count}: nothing was done.`);
    }
    const { rows } = await world.db.query("select 1 from runs where id = any($1) and cancel_requested_at is not null", [
      ids,
    ]);
    expect(rows).toEqual([]);
    // One of 20 is 5 %.
    expect(await act({ verb: "cancel", filter: { job: ["held"] }, count: 20 })).toMatchObject({ total: 21, done: 21 });
    for (const id of ids) expect((await world.ended(id)).status).toBe("CANCELED");
    const none = await ask({ verb: "cancel", filter: { status: ["SUCCESS"] }, count: 3 });
    expect([none.status, none.body.count]).toEqual([409, 0]);
  });

  test("a re-execution repeats each run once; what it creates is not repeated in its turn", async () => {
    const ids = await ended(3, { job: "failing", config: { fail: true } });
    await ended(1, { job: "failing" });
    const action = await act({ verb: "reexecute", from: "failure", filter: { job: ["failing"] }, count: 3 });
    expect(action).toMatchObject({ from: "failure", total: 3, done: 3, refused: 0 });
    const created = await list(`tag=dqueue/bulk:${action.id}`);
    expect(created.map(({ parent_run_id }) => parent_run_id).sort()).toEqual([...ids].sort());
    for (const { id } of created) expect((await world.ended(id)).status).toBe("FAILURE");
    const again = await world.call("POST", `/api/runs/${created[0].id}/reexecute`, { from: "start" });
    expect(again.body.tags).not.toHaveProperty(["dqueue/bulk"]);
    await world.ended(again.body.id);
  });

  test("what is refused is told with its reason, and the others go on", async () => {
    const ids = await ended(3, { job: "strict", config: { n: 1 } });
    const configSchema = { type: "object", properties: { n: { type: "integer" } }, additionalProperties: false };
    const [odd] = await ended(1, { job: "strict", config: { n: "one" } });
    await world.publish({ ...jobOf("strict"), configSchema });
    const action = await act({ verb: "reexecute", from: "start", filter: { job: ["strict"] }, count: 4 });
    expect(action).toMatchObject({ total: 4, done: 3, refused: 1 });
    expect(action.refusals).toEqual([
      { run_id: odd, code: "INVALID_CONFIG", detail: expect.stringContaining("config.n must be integer") },
    ]);
    for (const run of await list(`tag=dqueue/bulk:${action.id}`)) {
      expect(ids).toContain(run.parent_run_id);
      await world.ended(run.id);
    }
  });

  test("a deletion takes those that have ended and leaves those that go on", async () => {
    await ended(4, { job: "old" });
    const [going] = await launch(1, { job: "old", config: { hold: true } });
    expect(await act({ verb: "delete", filter: { job: ["old"] }, count: 4 })).toMatchObject({ done: 4, refused: 0 });
    expect((await list("job=old")).map(({ id }) => id)).toEqual([going]);
  });

  test("an action of a web server that is gone is finished by another, each run once", async () => {
    await ended(5, { job: "left" });
    const filter = { job: { any: ["left"], none: [] } };
    const action = await heldBy("gone", { verb: "reexecute", from: "start", filter, count: 5 });
    const { id } = action;
    const [first] = await nextBulkRuns(world.db, action, 1);
    await noteProgress(world.db, { id, owner: "gone", reached: first!, done: 1, refusals: [] });
    const again = noteProgress(world.db, { id, owner: "gone", reached: first!, done: 1, refusals: [] });
    await expect(again).rejects.toBeInstanceOf(BulkActionLost);
    await world.db.query("update bulk_actions set lease_until = now() - interval '1 second' where id = $1", [id]);
    expect(await done(id)).toMatchObject({ status: "DONE", done: 5, refused: 0 });
    expect(await list(`tag=dqueue/bulk:${id}`)).toHaveLength(4);
  });

  test("the same request with the same idempotency key begins once, though its answer was lost", async () => {
    const ids = await ended(3, { job: "failing", tags: { lost: "yes" } });
    const body = { verb: "reexecute", from: "start", filter: { tag: ["lost:yes"] }, count: 3 };
    const headers = { "idempotency-key": "lost" };
    const first = await world.call("POST", "/api/runs/bulk", body, headers);
    expect(await done(first.body.id)).toMatchObject({ total: 3, done: 3 });
    // By now there are six, and more than was confirmed.
    const again = await world.call("POST", "/api/runs/bulk", body, headers);
    expect([again.status, again.body.id]).toEqual([202, first.body.id]);
    const other = await world.call("POST", "/api/runs/bulk", { ...body, count: 6 }, headers);
    expect([other.status, other.body.bulk_action]).toEqual([422, first.body.id]);
    const created = await list(`tag=dqueue/bulk:${first.body.id}`);
    expect(created.map(({ parent_run_id }) => parent_run_id).sort()).toEqual([...ids].sort());
    for (const { id } of created) await world.ended(id);
  });

  test("runs that were chosen one by one are a filter of many ids", async () => {
    const ids = await ended(30, { job: "old" });
    const absent = Array.from({ length: 970 }, () => uuidv7());
    const of = (id: string[]) => ({ verb: "delete", filter: { id }, count: 30 });
    expect(await act(of([...ids, ...absent]))).toMatchObject({ total: 30, done: 30 });
    expect((await ask(of([...ids, ...absent, uuidv7()]))).status).toBe(422);
  });

  test("once it is stopped nothing more is done", async () => {
    await ended(2, { job: "left", tags: { kept: "yes" } });
    const filter = { tags: { all: [["kept", "yes"]] as [string, string][], none: [] } };
    const { id } = await heldBy("me", { verb: "delete", from: null, filter, count: 2 });
    const stopped = await world.call("POST", `/api/runs/bulk/${id}/stop`);
    expect(stopped.body).toMatchObject({ status: "STOPPED", done: 0, ended_at: expect.any(String) });
    const [run] = await list("tag=kept:yes");
    const late = noteProgress(world.db, {
      ...{ id, owner: "me", done: 1, refusals: [] },
      reached: { id: run.id, created_us: Date.parse(run.created_at) * 1_000 },
    });
    await expect(late).rejects.toBeInstanceOf(BulkActionLost);
    expect((await world.call("POST", `/api/runs/bulk/${id}/stop`)).body).toEqual(stopped.body);
    expect(await list("tag=kept:yes")).toHaveLength(2);
  });

  test("what is asked wrongly is told with a pointer", async () => {
    const wrong = async (body: object) => {
      const answer = await ask({ count: 1, filter: {}, ...body });
      return [answer.status, answer.body.errors?.map(({ pointer }: any) => pointer)];
    };
    expect(await wrong({ verb: "stop" })).toEqual([422, ["/verb"]]);
    expect(await wrong({ verb: "reexecute" })).toEqual([422, ["/from"]]);
    expect(await wrong({ verb: "cancel", from: "start" })).toEqual([422, ["/from"]]);
    expect(await wrong({ verb: "cancel", filter: { stats: ["QUEUED"] } })).toEqual([422, ["/filter/stats"]]);
    expect(await wrong({ verb: "cancel", filter: { created_after: "2025-02-30T00:00:00Z" } })).toEqual([
      422,
      ["/filter/created_after"],
    ]);
    expect(await wrong({ verb: "cancel", count: 0 })).toEqual([422, ["/count"]]);
    const unknown = await world.call("GET", `/api/runs/bulk/${uuidv7()}`);
    expect([unknown.status, unknown.body.code]).toEqual([404, "BULK_ACTION_NOT_FOUND"]);
    expect((await world.call("POST", "/api/runs/bulk/x/stop")).status).toBe(404);
  });
});
