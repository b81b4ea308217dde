import { connect } from "amqplib";
import { v7 as uuidv7 } from "uuid";
import type { GraphSnapshot } from "../core/graph";
import type { CommitBatch, EventRecord, StepRecord } from "../core/records";
import { commit } from "../store/commit";
import { createRuns } from "../store/create-runs";
import { openDatabase } from "../store/database";
import { ensureSchema } from "../store/migrate";
import type { Servers } from "./servers";

const MEASURE_MS = 2_000;
const MESSAGE_BYTES = 1_000;
/** Unconfirmed at a time. */
const IN_FLIGHT = 1_000;
const STEPS_PER_COMMIT = 100;
const EVENTS_PER_STEP = 3;

/** What broker and database do when nothing else is asked of them: no figure above these can be hoped for. */
export interface Limits {
  /** Persistent messages of 1,000 bytes that the broker confirms on one connection. */
  confirmedPublishesPerSecond: number;
  /** The commit statement of a coordinator, 100 new steps with 300 events each, on one connection. */
  commitsPerSecond: number;
  stepsPerSecondInCommits: number;
}

export const measureLimits = async (servers: Servers): Promise<Limits> => {
  const confirmedPublishesPerSecond = await publishes(servers.rabbit.url);
  const commitsPerSecond = await commits(await servers.postgres.newDatabase());
  return {
    confirmedPublishesPerSecond,
    commitsPerSecond,
    stepsPerSecondInCommits: commitsPerSecond * STEPS_PER_COMMIT,
  };
};

const publishes = async (url: string): Promise<number> => {
  const connection = await connect(url, { noDelay: true });
  const channel = await connection.createConfirmChannel();
  const { queue } = await channel.assertQueue("", { durable: true, exclusive: true });
  const body = Buffer.alloc(MESSAGE_BYTES, "x");
  const begin = performance.now();
  let confirmed = 0;
  const until = begin + MEASURE_MS;
  await new Promise<void>((resolve, reject) => {
    let open = 0;
    const publish = (): void => {
      open++;
      channel.sendToQueue(queue, body, { persistent: true }, (error: unknown) => {
        if (error) return reject(error as Error);
        open--;
        confirmed++;
        if (performance.now() < until) publish();
        else if (open === 0) resolve();
      });
    };
    for (let i = 0; i < IN_FLIGHT; i++) publish();
  });
  const seconds = (performance.now() - begin) / 1_000;
  await connection.close();
  return confirmed / seconds;
};

const GRAPH: GraphSnapshot = {
  ...{ version: 1, job: "limit", description: null, tags: {}, nodes: [], configSchema: {}, defaultConfig: null },
  hooks: { onSuccess: false, onFailure: false },
};

const commits = async (databaseUrl: string): Promise<number> => {
  const db = await openDatabase({ databaseUrl, home: "", maxConnections: 1 });
  try {
    await ensureSchema(db);
    await db.query(`update shards set owner = 'bench', epoch = 1 where id = 0`);
    const run = uuidv7();
    await createRuns(db, [
      { id: run, job: "limit", graph: GRAPH, codeVersion: "1", priority: 0, tags: {}, config: {} },
    ]);
    const begin = performance.now();
    let done = 0;
    for (; performance.now() - begin < MEASURE_MS; done++) await commit(db, batch(run, done));
    return (done * 1_000) / (performance.now() - begin);
  } finally {
    await db.close();
  }
};

const batch = (run: string, number: number): CommitBatch => {
  const steps = Array.from({ length: STEPS_PER_COMMIT }, (_, i) => step(run, number * STEPS_PER_COMMIT + i));
  const first = number * STEPS_PER_COMMIT * EVENTS_PER_STEP + 2;
  const events = steps.flatMap(({ step }, i): EventRecord[] =>
    (["STEP_QUEUED", "STEP_START", "STEP_SUCCESS"] as const).map((type, k) => {
      return { run, seq: first + i * EVENTS_PER_STEP + k, at: Date.now(), type, step, data: null };
    }),
  );
  const shards = [{ id: 0, epoch: 1, beat: number + 1 }];
  return { owner: "bench", shards, runs: [], steps, items: [], events, logs: [] };
};

const step = (run: string, number: number): StepRecord => ({
  ...{ run, step: `work[${number}]`, node: "work", path: [String(number)], status: "SUCCESS", attempt: 1, lost: 0 },
  ...{
    fence: number,
    worker: "worker-1",
    slot: "1.1",
    queue: "default",
    priority: 5,
    pool: null,
    readyAt: Date.now(),
    queuedAt: Date.now(),
  },
  ...{ startedAt: Date.now(), endedAt: Date.now(), retryAt: null, skipReason: null, error: null },
  ...{ outputs: { result: { value: number } }, items: null, reusedFrom: null },
});
