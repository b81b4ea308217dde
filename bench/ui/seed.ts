import type { GraphNode, GraphSnapshot } from "../../core/graph";
import { createRuns } from "../../store/create-runs";
import type { Database, Queryable } from "../../store/database";
import { publishJobs } from "../../store/catalog";

/** Steps that run at a time in runs that were made up, and the workers that they stand on. */
export const SLOTS = 400;
const WORKERS = 50;
const FIRST_MS = 1_000;
const TURN_MS = 3_000;
const EVENTS_PER_STEP = 3;
const LINES_PER_CHUNK = 200;
const VERSION = "bench";

const op = (name: string, rest: Partial<GraphNode>): GraphNode => ({
  ...{ name, op: name, scope: [], dynamic: false, outputs: [{ name: "result", optional: false }], inputs: [] },
  ...{ after: [], config: null, timeoutMs: null, queue: "default", priority: 5, pool: null, tags: {}, blocking: true },
  retry: { maxRetries: 3, delayMs: 500, backoff: null, jitter: null },
  ...rest,
});

const inputOf = (node: string, collect: boolean): GraphNode["inputs"][number] => ({
  ...{ name: "", list: collect, omitFailed: false, stream: false },
  sources: [{ node, output: "result", collect }],
});

const GRAPH: GraphSnapshot = {
  ...{ version: 1, job: "wide", description: null, tags: {}, configSchema: {}, defaultConfig: null },
  nodes: [
    op("generate", { dynamic: true }),
    op("work", { scope: ["generate"], inputs: [inputOf("generate", false)] }),
    op("total", { inputs: [inputOf("work", true)] }),
  ],
  hooks: { onSuccess: false, onFailure: false },
};

const RUN = { job: "wide", graph: GRAPH, codeVersion: VERSION, priority: 0, tags: {}, config: {} };

export const publishWide = (db: Database): Promise<boolean> => publishJobs(db, { codeVersion: VERSION, jobs: [GRAPH] });

/** A run as the database has it. */
export interface SeededRun {
  id: string;
  /** Of its `work` steps, those that have begun. */
  begun: number;
  /** Number of its last event. */
  seq: number;
}

/**
 * A run of 1 → steps → 1 as it would have been recorded: 400 at a time, of 1 to 3 s, one in a hundred at its second try.
 * @param begun so many have begun, and the run goes on; else all of it has ended.
 */
export const seedRun = async (db: Database, steps: number, begun: number = steps): Promise<SeededRun> => {
  const [{ id } = { id: "" }] = await createRuns(db, [RUN]);
  const goesOn = begun < steps;
  const lastMs = FIRST_MS + Math.ceil((goesOn ? begun : steps) / SLOTS) * TURN_MS;
  await db.transaction(async (tx) => {
    await tx.query(`update runs set created_at = now() - make_interval(secs => $2 / 1000.0) where id = $1`, [
      id,
      lastMs,
    ]);
    await insertSteps(tx, id, steps, begun);
    await insertEvents(tx, id, begun, goesOn ? begun - SLOTS : begun);
    const seq = 1 + EVENTS_PER_STEP * begun;
    await tx.query(
      `update runs set status = $2, seq = $3, admitted_at = created_at, started_at = created_at + interval '100 ms',
              ended_at = case when $4 then created_at + make_interval(secs => $5 / 1000.0) end,
              steps_total = $6, steps_succeeded = $7 where id = $1`,
      [id, goesOn ? "STARTED" : "SUCCESS", seq, !goesOn, lastMs, steps + 2, goesOn ? begun - SLOTS : steps + 2],
    );
  });
  await db.query("vacuum analyze");
  return { id, begun, seq: 1 + EVENTS_PER_STEP * begun };
};

/** When a step of a number began, and how long it takes, in seconds. */
const BEGAN = `(${FIRST_MS} + (i / ${SLOTS}) * ${TURN_MS} + (i * 7919) % 900) / 1000.0`;
const TAKES = `(1000 + (i::bigint * 104729) % 2000) / 1000.0`;

const insertSteps = async (tx: Queryable, run: string, steps: number, begun: number): Promise<void> => {
  const ended = begun < steps ? begun - SLOTS : steps;
  await tx.query(
    `insert into steps (run_id, step, node, path, status, attempt, lost, fence, worker, queue, priority, ready_at, queued_at,
                        started_at, ended_at)
     select r.id, 'work[' || i || ']', 'work', json_build_array(i::text),
            case when i < $3 then 'SUCCESS' when i < $4 then 'STARTED' else 'QUEUED' end,
            case when i % 100 = 0 then 2 else 1 end, 0, i, case when i < $4 then 'worker-' || i % ${WORKERS} end, 'default', 5,
            r.created_at + interval '900 ms', r.created_at + make_interval(secs => ${BEGAN} - 0.05),
            case when i < $4 then r.created_at + make_interval(secs => ${BEGAN}) end,
            case when i < $3 then r.created_at + make_interval(secs => ${BEGAN} + ${TAKES}) end
     from runs r, generate_series(0, $2::int - 1) i where r.id = $1`,
    [run, steps, ended, begun],
  );
  await tx.query(
    `insert into steps (run_id, step, node, path, status, attempt, lost, fence, worker, queue, priority, ready_at, queued_at,
                        started_at, ended_at, items)
     select r.id, name, name, '[]', 'SUCCESS', 1, 0, 1, 'worker-0', 'default', 5, at, at, at, at + interval '0.8 s', items
     from runs r, lateral (values ('generate', r.created_at + interval '0.1 s', $2::int),
                          ('total', r.created_at + make_interval(secs => $3), null)) s (name, at, items)
     where r.id = $1 and (name = 'generate' or not $4)`,
    [run, steps, (FIRST_MS + Math.ceil(steps / SLOTS) * TURN_MS - 900) / 1_000, begun < steps],
  );
};

