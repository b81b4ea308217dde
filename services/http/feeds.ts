import type { Database } from "../../store/database";
import { listEvents } from "../../store/queries/history";
import {
  changedRuns,
  recentTicks,
  RUN_PLACE,
  runsNow,
  type SwitchedSensor,
  switchedSensors,
  ticksNow,
} from "../../store/queries/feeds";
import { isUuid } from "../../store/queries/paging";

export interface FeedMessage {
  /** SSE event name. */
  event: "run_event" | "run" | "tick" | "sensor";
  data: object;
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

/** A run's events, from its first on. */
const runFeed = (db: Database, run: string): Feed => ({
  start: () => Promise.resolve("0"),
  accepts: (place) => /^\d{1,9}$/.test(place),
  read: async (place, limit) => {
    const { items } = await listEvents(db, run, Number(place), limit);
    return items.map((item) => ({ event: "run_event", data: { run, ...item }, place: String(item.seq) }));
  },
});

/** Every run whose status changes from now on. */
const runsFeed = (db: Database): Feed => ({
  start: () => runsNow(db),
  accepts: (place) => RUN_PLACE.test(place),
  read: async (place, limit) => {
    const changed = await changedRuns(db, place, limit);
    return changed.map(({ run, place: behind }) => ({ event: "run", data: run, place: behind }));
  },
});

const MOST_TICKS_BEFORE = 10_000;

/**
 * Ticks that end and sensors that are started or stopped from now on. After a resume one may come twice: ticks are known
 * by their ids, sensors by their versions.
 */
const ticksFeed = (db: Database): Feed => {
  const sent = new Map<string, number>();
  const told = new Map<string, string>();
  const switched = async (place: string): Promise<SwitchedSensor[]> => {
    const news = (await switchedSensors(db, place)).filter(({ name, status_since }) => told.get(name) !== status_since);
    for (const { name, status_since } of news) told.set(name, status_since);
    return news;
  };
  return {
    start: async () => {
      const place = ticksNow(Date.now());
      // A read looks back for ticks that commit late; those that have ended by now are none of them.
      for (const { id } of await recentTicks(db, place, MOST_TICKS_BEFORE)) sent.set(id, performance.now());
      await switched(place);
      return place;
    },
    accepts: isUuid,
    read: async (place, limit) => {
      const news = (await recentTicks(db, place, limit + sent.size)).filter(({ id }) => !sent.has(id));
      const now = performance.now();
      for (const [id, at] of sent) if (at < now - 60_000) sent.delete(id);
      for (const { id } of news) sent.set(id, now);
      const sensors = await switched(place);
      return [
        ...sensors.map((sensor): FeedMessage => ({ event: "sensor", data: sensor, place })),
        ...news.map((tick): FeedMessage => ({ event: "tick", data: tick, place: tick.id > place ? tick.id : place })),
      ];
    },
  };
};

/** The feed of a topic; null: there is no such topic. */
export const feedOf = (db: Database, topic: string): Feed | null => {
  if (topic === "runs") return runsFeed(db);
  if (topic === "ticks") return ticksFeed(db);
  const run = /^run:(.+)$/.exec(topic)?.[1];
  return run !== undefined && isUuid(run) ? runFeed(db, run) : null;
};
