import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type { Page, SensorItem, SensorSummary, StreamMessage, Tick } from "../../client";
import { tell, tellFailure } from "../parts/toasts";
import { cache } from "./cache";
import { api } from "./client";
import { SENSORS_LOOK_MS, sensorsQuery } from "./queries";

/** Ticks that a row of the list shows. */
export const SHOWN_TICKS = 40;
const PAGE_SIZE = 60;

export type TickStatus = "SUCCESS" | "FAILURE" | "SKIPPED";
type EndedTick = Extract<StreamMessage, { event: "tick" }>["data"];

/** All sensors by name, with their last ticks. */
export const sensorItemsQuery = queryOptions({
  queryKey: ["sensors", "items"],
  queryFn: async () => {
    const sensors = [];
    for await (const sensor of api.sensors.items(SHOWN_TICKS)) sensors.push(sensor);
    return sensors;
  },
  refetchInterval: SENSORS_LOOK_MS,
});

export const sensorQuery = (name: string) =>
  queryOptions({ queryKey: ["sensor", name], queryFn: () => api.sensors.get(name) });

/** A sensor's ticks, newest first; `status` null: all of them. */
export const ticksQuery = (name: string, status: TickStatus | null) =>
  infiniteQueryOptions({
    queryKey: ["sensor", name, "ticks", status],
    queryFn: ({ pageParam }): Promise<Page<Tick>> =>
      api.sensors.ticks(name, {
        limit: PAGE_SIZE,
        ...(status !== null && { status }),
        ...(pageParam !== undefined && { cursor: pageParam }),
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });

/** What the stream says of ticks and switches goes into what is known of sensors. */
export const takeTicks = (messages: StreamMessage[]): void => {
  for (const message of messages) if (message.event === "sensor") takeSwitch(message.data);
  const ticks = messages.flatMap((message) => (message.event === "tick" ? [message.data] : []));
  const newest = new Map(ticks.map((tick) => [tick.instigator, tick]));
  cache.setQueryData(sensorsQuery.queryKey, (known) => known?.map((sensor) => ticked(sensor, newest.get(sensor.name))));
  cache.setQueryData(sensorItemsQuery.queryKey, (known) => known?.map((item) => withTick(item, newest.get(item.name))));
  for (const name of newest.keys()) void cache.invalidateQueries({ queryKey: ["sensor", name] });
  // What it threw is not in the stream.
  const failed = [...newest.values()].some(({ status }) => status === "FAILURE");
  if (failed) void cache.invalidateQueries({ queryKey: sensorItemsQuery.queryKey });
};

const isNews = (sensor: SensorSummary, tick: EndedTick | undefined): tick is EndedTick =>
  tick !== undefined &&
  (sensor.last_tick === null || Date.parse(tick.started_at) > Date.parse(sensor.last_tick.started_at));

const ticked = <T extends SensorSummary>(sensor: T, tick: EndedTick | undefined): T => {
  if (!isNews(sensor, tick)) return sensor;
  const { id, status, started_at, ended_at, skip_reason } = tick;
  const next = Date.parse(started_at) + sensor.minimum_interval_seconds * 1000;
  return {
    ...sensor,
    last_tick: { id, status, started_at, skip_reason },
    last_tick_at: ended_at,
    evaluating: false,
    next_tick_at: new Date(next).toISOString(),
  };
};

const withTick = (item: SensorItem, tick: EndedTick | undefined): SensorItem => {
  if (!isNews(item, tick)) return item;
  const { ticks, runs_24h, failing_since, error } = item.activity;
  const failed = tick.status === "FAILURE";
  return {
    ...ticked(item, tick),
    activity: {
      ticks: {
        status: [...ticks.status, tick.status].slice(-SHOWN_TICKS),
        started_at: [...ticks.started_at, tick.started_at].slice(-SHOWN_TICKS),
        runs: [...ticks.runs, tick.run_ids.length].slice(-SHOWN_TICKS),
      },
      runs_24h: runs_24h + tick.run_ids.length,
      failing_since: failed ? (failing_since ?? tick.started_at) : null,
      error: failed ? error : null,
    },
  };
};

const patch = (name: string, change: Partial<SensorSummary>): void => {
  const changed = <T extends SensorSummary>(known: T[] | undefined): T[] | undefined =>
    known?.map((sensor) => (sensor.name === name ? { ...sensor, ...change } : sensor));
  cache.setQueryData(sensorsQuery.queryKey, changed);
  cache.setQueryData(sensorItemsQuery.queryKey, changed);
  cache.setQueryData(sensorQuery(name).queryKey, (known) => known && { ...known, ...change });
};

/** Somebody has started or stopped a sensor, here or elsewhere. */
const takeSwitch = ({ name, ...change }: Extract<StreamMessage, { event: "sensor" }>["data"]): void => {
  const known = cache.getQueryData(sensorItemsQuery.queryKey)?.find((item) => item.name === name);
  if (!known || known.version <= change.version) patch(name, change);
  for (const key of ["job", "jobs"]) void cache.invalidateQueries({ queryKey: [key] });
};

/** Starts or stops a sensor, and offers the way back. */
export const switchSensor = async (name: string, on: boolean, { undo = true } = {}): Promise<void> => {
  patch(name, { status: on ? "RUNNING" : "STOPPED" });
  try {
    const { cursor: _cursor, ...sensor } = await (on ? api.sensors.start(name) : api.sensors.stop(name));
    patch(name, sensor);
    tell({
      title: `Sensor ${name} is ${on ? "on" : "off"}`,
      of: `sensor ${name}`,
      ...(undo && { undo: () => void switchSensor(name, !on, { undo: false }) }),
    });
  } catch (error) {
    tellFailure(`Sensor ${name} was not turned ${on ? "on" : "off"}`, error);
    await cache.invalidateQueries({ queryKey: ["sensors"] });
  }
  // They tell what launches them.
  await Promise.all(["job", "jobs"].map((key) => cache.invalidateQueries({ queryKey: [key] })));
};
