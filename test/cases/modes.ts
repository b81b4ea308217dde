import type { RunEvent, RunStatus, StepStatus, Tick } from "../../client";
import { type Cluster, type ClusterOptions, distributed, embedded } from "../support/cluster";
import { describeOnPostgres } from "../support/postgres";
import { describeRabbit } from "../support/rabbitmq";

const TRIVIAL = `
import { job as trivialJob, op as trivialOp } from "dqueue";
const nothing = trivialOp({ name: "trivial_step", run: async () => "done" });
export const trivial = trivialJob("trivial", (g) => void g.call(nothing));
`;

/**
 * The same tests on Node alone and on RabbitMQ, PostgreSQL and a process for each role; one cluster for all of them.
 * After them comes what every case requires besides.
 */
export const onBoth = (name: string, options: ClusterOptions, tests: (cluster: () => Cluster) => void): void => {
  describe.each([
    { mode: "embedded", open: embedded, guard: describe },
    {
      mode: "distributed",
      open: distributed,
      guard: (title: string, suite: () => void) =>
        describeOnPostgres(title, () => describeRabbit("and RabbitMQ", suite, { ownBroker: false })),
    },
  ])(`${name}, $mode`, ({ open, guard }) => {
    guard("with real processes", () => {
      let cluster: Cluster | undefined;
      beforeAll(async () => {
        cluster = await open({ ...options, jobs: options.jobs + TRIVIAL });
      });
      afterAll(() => cluster?.stop());
      tests(() => cluster!);
      test("and then a trivial run succeeds, and no ended run has an open step", () => expectSound(cluster!));
    });
  });
};

const ENDED: RunStatus[] = ["SUCCESS", "FAILURE", "CANCELED"];
const OPEN: StepStatus[] = ["QUEUED", "STARTED", "UP_FOR_RETRY"];
const WARNINGS = /TimeoutOverflowWarning|MaxListenersExceededWarning|UnhandledPromiseRejection/;

const expectSound = async (cluster: Cluster): Promise<void> => {
  const processes = (["dev", "webserver", "daemon", "worker"] as const).flatMap(cluster.processes);
  // What a case ends has no code (SIGKILL) or 0 (SIGTERM).
  expect(processes.map(({ child }) => child.exitCode).filter(Boolean)).toEqual([]);
  for (const running of processes) expect(running.text()).not.toMatch(WARNINGS);

  const { client } = cluster;
  const { id } = await client.runs.launch({ job: "trivial" });
  expect((await client.runs.wait(id)).status).toBe("SUCCESS");
  for await (const run of client.runs.all({ status: ENDED })) {
    const { items } = await client.runs.steps(run.id, { status: OPEN });
    // A job's hook comes after its run.
    expect([run.id, items.filter(({ key }) => !key.includes(":"))]).toEqual([run.id, []]);
  }
};

/** Resolves once an event of this type is in the run's history. */
export const happened = async ({ client }: Cluster, run: string, type: string): Promise<void> => {
  const enough = new AbortController();
  try {
    await client.runs.wait(run, (event) => void (event.type === type && enough.abort()), { signal: enough.signal });
    // The run has ended; its last event may be the one.
    if (!enough.signal.aborted) throw new Error(`Run ${run} has ended without ${type}.`);
  } catch (error) {
    if (!enough.signal.aborted) throw error;
  }
};

/** A run's end, with its events and steps. */
export const outcome = async ({ client }: Cluster, id: string) => {
  const events: RunEvent[] = [];
  const run = await client.runs.wait(id, (event) => void events.push(event));
  const steps = [];
  for await (const step of client.runs.allSteps(id)) steps.push(step);
  const count = (type: string, step?: string): number =>
    events.filter((event) => event.type === type && (step === undefined || event.step === step)).length;
  return { run, events, steps, count };
};

/** Resolves with a sensor's next ticks, as the stream tells of them. */
export const nextTicks = async ({ client }: Cluster, sensor: string, count: number): Promise<Tick[]> => {
  const ticks: string[] = [];
  const enough = new AbortController();
  for await (const message of client.stream(["ticks"], { signal: enough.signal })) {
    if (message.event !== "tick" || message.data.instigator !== sensor) continue;
    ticks.push(message.data.id);
    if (ticks.length === count) break;
  }
  const { items } = await client.sensors.ticks(sensor, { limit: 1_000 });
  return items.filter(({ id }) => ticks.includes(id)).reverse();
};
