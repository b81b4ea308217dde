import { type Context, ServiceBroker } from "moleculer";
import { Registry } from "prom-client";
import { createBus, type Bus } from "../../bus";
import type { OwnerBacklog } from "../../coordinator/ports";
import { systemClock } from "../../coordinator/system-clock";
import type { GraphSnapshot } from "../../core/graph";
import type { Json } from "../../core/json";
import type { Report, StepAction, StepInput, WorkerBeat } from "../../core/messages";
import type { CompanySettings } from "../../services/company-settings";
import { diagnoseStarted } from "../../services/doctor/diagnose";
import { apiService } from "../../services/api.service";
import { coordinatorService } from "../../services/coordinator.service";
import { processService } from "../../services/process.service";
import { runsService } from "../../services/runs.service";
import { sensorsService } from "../../services/sensors.service";
import { readSettings } from "../../services/settings";
import { publishJobs } from "../../store/catalog";
import type { Database } from "../../store/database";
import { ownerStore } from "../../store/owner-store";
import { leastFree } from "../../worker/least-free";
import type { SensorFunction } from "../sensors/rig";
import type { TestDatabase } from "../support/databases";

/** What an op of a test does: its result, or for a generator an object of items by key. */
export type Op = (step: StepAction, input: Json) => Json | Promise<Json>;

/** A webserver, a coordinator and a worker in one process, on a real database; ops are functions of the test. */
export interface World {
  readonly db: Database;
  readonly broker: ServiceBroker;
  readonly bus: Bus;
  readonly url: string;
  /** Step keys in the order in which they were performed. */
  readonly performed: string[];
  /** Numbers of the slots in which steps run now. */
  readonly slots: Set<number>;
  ops: Record<string, Op>;
  publish(...graphs: GraphSnapshot[]): Promise<void>;
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Launches a run and returns its id. */
  launch(body: object): Promise<string>;
  /** Resolves with the run once it has ended. */
  ended(id: string): Promise<any>;
  stop(): Promise<void>;
}

export interface Answer {
  status: number;
  headers: Headers;
  body: any;
}

interface Options {
  /** False: runs stay QUEUED. */
  coordinator?: boolean;
  allowedHosts?: string[];
  /** True: who sends no key is not let in. */
  signInRequired?: boolean;
  /** The OpenID provider of company accounts. */
  company?: CompanySettings;
  maxConcurrentRuns?: number;
  /** Its settings are told as if they came from there. */
  environment?: NodeJS.ProcessEnv;
  /** What sensors do, by name: then this node evaluates them too. */
  sensors?: Record<string, SensorFunction>;
}

const versionOf = (graphs: readonly GraphSnapshot[]): string => `v-${graphs.map(({ job }) => job).join("-")}`;

export const startWorld = async (database: TestDatabase, options: Options = {}): Promise<World> => {
  const { coordinator = true, allowedHosts = [], signInRequired = false, company = null, sensors } = options;
  const { maxConcurrentRuns = 200, environment = {} } = options;
  const { db } = database;
  const bus = createBus({ mode: "local", namespace: "test", slots: 8 });
  const broker = new ServiceBroker({
    nodeID: `web-${process.pid}-${Math.random().toString(36).slice(2)}`,
    logger: false,
    requestTimeout: 60_000,
    middlewares: [bus.middleware],
    registry: { stopDelay: 0 } as never,
  });
  const performed: string[] = [];
  const published: GraphSnapshot[] = [];
  const registry = new Registry();
  const settings = { ...readSettings(environment), databaseUrl: database.url ?? null };
  broker.createService(processService({ settings: settings.told, registry }));
  broker.createService(runsService(broker, { db }));
  broker.createService(
    apiService(broker, {
      db,
      beats: bus.fanout<WorkerBeat>("beats"),
      backlogs: bus.fanout<OwnerBacklog>("backlogs"),
      queueDepth: (queue) => bus.queueDepth(queue),
      unacked: bus.unacked,
      busProblems: bus.problems,
      registry,
      traces: null,
      version: "1.2.3",
      host: "127.0.0.1",
      port: 0,
      maxConcurrentRuns,
      retention: settings.retention,
      diagnose: () => diagnoseStarted({ settings, roles: ["webserver"], db, code: null }),
      allowedHosts,
      signInRequired,
      company,
    }),
  );
  const world: World = {
    db,
    broker,
    bus,
    url: "",
    performed,
    slots: new Set(),
    ops: {},
    publish: async (...graphs) => {
      for (const graph of graphs) {
        const at = published.findIndex(({ job }) => job === graph.job);
        published.splice(at < 0 ? published.length : at, at < 0 ? 0 : 1, graph);
      }
      await publishJobs(db, { codeVersion: versionOf(published), jobs: published }, { revive: true });
    },
    call: (method, path, body, headers = {}) => call(world.url, method, path, body, headers),
    launch: async (body) => {
      const { status, body: run } = await world.call("POST", "/api/runs", body);
      if (status !== 201) throw new Error(`Launch answered ${status}: ${JSON.stringify(run)}`);
      return run.id as string;
    },
    ended: (id) => ended(world.url, id),
    stop: () => broker.stop(),
  };
  if (sensors) addSensors(world, sensors);
  if (coordinator) addEngine(world, maxConcurrentRuns);
  await broker.start();
  const { port } = await broker.call<{ port: number }>("api.address");
  Object.assign(world, { url: `http://127.0.0.1:${port}` });
  return world;
};

