import { publishSensors } from "../../store/instigators";
import type { WorkerBeat } from "../../core/messages";
import { items, type World } from "../api/world";
import { collect, generator, item, job, op } from "../core/graphs";
import { sensorDefinition } from "../sensors/rig";

/** As long as a name may be, without a place at which it could be broken. */
const long = (word: string): string => word.padEnd(128, `_${word}`);

const MANDARIN = "东京分公司季度财务报表合并与核对流程负责人张伟";
const ARABIC = "تقرير_المبيعات_الشهري_لجميع_الفروع_والمستودعات";
const FAMILY = "👩‍👩‍👧‍👦".repeat(12);

export const EXTREME = {
  job: long("reconcile"),
  sensor: long("watches"),
  queue: long("queue"),
  worker: long("worker"),
};

const TAGS = {
  team: ARABIC,
  部门: MANDARIN,
  mood: FAMILY,
  ...Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`${i}-${"x".repeat(40)}`, `${i}`.repeat(60)])),
};

const beat = (worker: string, more: Partial<WorkerBeat>): WorkerBeat => ({
  ...{ worker, host: `${worker}.internal`, pid: 4_194_304, seq: 1, queues: [EXTREME.queue, "default"], slots: 512 },
  ...{ busy: 511, processes: 64, concurrency: 8, codeVersion: "0123456789abcdef", ops: 3, cpu: 6_400, rss: 9.9e14 },
  ...{ startedAt: Date.now() - 4e10, holds: [], draining: false, ...more },
});

type Extremes = Record<"failed" | "whole" | "queued" | "key", string>;

/** Addresses, each with what it shows once it is there. */
export const extremePages = ({ failed, whole, key }: Extremes): readonly (readonly [path: string, shows: string])[] => {
  const { job, sensor, queue, worker } = EXTREME;
  return [
    ["/", job],
    ["/runs", job],
    [`/runs?q=${encodeURIComponent(`job:${job}`)}`, job],
    ["/jobs?group=team", job],
    [`/jobs/${job}`, job],
    [`/jobs/${job}/launch?from=${whole}`, "What to expect"],
    [`/sensors?sel=${sensor}`, sensor],
    ["/queues", queue],
    ["/queues?view=host", worker],
    ["/deployment", "Shards"],
    ["/deployment?tab=storage", "NAMESPACE"],
    ["/deployment?tab=access", "Launch"],
    [`/runs/${failed}`, job],
    [`/runs/${failed}?step=${encodeURIComponent(key)}`, "Attempt"],
    [`/runs/${failed}?mode=worker`, "on 1"],
    [`/runs/${whole}?table=1`, "CSV"],
    [`/runs/${whole}?tab=events`, "RUN_ENQUEUED"],
    [`/runs/${whole}?tab=io`, "The run"],
    [`/runs/${failed}/compare/${whole}`, "What differs"],
  ];
};

/**
 * Fills a world with what nobody would expect: the longest names, scripts of all directions, figures of many digits.
 * @returns runs worth a look, and a step of each that is written from right to left.
 */
export const fillWithExtremes = async (world: World): Promise<Extremes> => {
  const names = [EXTREME.job, long("zz")];
  await world.publish(
    ...names.map((name) => ({
      ...job(
        generator(long("generate")),
        op(long("process"), { over: [long("generate")], in: [item(long("generate"))] }),
        op(long("sum"), { in: [collect(long("process"))] }),
      ),
      ...{ job: name, description: `${"w".repeat(200)} ${MANDARIN}`, tags: TAGS },
      configSchema: {
        type: "object",
        properties: {
          [long("amount")]: { type: "number", description: "d".repeat(300), default: Number.MAX_SAFE_INTEGER },
        },
      },
    })),
  );
  const keys = ["a".repeat(200), MANDARIN, ARABIC, "ok"];
  world.ops = {
    [long("generate")]: () => items(Object.fromEntries(keys.map((key) => [key, { [key]: Number.MAX_SAFE_INTEGER }]))),
    [long("process")]: ({ config, step }, input) => {
      if ((config as { fail?: boolean }).fail && !step.includes("ok"))
        throw Object.assign(new Error(`${"e".repeat(300)} ${ARABIC} ${FAMILY}`), { name: long("Error") });
      return input;
    },
  };
  const launch = (config: object): Promise<string> => world.launch({ job: EXTREME.job, config, tags: TAGS });
  const whole = await launch({ [long("amount")]: Number.MAX_SAFE_INTEGER, [MANDARIN]: ARABIC.repeat(20) });
  await world.ended(whole);
  const failed = await launch({ fail: true });
  await world.ended(failed);
  await withSensors(world);
  await withWorkers(world);
  const queued = await launch({});
  return { failed, whole, queued, key: `${long("process")}[${ARABIC}]` };
};

const withSensors = async ({ db }: World): Promise<void> => {
  const off = { defaultStatus: "STOPPED", minimumIntervalSeconds: 86_400 } as const;
  const sensors = [EXTREME.sensor, long("other")].map((name) =>
    sensorDefinition(name, { ...off, jobs: [EXTREME.job] }),
  );
  await publishSensors(db, { codeVersion: "v", sensors });
  await db.query(
    `insert into ticks (id, instigator, status, started_at, ended_at, skip_reason, error, cursor, run_ids)
     select gen_random_uuid(), $1, status, now() - interval '1 minute', now() - interval '1 minute',
       case status when 'SKIPPED' then $2 end, case status when 'FAILURE' then $3::jsonb end, $2, '[]'
     from (values ('SKIPPED'), ('FAILURE')) as ticks (status)`,
    [EXTREME.sensor, "s".repeat(500), JSON.stringify({ name: long("Error"), message: "m".repeat(400) })],
  );
  await db.query("update instigators set status = 'RUNNING', cursor = $2 where name = $1", [
    EXTREME.sensor,
    "c".repeat(400),
  ]);
};

const withWorkers = async ({ bus, broker }: World): Promise<void> => {
  const beats = bus.fanout<WorkerBeat>("beats");
  const say = async (): Promise<void> => {
    await beats.publish(beat(EXTREME.worker, {}));
    await beats.publish(beat(long("draining"), { draining: true }));
    await beats.publish(beat(long("troubled"), { problems: [`Queue ${EXTREME.queue} cannot be used.`] }));
  };
  await say();
  await beats.publish(beat(long("lost"), { holds: [] }));
  const timer = setInterval(() => void say(), 1_000);
  broker.localBus.once("$broker.stopped", () => clearInterval(timer));
};
