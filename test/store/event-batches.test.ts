import type { EventRecord, EventType } from "../../core/records";
import type { Database } from "../../store/database";
import { latestEvents, listEvents } from "../../store/queries/history";
import { loadRuns } from "../../store/runs";
import { DATABASES, type TestDatabase } from "../support/databases";
import { create, ownerOf } from "./world";

describe.each(DATABASES)("events on %s", (_name, open) => {
  let world: TestDatabase;
  let db: Database;
  beforeAll(async () => {
    world = await open();
    db = world.db;
  });
  afterAll(() => world.stop());

  test("events that other commits wrote in other pieces are listed one by one from any of them on", async () => {
    const [run, other] = [await create(db), await create(db)];
    const owner = await ownerOf(db);
    const told = (id: string, from: number, to: number, type: EventType = "STEP_OUTPUT"): EventRecord[] =>
      Array.from({ length: to - from + 1 }, (_, n) => ({
        run: id,
        seq: from + n,
        at: from + n,
        type,
        step: "a",
        data: null,
      }));
    await owner.commit({ events: [...told(run, 2, 3), ...told(other, 2, 2), ...told(run, 4, 40)] });
    await owner.commit({ events: [...told(run, 41, 41, "STEP_LOST"), ...told(other, 3, 60), ...told(run, 42, 50)] });
    for (const [id, last] of [
      [run, 50],
      [other, 60],
    ] as const)
      for (let after = 0; after <= last; after++) {
        const { items, next_cursor: next } = await listEvents(db, id, after, 20);
        expect(items.map(({ seq }) => seq)).toEqual(
          Array.from({ length: Math.min(20, last - after) }, (_, n) => after + n + 1),
        );
        expect(next).toBe(after + 20 < last ? String(after + 20) : null);
      }
    expect((await listEvents(db, run, 5, 20, ["STEP_LOST"])).items).toEqual([
      { seq: 41, at: new Date(41).toISOString(), type: "STEP_LOST", step: "a", data: null },
    ]);
    expect((await loadRuns(db, [run])).map(({ seq }) => seq)).toEqual([50]);
  });

  test("the last events up to any moment are found, whatever pieces they were written in", async () => {
    const run = await create(db);
    const owner = await ownerOf(db);
    const began = Date.parse((await listEvents(db, run, 0, 1)).items[0]!.at);
    const LAST = 60;
    // Two that follow each other were within one millisecond.
    const at = (seq: number): number => (seq === 1 ? began : began + 10 * Math.floor(seq / 2));
    let from = 2;
    for (const pieces of [1, 2, 1, 25, 3, 1, 26]) {
      await owner.commit({
        events: Array.from({ length: pieces }, (_, n) => ({
          ...{ run, seq: from + n, at: at(from + n), type: "STEP_OUTPUT", step: "a", data: null },
        })),
      });
      from += pieces;
    }
    expect(from).toBe(LAST + 1);
    for (const moment of [began - 1, ...Array.from({ length: 32 }, (_, n) => began + 10 * n + (n % 2)), 2 ** 53 - 1])
      for (const limit of [1, 3, 30]) {
        const then = Array.from({ length: LAST }, (_, n) => n + 1).filter((seq) => at(seq) <= moment);
        expect((await latestEvents(db, run, moment, limit)).map(({ seq }) => seq)).toEqual(then.slice(-limit));
      }
  });

  test("a text that SQL cannot read is replaced, and hides no event beside it", async () => {
    const run = await create(db);
    const owner = await ownerOf(db);
    const event = (seq: number, message: string): EventRecord => ({
      ...{ run, seq, at: 1, type: "STEP_PROGRESS", step: "a" },
      data: { message, more: [{ [message]: message }] },
    });
    await owner.commit({
      events: [event(2, "fine, \\u0000"), event(3, "a\0b"), event(4, "half \ud83d"), event(5, "whole 😀")],
    });
    const { items } = await listEvents(db, run, 1, 10);
    const told = ["fine, \\u0000", "a\u2400b", "half \ufffd", "whole 😀"];
    expect(items.map(({ data }) => data)).toEqual(told.map((message) => ({ message, more: [{ [message]: message }] })));
  });

  test("an event whose number is taken is refused with all that stands beside it", async () => {
    const run = await create(db);
    const owner = await ownerOf(db);
    const event = (seq: number): EventRecord => ({ run, seq, at: 1, type: "ENGINE_EVENT", step: null, data: null });
    await owner.commit({ events: [event(2), event(3)] });
    await expect(owner.commit({ events: [event(2)] })).rejects.toMatchObject({ code: "UNSTORABLE" });
    const { items } = await listEvents(db, run, 0, 10);
    expect(items.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });
});