const call = async (
  url: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> => {
  const response = await fetch(url + path, {
    method,
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get("content-type") ?? "");
  return { status: response.status, headers: response.headers, body: isJson && text !== "" ? JSON.parse(text) : text };
};

const ended = async (url: string, id: string): Promise<any> => {
  const stop = new AbortController();
  const response = await fetch(`${url}/api/stream?topics=run:${id}`, { signal: stop.signal });
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const part of response.body!) {
      text += decoder.decode(part as Uint8Array, { stream: true });
      if (/"type":"RUN_(SUCCESS|FAILURE|CANCELED)"/.test(text)) break;
    }
  } finally {
    stop.abort();
  }
  return (await call(url, "GET", `/api/runs/${id}`)).body;
};

const addSensors = ({ broker, db }: World, sensors: Record<string, SensorFunction>): void => {
  broker.createService(
    sensorsService(broker, {
      db,
      sensorNames: () => Object.keys(sensors),
      evaluate: async (name, context, { signal, heard }) => {
        heard?.({ stream: "stdout", text: `${name} looks\n` });
        return { runRequests: [], skipReason: null, ...(await sensors[name]!(context, signal)) };
      },
    }),
  );
};

const addEngine = (world: World, maxConcurrentRuns: number): void => {
  const { broker, bus, db } = world;
  broker.createService(
    coordinatorService(broker, {
      store: ownerStore(db),
      bus,
      clock: systemClock,
      maxConcurrentRuns,
      cancelGraceMs: 500,
      alone: true,
    }),
  );
  broker.createService({
    name: "executor",
    actions: {
      perform: {
        durable: { queue: "default" },
        handler: async (ctx: Context<StepAction[]>) => {
          for (const action of ctx.params) await perform(world, action);
        },
      },
    },
  });
};

const perform = async (world: World, action: StepAction): Promise<void> => {
  const { shard, run, step, fence, attempt } = action;
  const of = { shard, run, step, fence };
  const slot = leastFree([...world.slots]);
  world.slots.add(slot);
  const begun = { startedAt: Date.now(), worker: world.broker.nodeID, pid: process.pid, slot: `1.${slot}` };
  const report = (rest: object): Promise<void> =>
    world.broker.dispatch("coordinator.receive", { ...of, ...rest } as Report, { key: shard });
  world.performed.push(step);
  try {
    const lines = [{ at: Date.now(), stream: "stdout" as const, level: "info" as const, text: `${step} begins` }];
    await report({ type: "logs", attempt, chunk: { seq: 0, lines } });
    const result = await (world.ops[action.op] ?? (() => null))(action, await inputOf(world, action));
    const items = generated(result);
    for (const [key, value] of items ?? []) await report({ type: "items", items: [[key, { value }]] });
    const outputs = items ? {} : { result: { value: result } };
    await report({ type: "succeeded", ...begun, at: Date.now(), outputs, ...(items && { items: items.length }) });
  } catch (error) {
    const { name, message } = error as Error;
    const { partial = {} } = error as { partial?: Record<string, Json> };
    for (const [key, value] of Object.entries(partial)) await report({ type: "items", items: [[key, { value }]] });
    await report({ type: "failed", ...begun, at: Date.now(), error: { name, message }, retryable: false, random: 0 });
  } finally {
    world.slots.delete(slot);
  }
};

/** Marks a generator's result. */
export const items = (values: Record<string, Json>): Json => ({ $items: values });
const generated = (result: Json): [string, Json][] | null =>
  result !== null && typeof result === "object" && "$items" in result
    ? Object.entries(result.$items as Record<string, Json>)
    : null;

const inputOf = async (world: World, { inputs, run, step }: StepAction): Promise<Json> => {
  const [first] = Object.entries(inputs) as [string, StepInput][];
  if (!first) return null;
  const [name, input] = first;
  if ("value" in input) return input.value;
  if ("list" in input) return input.list.map((one) => ("value" in one ? one.value : null));
  if (!("pages" in input)) return null;
  const page = await world.broker.call<{ values: Json[] }, object>("runs.loadList", {
    run,
    step,
    input: name,
    offset: 0,
  });
  return page.values;
};
