import type { LogLine } from "../../core/messages";
import { job, op } from "../core/graphs";
import { DATABASES, type TestDatabase } from "../support/databases";
import { addEvents } from "../support/add-events";
import { addLogs } from "../support/logs";
import { startWorld, type World } from "./world";

const log = (level: LogLine["level"], text: string): Omit<LogLine, "at"> => ({ stream: "log", level, text });
const out = (text: string): Omit<LogLine, "at"> => ({ stream: "stdout", level: "info", text });

describe.each(DATABASES)("the search of logs on %s", (_name, open) => {
  let database: TestDatabase;
  let world: World;
  let run: string;

  beforeAll(async () => {
    database = await open();
    world = await startWorld(database);
    await world.publish({ ...job(op("fetch"), op("post")), job: "ledger" });
    run = await world.launch({ job: "ledger" });
    await world.ended(run);
    await world.db.query("delete from logs where run_id = $1", [run]);
    const many = Array.from({ length: 1200 }, (_, i) => out(`parsed ${i} entries`));
    await addLogs(world.db, run, "fetch[a]", many);
    await addLogs(world.db, run, "post", [
      log("info", "POST /Ledger"),
      log("warn", "slow"),
      log("error", "503 ledger"),
    ]);
    await addLogs(world.db, run, "fetch[b]", [out("parsed 7 Ledgers"), log("debug", "100%_done")]);
  });
  afterAll(async () => {
    await world?.stop();
    await database?.stop();
  });

  const search = async (query: string) => (await world.call("GET", `/api/runs/${run}/logs/search?${query}`)).body;
  const lines = async (query: string) => (await world.call("GET", `/api/runs/${run}/logs/lines?${query}`)).body.items;

  test("all lines are counted by kind, with a place for each page of 500", async () => {
    const all = await search("");
    expect(all).toMatchObject({
      lines: 1205,
      shown: 1205,
      kinds: { stdout: 1201, info: 1, warn: 1, error: 1, debug: 1 },
      matches: [],
      errors: [1202],
      warnings: [1201],
    });
    expect(all.places.map(([number]: [number]) => number)).toEqual([500, 1000]);
    const [next] = await lines(`after=${all.places[1][1]}&limit=1`);
    expect(next).toMatchObject({ step: "fetch[a]", text: "parsed 1000 entries", number: 1 });
    expect((await lines(`after=${all.last}`)).length).toBe(0);
  });

  test("a moment of the past shows what was written by then, also of lines that were written at once", async () => {
    const id = await world.launch({ job: "ledger" });
    await world.ended(id);
    await world.db.query("delete from logs where run_id = $1", [id]);
    const at = Date.parse("2026-01-01T10:00:00.000Z");
    await addLogs(world.db, id, "fetch[a]", [out("one"), out("two"), out("three")], { at });
    await addLogs(world.db, id, "post", [out("four"), log("warn", "five")], { at: at + 1 });
    const asked = async (path: string, until: number) =>
      (await world.call("GET", `/api/runs/${id}/logs/${path}until=${new Date(until).toISOString()}`)).body;
    const counts = [-1, 0, 1, 2, 9].map(async (ms) => (await asked("count?", at + ms)).lines);
    expect(await Promise.all(counts)).toEqual([0, 1, 3, 5, 5]);
    const { items } = await asked("lines?", at + 1);
    // Numbers are those of all lines: links to them stay true.
    expect(items.map(({ text, number }: any) => [text, number])).toEqual([
      ["one", 1],
      ["two", 2],
      ["four", 4],
    ]);
    expect(await asked("search?q=o&", at + 1)).toMatchObject({
      lines: 5,
      shown: 3,
      matches: [0, 1, 2],
      kinds: { stdout: 3 },
    });
    expect((await world.call("GET", `/api/runs/${id}/logs/count?until=2026-02-30`)).body.code).toBe(
      "INVALID_PARAMETER",
    );
  });

  test("words are found in any case, or in theirs, or by a pattern", async () => {
    expect(await search("q=ledger")).toMatchObject({ match_count: 3, matches: [1200, 1202, 1203] });
    expect(await search("q=ledger&mode=case")).toMatchObject({ match_count: 1, matches: [1202] });
    expect(await search("q=^(parsed 11%5Cd%5Cd|post)&mode=regex")).toMatchObject({ match_count: 101 });
    expect(await search("q=^(parsed 11%5Cd%5Cd|post)&mode=case-regex")).toMatchObject({ match_count: 100 });
    expect(await search("q=100%25_")).toMatchObject({ matches: [1204] });
  });

  test("what does not fit the filter is neither shown nor searched, and its lines keep their numbers", async () => {
    expect(await search("step=fetch&q=ledger")).toMatchObject({ lines: 1205, shown: 1202, matches: [1200] });
    expect(await search("step=fetch[b]")).toMatchObject({ shown: 2, kinds: { stdout: 1, debug: 1 } });
    expect(await search("kind=warn&kind=error&q=503")).toMatchObject({
      shown: 2,
      matches: [1],
      kinds: { stdout: 1201 },
    });
    expect((await lines("kind=warn&kind=error")).map(({ number }: any) => number)).toEqual([1202, 1203]);
    expect((await world.call("GET", `/api/runs/${run}/logs/count`)).body).toEqual({ lines: 1205, complete: true });
    const [{ worker }] = (await world.call("GET", `/api/runs/${run}/steps`)).body.items;
    expect(await search(`worker=${worker}&step=post`)).toMatchObject({ shown: 3 });
    expect(await search("worker=nobody")).toMatchObject({ lines: 1205, shown: 0 });
    await addEvents(world.db, run, [
      { seq: 900, at: Date.now(), type: "STEP_UP_FOR_RETRY", step: "fetch[b]", data: { attempt: 2, worker: "gone" } },
    ]);
    expect((await lines("worker=gone")).map(({ text }: any) => text)).toEqual(["parsed 7 Ledgers", "100%_done"]);
    expect(await search("attempt=2")).toMatchObject({ lines: 1205, shown: 0, last: expect.any(String) });
  });

  test("lines that came later are counted and searched behind a place", async () => {
    const { last } = await search("");
    expect(await search(`after=${last}`)).toMatchObject({ lines: 0, shown: 0, last: null });
    await addLogs(world.db, run, "post", [log("error", "ledger again")]);
    expect(await search(`after=${last}&q=ledger`)).toMatchObject({ lines: 1, matches: [0], errors: [0] });
    await world.db.query("delete from logs where run_id = $1 and lines::text like '%again%'", [run]);
  });

  test("a pattern that is none is refused with the reason, as is one that refers back", async () => {
    for (const [pattern, why] of [
      ["(ledger", "parentheses () not balanced"],
      ["(a)\\1", "it refers back to a group"],
    ]) {
      const q = encodeURIComponent(pattern!);
      const { status, body } = await world.call("GET", `/api/runs/${run}/logs/search?mode=regex&q=${q}`);
      expect(status).toBe(400);
      expect(body).toMatchObject({ code: "INVALID_PARAMETER", parameter: "q", detail: expect.stringContaining(why!) });
    }
  });

  test("all lines of a filter come as a file, of text or of JSON lines", async () => {
    const text = await fetch(`${world.url}/api/runs/${run}/logs/download?step=post`);
    expect(text.headers.get("content-disposition")).toBe(`attachment; filename="${run}.log"`);
    expect((await text.text()).trimEnd().split("\n").at(-1)).toMatch(/^\S+Z post#1 error 503 ledger$/);
    const json = await fetch(`${world.url}/api/runs/${run}/logs/download?format=ndjson`);
    const all = (await json.text()).trimEnd().split("\n");
    expect(all).toHaveLength(1205);
    expect(JSON.parse(all[1204]!)).toMatchObject({ step: "fetch[b]", level: "debug", text: "100%_done" });
  });
});
