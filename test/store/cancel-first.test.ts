import type { RunChange } from "../../core/records";
import { commit } from "../../store/commit";
import type { Database, Queryable } from "../../store/database";
import { requestCancel } from "../../store/end-of-runs";
import { DATABASES, type TestDatabase } from "../support/databases";
import { batch, create, openTransaction, ownerOf, runChange, stepRow, succeeded, untilBlocked } from "./world";

const success = (id: string): RunChange => runChange(id, { status: "SUCCESS", startedAt: 1, endedAt: 5, seq: 2 });
const failure = (id: string): RunChange => ({ ...success(id), status: "FAILURE", failureReason: "STEP_FAILURE" });
const canceled = (id: string): RunChange => ({ ...success(id), status: "CANCELED" });
const endedEvent = (run: string) => ({ run, seq: 2, at: 5, type: "RUN_SUCCESS" as const, step: null, data: null });

const statusOf = async (db: Queryable, id: string): Promise<string> =>
  (await db.query<{ status: string }>("select status from runs where id = $1", [id])).rows[0]!.status;
const rowsOf = async (db: Queryable, id: string): Promise<number> =>
  (
    await db.query<{ n: number }>(
      `select (select count(*) from steps where run_id = $1) + (select count(*) from events where run_id = $1 and seq > 1) as n`,
      [id],
    )
  ).rows[0]!.n;

describe.each(DATABASES)("a cancel that was accepted, on %s", (name, open) => {
  /** Embedded there is one session: nothing happens at the same time. */
  const testAtOnce = name === "PostgreSQL" ? test : test.skip;
  let world: TestDatabase;
  let db: Database;
  beforeAll(async () => {
    world = await open();
    db = world.db;
  });
  afterAll(() => world.stop());

  test.each([
    ["SUCCESS", success],
    ["FAILURE", failure],
  ])("is not beaten by %s: nothing of that commit is written, and the run is named", async (_status, end) => {
    const [run, other] = [await create(db), await create(db)];
    const owner = await ownerOf(db);
    await requestCancel(db, run);
    const all = { runs: [end(run), success(other)], steps: [succeeded(run, "a"), succeeded(other, "a")] };
    expect(await owner.commit({ ...all, events: [endedEvent(run)] })).toEqual({ ok: false, lost: [], canceled: [run] });
    expect([await statusOf(db, run), await statusOf(db, other)]).toEqual(["QUEUED", "QUEUED"]);
    expect([await rowsOf(db, run), await rowsOf(db, other)]).toEqual([0, 0]);

    expect(await owner.commit({ ...all, runs: [canceled(run), success(other)] })).toEqual({ ok: true });
    expect([await statusOf(db, run), await statusOf(db, other)]).toEqual(["CANCELED", "SUCCESS"]);
  });

  test("hinders no commit in which its run goes on", async () => {
    const run = await create(db);
    const owner = await ownerOf(db);
    await requestCancel(db, run);
    expect(await owner.commit({ runs: [runChange(run)], steps: [stepRow(run, "a")] })).toEqual({ ok: true });
    expect(await statusOf(db, run)).toBe("STARTED");
  });

  test("comes too late for a run that has ended, whose hook is still closed", async () => {
    const run = await create(db);
    const owner = await ownerOf(db);
    await owner.commit({ runs: [{ ...success(run), hooksOpen: true }] });
    await expect(requestCancel(db, run)).rejects.toMatchObject({ code: "RUN_ENDED" });
    // As a version that did not look may have left it.
    await db.query("update runs set cancel_requested_at = now() where id = $1", [run]);
    expect(await owner.commit({ runs: [{ ...success(run), seq: 3 }] })).toEqual({ ok: true });
  });

  test("and a lost shard are told of together", async () => {
    const run = await create(db);
    const old = await ownerOf(db);
    const [next] = [await ownerOf(db)];
    await requestCancel(db, run);
    const lost = old.shards.map(({ id }) => id);
    expect(await old.commit({ runs: [success(run)] })).toEqual({ ok: false, lost, canceled: [run] });
    expect(await next.commit({ runs: [canceled(run)] })).toEqual({ ok: true });
  });

  testAtOnce("is waited for by a commit while it is being written", async () => {
    const run = await create(db);
    const owner = await ownerOf(db);
    const { within, end } = await openTransaction(world.url!);
    await requestCancel(within, run);
    const late = owner.commit({ runs: [success(run)], events: [endedEvent(run)] });
    await untilBlocked(db);
    await end();
    expect(await late).toEqual({ ok: false, lost: [], canceled: [run] });
    expect(await rowsOf(db, run)).toBe(0);
  });

  testAtOnce("waits itself for a commit that ends the run, and finds it ended", async () => {
    const run = await create(db);
    const { owner, shards } = await ownerOf(db);
    const { within, end } = await openTransaction(world.url!);
    await commit(within, batch(owner, shards, { runs: [success(run)] }));
    const late = requestCancel(db, run);
    const refused = expect(late).rejects.toMatchObject({ code: "RUN_ENDED" });
    await untilBlocked(db);
    await end();
    await refused;
    expect(await statusOf(db, run)).toBe("SUCCESS");
  });
});