const insertEvents = (tx: Queryable, run: string, begun: number, ended: number): Promise<unknown> =>
  tx.query(
    `with told as (
       select row_number() over (order by i, k) as n, r.created_at + make_interval(secs => ${BEGAN} + k * 0.1) as at,
              case k when 0 then 'STEP_QUEUED' when 1 then case when i % 100 = 0 then 'STEP_UP_FOR_RETRY' else 'STEP_START' end
                     else 'STEP_SUCCESS' end as type,
              'work[' || i || ']' as step,
              case when k = 1 then json_build_object('attempt', 1, 'worker', 'worker-' || i % ${WORKERS},
                'started_at', (date_part('epoch', r.created_at) + ${BEGAN}) * 1000) end as data
       from runs r, generate_series(0, $2::int - 1) i, generate_series(0, ${EVENTS_PER_STEP - 1}) k
       where r.id = $1 and (k < 2 or i < $3)
     ) ${IN_BATCHES}`,
    [run, begun, ended],
  );

/** Of the events `told` of the run $1, n counting from 1 with its second event. */
const IN_BATCHES = `
  insert into event_batches (run_id, seq, notable, events)
  select $1, min(n) + 1, bool_or(type = 'STEP_UP_FOR_RETRY'),
         json_agg(json_build_array(round(extract(epoch from at) * 1000)::bigint, type, step, data) order by n)
  from told group by (n - 1) / 16`;

/** Ends so many steps of a run that goes on, and begins as many others: three events each. */
export const advance = (db: Database, run: SeededRun, steps: number): Promise<void> =>
  db.transaction(async (tx) => {
    const [from, to] = [run.begun, run.begun + steps];
    await tx.query(
      `update steps set status = 'SUCCESS', ended_at = now() where run_id = $1 and step = any($2::text[])`,
      [run.id, keys(from - SLOTS, to - SLOTS)],
    );
    await tx.query(
      `update steps set status = 'STARTED', queued_at = now(), started_at = now(), worker = 'worker-' || fence % ${WORKERS}
       where run_id = $1 and step = any($2::text[])`,
      [run.id, keys(from, to)],
    );
    await tx.query(
      `with told as (
         select $2::int - 2 + row_number() over (order by i, k) as n, now() as at,
                (array['STEP_QUEUED','STEP_START','STEP_SUCCESS'])[k] as type,
                'work[' || case when k = 3 then i - ${SLOTS} else i end || ']' as step,
                case when k = 2 then json_build_object('attempt', 1, 'worker', 'worker-' || i % ${WORKERS}) end as data
         from generate_series($3::int, $4::int - 1) i, generate_series(1, ${EVENTS_PER_STEP}) k
       ) ${IN_BATCHES}`,
      [run.id, run.seq, from, to],
    );
    run.begun = to;
    run.seq += EVENTS_PER_STEP * steps;
    await tx.query(
      `update runs set seq = $2, steps_succeeded = steps_succeeded + $3, changed = pg_current_xact_id() where id = $1`,
      [run.id, run.seq, steps],
    );
  });

const keys = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => `work[${from + i}]`);

/** Lines of text in the logs of a run's `generate`. One in a hundred says `needle`. */
export const seedLogs = async (db: Database, run: string, lines: number): Promise<void> => {
  await db.query(
    `insert into logs (run_id, step, attempt, seq, lines, at)
     select $1, 'generate', 1, chunk, (
       select json_agg(json_build_object('at', 1700000000000 + chunk * 1000 + k, 'stream', 'stdout', 'level', 'info',
         'text', 'entry ' || chunk * ${LINES_PER_CHUNK} + k || ' of the ledger was read and compared'
                 || case when k % 100 = 7 then ', needle' else '' end))
       from generate_series(0, ${LINES_PER_CHUNK - 1}) k), now()
     from generate_series(0, $2::int - 1) chunk`,
    [run, lines / LINES_PER_CHUNK],
  );
};

/** Runs that have ended, each with a config of that size. */
export const seedHeavyRuns = async (db: Database, runs: number, configBytes: number): Promise<void> => {
  await createRuns(db, Array<typeof RUN>(runs).fill(RUN));
  await db.query(
    `update runs set status = 'SUCCESS', started_at = created_at, admitted_at = created_at,
            ended_at = created_at + interval '2 s', steps_total = 3, steps_succeeded = 3,
            config = json_build_object('text', repeat('0123456789', $1::int / 10))
     where job = 'wide' and status = 'QUEUED'`,
    [configBytes],
  );
};
