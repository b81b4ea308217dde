import type { Database } from "../../store/database";
import { loadListPage } from "../../store/list-pages";
import { readValues } from "../../store/read-values";
import { loadValue, loadValues, storeValue } from "../../store/values";
import { DATABASES, type TestDatabase } from "../support/databases";
import { create, graph, node, ownerOf, stepRow, succeeded } from "./world";

describe.each(DATABASES)("values on %s", (_name, open) => {
  let world: TestDatabase;
  let db: Database;
  beforeAll(async () => {
    world = await open();
    db = world.db;
  });
  afterAll(() => world.stop());

  test("are read where they stand, references as they are, and null where there is none", async () => {
    const run = await create(db);
    const owner = await ownerOf(db);
    await owner.commit({
      steps: [
        succeeded(run, "a", { outputs: { x: { value: null }, y: { ref: "r1", size: 300_000 } } }),
        stepRow(run, "b"),
      ],
      items: [{ run, step: "g", key: "ä", ordinal: 0, value: { value: { deep: [1] } } }],
    });
    expect(
      await readValues(db, [
        { run, step: "a", output: "y" },
        { run, step: "g", item: "ä" },
        { run, step: "a", output: "x" },
        { run, step: "a", output: "absent" },
        { run, step: "b", output: "x" },
        { run, step: "g", item: "absent" },
      ]),
    ).toEqual([{ ref: "r1", size: 300_000 }, { value: { deep: [1] } }, { value: null }, null, null, null]);
    expect(await readValues(db, [])).toEqual([]);
  });

  test("too large to travel are stored once per id", async () => {
    const run = await create(db);
    await storeValue(db, { id: "v1", run, value: { a: [1, "\u0000"] }, size: 9 });
    await storeValue(db, { id: "v1", run, value: "other", size: 9 });
    await storeValue(db, { id: "v2", run, value: null, size: 4 });
    expect(await loadValue(db, "v1")).toEqual({ a: [1, "\u0000"] });
    expect(await loadValue(db, "v2")).toBeNull();
    expect(await loadValue(db, "v3")).toBeUndefined();
    expect(await loadValues(db, ["v1", "v3"])).toEqual(new Map([["v1", { a: [1, "\u0000"] }]]));
  });

  describe("a list input in pages", () => {
    const source = (name: string, collect: boolean, output = "result") => ({ node: name, output, collect });
    const list = (name: string, ...sources: ReturnType<typeof source>[]) => ({
      name,
      sources,
      list: true,
      omitFailed: true,
      stream: true,
    });
    const snapshot = graph([
      node("gen", { dynamic: true }),
      node("inner", { dynamic: true, scope: ["gen"], inputs: [{ ...list("", source("gen", false)), list: false }] }),
      node("leaf", { scope: ["gen", "inner"], inputs: [{ ...list("", source("inner", false)), list: false }] }),
      node("mid", {
        scope: ["gen"],
        inputs: [list("leaves", source("leaf", true)), list("raw", source("inner", true))],
      }),
      node("one"),
      node("all", {
        inputs: [list("mids", source("mid", true), source("one", false)), list("items", source("gen", true))],
      }),
    ]);
    const readAll = async (run: string, step: string, input: string): Promise<unknown[]> => {
      const values: unknown[] = [];
      for (let offset: number | null = 0; offset !== null;) {
        const page = await loadListPage(db, { run, step, input, offset });
        values.push(...page.values);
        offset = page.next;
      }
      return values;
    };
    const item = (run: string, step: string, key: string, ordinal: number, value: any = { value: key }) => ({
      run,
      step,
      key,
      ordinal,
      value,
    });

    test("follows the order of the items, leaves out what did not come, and joins its sources", async () => {
      const run = await create(db, { graph: snapshot });
      const owner = await ownerOf(db);
      await storeValue(db, { id: "big", run, value: "large", size: 7 });
      await owner.commit({
        steps: [
          succeeded(run, "gen", { items: 4 }),
          succeeded(run, "inner[z]", { items: 2 }),
          succeeded(run, "leaf[z][2]"),
          succeeded(run, "leaf[z][1]"),
          succeeded(run, "mid[z]", { outputs: { result: { ref: "big", size: 7 } } }),
          stepRow(run, "mid[a]", { status: "FAILURE", endedAt: 5, error: { name: "E", message: "m" } }),
          succeeded(run, "mid[b]", { outputs: {} }),
          succeeded(run, "mid[c]"),
          succeeded(run, "one"),
        ],
        items: [
          ...["z", "a", "b", "c"].map((key, i) => item(run, "gen", key, i)),
          item(run, "inner[z]", "2", 0),
          item(run, "inner[z]", "1", 1),
        ],
      });
      expect(await readAll(run, "all", "mids")).toEqual(["large", "mid[c]", "one"]);
      expect(await readAll(run, "all", "items")).toEqual(["z", "a", "b", "c"]);
      expect(await readAll(run, "mid[z]", "leaves")).toEqual(["leaf[z][2]", "leaf[z][1]"]);
      expect(await readAll(run, "mid[z]", "raw")).toEqual(["2", "1"]);
      expect(await readAll(run, "mid[a]", "leaves")).toEqual([]);
      await expect(readAll(run, "all", "nonsense")).rejects.toMatchObject({ code: "LIST_NOT_FOUND" });
    });

    test("holds pages to 2,000 elements and about 1 MiB", async () => {
      const run = await create(db, { graph: snapshot });
      const owner = await ownerOf(db);
      const filler = "x".repeat(100_000);
      await owner.commit({
        steps: [succeeded(run, "gen", { items: 4_260 })],
        items: Array.from({ length: 4_260 }, (_, i) =>
          item(run, "gen", String(i), i, { value: i < 30 ? `${i}${filler}` : i }),
        ),
      });
      const first = await loadListPage(db, { run, step: "all", input: "items", offset: 0 });
      expect(first).toMatchObject({ next: 10 });
      expect(first.values).toHaveLength(10);
      const all = await readAll(run, "all", "items");
      expect(all.map((value) => parseInt(String(value), 10))).toEqual(Array.from({ length: 4_260 }, (_, i) => i));
    });
  });
});
