import type { WorkerBeat } from "../../core/messages";
import { Workers } from "../../services/http/workers";
import { fanOut } from "../ui/ui-world";
import { DATABASES, type TestDatabase } from "../support/databases";
import { eventually } from "../support/eventually";
import { items, startWorld, type World } from "./world";

const beat = (worker: string, more: Partial<WorkerBeat> = {}): WorkerBeat => ({
  ...{ worker, host: "rack-1", pid: 41, seq: 1, queues: ["default"], slots: 8, busy: 8, processes: 8, concurrency: 1 },
  ...{ codeVersion: "v1", ops: 3, startedAt: 1, cpu: 61, rss: 2.5e8, holds: [], draining: false, ...more },
});

describe.each(DATABASES)("queues and their workers on %s", (_name, open) => {
  let database: TestDatabase;
  let world: World;
  let run: string;
  let release: () => void;
  beforeAll(async () => {
    database = await open();
    world = await startWorld(database);
    await world.publish(fanOut("ledger_close"));
    const held = new Promise<null>((resolve) => (release = () => resolve(null)));
    world.ops = { gen: () => items({ a: 1, b: 2, c: 3 }), work: () => held };
    run = await world.launch({ job: "ledger_close" });
  });
  afterAll(async () => {
    release?.();
    await world?.stop();
    await database?.stop();
  });

  test("a queue tells what goes in and out, and how long its oldest step waits", async () => {
    const queue = await eventually(async () => {
      const { body } = await world.call("GET", "/api/queues");
      return body.items.find(({ in_per_second, out_per_second, oldest_ready_at }: any) => {
        return in_per_second !== null && out_per_second > 0 && oldest_ready_at !== null;
      });
    });
    expect(queue.in_per_second).toBeGreaterThanOrEqual(0);
    expect(Date.parse(queue.oldest_ready_at)).toBeLessThanOrEqual(Date.now());
  });

  test("workers that vanished, one while it drained, are told with what became of their steps; one that said goodbye is not", async () => {
    const { rows } = await world.db.query<{ step: string; fence: number; started_at: Date | null }>(
      `select step, fence, started_at from steps where run_id = $1 and node in ('gen', 'work') order by step`,
      [run],
    );
    const holds = rows.map(({ step, fence }) => ({ shard: 0, run, step, fence, begun: true }));
    const strange = { shard: 0, run: "no id", step: "x", fence: 1, begun: true };
    const beats = world.bus.fanout<WorkerBeat>("beats");
    await beats.publish(beat("lost", { holds: [...holds, strange] }));
    await beats.publish(beat("killed-draining", { draining: true, holds: [strange] }));
    await beats.publish(beat("drained", { draining: true }));
    const lost = await eventually<any[]>(
      async () => (await world.call("GET", "/api/workers/lost")).body.items,
      ({ length }) => length > 1,
    );
    expect(lost.map(({ id }) => id)).toEqual(["killed-draining", "lost"]);
    const worker = lost[1];
    expect(worker).toMatchObject({ id: "lost", host: "rack-1", slots: 8, held: holds.length + 1 });
    const { rows: now } = await world.db.query<{ status: string; n: number }>(
      `select status, count(*) as n from steps where run_id = $1 group by status`,
      [run],
    );
    const of = (status: string): number => now.find((row) => row.status === status)?.n ?? 0;
    expect([worker.open, worker.waiting]).toEqual([of("STARTED"), of("QUEUED")]);
  });
});

test("a worker tells since when it drains", () => {
  const workers = new Workers();
  const since = (): (string | null)[] => workers.list().map((worker) => worker.draining_since);
  workers.hear(beat("w"));
  expect(since()).toEqual([null]);
  jest.useFakeTimers({ now: 1_000 });
  try {
    workers.hear(beat("w", { seq: 2, draining: true }));
    jest.setSystemTime(3_000);
    workers.hear(beat("w", { seq: 3, draining: true }));
    expect(since()).toEqual([new Date(1_000).toISOString()]);
    workers.hear(beat("w", { startedAt: 2, seq: 0 }));
    expect(since()).toEqual([null]);
  } finally {
    jest.useRealTimers();
  }
});

describe("a lost worker", () => {
  let now = 0;
  beforeEach(() => void jest.spyOn(performance, "now").mockImplementation(() => now));
  afterEach(() => jest.restoreAllMocks());
  const ids = (workers: Workers): string[] => workers.lost().map((lost) => lost.beat.worker);

  test("is shown until ten minutes after its steps were settled", () => {
    now = 0;
    const workers = new Workers();
    workers.hear(beat("w"));
    now = 7_000;
    expect(ids(workers)).toEqual(["w"]);
    now = 3_600_000;
    expect(ids(workers)).toEqual(["w"]);
    workers.settle("w");
    now += 599_000;
    workers.settle("w");
    expect(ids(workers)).toEqual(["w"]);
    now += 2_000;
    expect(ids(workers)).toEqual([]);
  });

  test("is forgotten once it is heard again", () => {
    now = 0;
    const workers = new Workers();
    workers.hear(beat("w"));
    now = 7_000;
    expect(ids(workers)).toEqual(["w"]);
    workers.hear(beat("w", { seq: 2 }));
    expect(ids(workers)).toEqual([]);
  });
});
