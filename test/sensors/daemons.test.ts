import { DATABASES, type TestDatabase } from "../support/databases";
import {
  daemon,
  emptyTables,
  publish,
  runsOf,
  sensorDefinition,
  stopDaemons,
  ticksOf,
  type SensorFunction,
} from "./rig";

describe.each(DATABASES)("two daemons with 20 sensors on %s", (_name, open) => {
  let database: TestDatabase;
  const db = () => database.db;
  beforeAll(async () => void (database = await open()));
  beforeEach(() => emptyTables(db()));
  afterEach(stopDaemons);
  afterAll(() => database.stop());

  test("evaluate each due tick once, never one sensor at the same time, and share the work", async () => {
    const names = Array.from({ length: 20 }, (_, n) => `sensor_${n}`);
    const INTERVAL_MS = 300;
    await publish(
      db(),
      names.map((name) => sensorDefinition(name, { minimumIntervalSeconds: INTERVAL_MS / 1000 })),
    );
    const inHand = new Set<string>();
    const twice: string[] = [];
    const by = { one: 0, two: 0 };
    let evaluations = 0;
    const functions = (who: keyof typeof by): Record<string, SensorFunction> =>
      Object.fromEntries(
        names.map((name) => [
          name,
          async ({ sensor, cursor }) => {
            if (inHand.has(sensor)) twice.push(sensor);
            inHand.add(sensor);
            by[who]++;
            evaluations++;
            await new Promise(setImmediate);
            inHand.delete(sensor);
            // Without a run key: only one evaluation per due time keeps a run from being launched twice.
            return { runRequests: [{ config: { n: Number(cursor ?? 0) } }], cursor: String(Number(cursor ?? 0) + 1) };
          },
        ]),
      );
    const one = daemon(db(), functions("one"));
    const two = daemon(db(), functions("two"));
    while (one.ticks.items.length + two.ticks.items.length < 100) await Promise.race([one.more(1), two.more(1)]);
    await stopDaemons();

    expect(twice).toEqual([]);
    expect(by.one).toBeGreaterThan(0);
    expect(by.two).toBeGreaterThan(0);
    const runs = await runsOf(db());
    let ticked = 0;
    for (const name of names) {
      const ticks = await ticksOf(db(), name);
      ticked += ticks.length;
      const launched = runs.filter(({ tags }) => tags["dagster/sensor_name"] === name).map(({ config }) => config.n!);
      expect(launched.sort((a, b) => a - b)).toEqual(ticks.map((_tick, n) => n));
      ticks.slice(1).forEach((tick, n) => {
        expect(tick.started_at.getTime() - ticks[n]!.started_at.getTime()).toBeGreaterThanOrEqual(INTERVAL_MS - 5);
      });
    }
    expect(ticked).toBe(evaluations);
  });
});
