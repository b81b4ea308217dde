import type { Database } from "../../store/database";
import { listEvents } from "../../store/queries/history";
import {
  changedRuns,
  recentTicks,
  RUN_PLACE,
  runsNow,
  type SwitchedSensor,
  switchedSensors,
  type TickItem,
  ticksNow,
  timeOfNews,
} from "../../store/queries/feeds";
import { isUuid } from "../../store/queries/paging";
import type { SharedReads } from "./shared-reads";

export interface FeedMessage {
  /** SSE event name. */
  event: "run_event" | "run" | "tick" | "sensor";
  /** JSON: a message goes to every stream that stands at its place. */
  data: string;
  /** Where a reader stands behind this message. */
  place: string;
}

/** What of a topic is new, read from the database: nothing is lost while nobody listens. */
export interface Feed {
  /** Where a new reader starts. */
  start(): Promise<string>;
  accepts(place: string): boolean;
  /** Up to `limit` messages behind a place, in order. */
  read(place: string, limit: number): Promise<FeedMessage[]>;
}

const message = (event: FeedMessage["event"], data: object, place: string): FeedMessage => ({
  event,
  data: JSON.stringify(data),
  place,
});

/** A run's events, from its first on. */
const runFeed = (db: Database, shared: SharedReads, run: string): Feed => ({
  start: () => Promise.resolve("0"),
  accepts: (place) => /^\d{1,9}$/.test(place),
  read: (place, limit) =>
    shared.read(`run:${run} ${place} ${limit}`, async () => {
      const { items } = await listEvents(db, run, Number(place), limit);
      return items.map((item) => message("run_event", { run, ...item }, String(item.seq)));
    }),
});

/** Every run whose status changes from now on. */
const runsFeed = (db: Database, shared: SharedReads): Feed => ({
  start: () => runsNow(db),
  accepts: (place) => RUN_PLACE.test(place),
  read: (place, limit) =>
    shared.read(`runs ${place} ${limit}`, async () => {
      const changed = await changedRuns(db, place, limit);
      return changed.map(({ run, place: behind }) => message("run", run, behind));
    }),
});

const MOST_TICKS_BEFORE = 10_000;
/** Streams that have told a different number of ticks ask for the same all the same. */
const TICKS_AT_ONCE = 1_000;

/**
 * Ticks that end and sensors that are started or stopped from now on. After a resume one may come twice: ticks are known
 * by their ids, sensors by their versions.
 */
const ticksFeed = (db: Database, shared: SharedReads): Feed => {
  const sent = new Map<string, number>();
  const told = new Map<string, string>();
  const switched = async (place: string): Promise<SwitchedSensor[]> => {
    const since = timeOfNews(place);
    const all = await shared.read(`switched ${since}`, () => switchedSensors(db, since));
    const news = all.filter(({ name, status_since }) => told.get(name) !== status_since);
    for (const { name, status_since } of news) told.set(name, status_since);
    return news;
  };
  const ticks = (place: string, most: number): Promise<TickItem[]> => {
    const since = timeOfNews(place);
    const limit = Math.ceil(most / TICKS_AT_ONCE) * TICKS_AT_ONCE;
    return shared.read(`ticks ${since} ${limit}`, () => recentTicks(db, since, limit));
  };
  return {
    start: async () => {
      const place = ticksNow(Date.now());
      // A read looks back for ticks that commit late; those that have ended by now are none of them.
      for (const { id } of await ticks(place, MOST_TICKS_BEFORE)) sent.set(id, performance.now());
      await switched(place);
      return place;
    },
    accepts: isUuid,
    read: async (place, limit) => {
      const news = (await ticks(place, limit + sent.size)).filter(({ id }) => !sent.has(id));
      const now = performance.now();
      for (const [id, at] of sent) if (at < now - 60_000) sent.delete(id);
      for (const { id } of news) sent.set(id, now);
      const sensors = await switched(place);
      return [
        ...sensors.map((sensor) => message("sensor", sensor, place)),
        ...news.map((tick) => message("tick", tick, tick.id > place ? tick.id : place)),
      ];
    },
  };
};

/** The feed of a topic; null: there is no such topic. */
export const feedOf = (db: Database, shared: SharedReads, topic: string): Feed | null => {
  if (topic === "runs") return runsFeed(db, shared);
  if (topic === "ticks") return ticksFeed(db, shared);
  const run = /^run:(.+)$/.exec(topic)?.[1];
  return run !== undefined && isUuid(run) ? runFeed(db, shared, run) : null;
};
