import { useEffect, useRef, useSyncExternalStore } from "react";
import type { StreamMessage, Topic } from "../../../client";
import { api } from "../client";
import { toServerTime } from "../server-clock";
import { type FromHub, type FromTab, type Link, topicOf } from "./protocol";

const TELL_MS = 30_000;
/** A hidden tab draws no frames: there, news of runs (a title tells it) is dealt with once a second. */
const HIDDEN_MS = 1_000;
/** Events that wait for a hidden tab to be looked at again; where more come, it asks again for what it shows. */
const MOST_WAITING = 2_000;

type Listener = (messages: StreamMessage[]) => void;
interface Interest {
  topic: Topic;
  /** Number of the last event of a run that is known. */
  place: number | null;
  hear: Listener;
}

/** This tab's end of the stream. */
class Live {
  link: Link = { kind: "connecting" };
  private readonly interests = new Set<Interest>();
  private readonly watchers = new Set<() => void>();
  private readonly refreshers = new Set<() => void>();
  private waiting: StreamMessage[] = [];
  private drawing = false;
  /** Events that came while nobody looked; null: too many. */
  private unseen: StreamMessage[] | null = [];
  private readonly say: (said: FromTab) => void;

  constructor() {
    this.say = this.connect((told) => this.hear(told));
    setInterval(() => this.tell(), TELL_MS);
    addEventListener("pagehide", () => this.say({ type: "bye" }));
    addEventListener("pageshow", () => this.tell());
    document.addEventListener("visibilitychange", () => this.catchUp());
  }

  /** Without shared workers (older phones) each tab has a stream of its own. */
  private connect(hear: (told: FromHub) => void): (said: FromTab) => void {
    if (typeof SharedWorker === "undefined") {
      const own = import("./hub").then(({ Hub }) => new Hub(api).add(hear));
      return (said) => void own.then((say) => say(said));
    }
    const { port } = new SharedWorker(new URL("./worker.ts", import.meta.url), { type: "module", name: "dqueue" });
    port.onmessage = ({ data }: MessageEvent<FromHub>) => hear(data);
    return (said) => port.postMessage(said);
  }

  follow(interest: Interest): () => void {
    this.interests.add(interest);
    this.tell();
    return () => {
      this.interests.delete(interest);
      this.tell();
    };
  }

  reconnect(): void {
    this.say({ type: "reconnect" });
  }

  readonly watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  onRefresh(refresh: () => void): () => void {
    this.refreshers.add(refresh);
    return () => this.refreshers.delete(refresh);
  }

  private tell(): void {
    const topics = new Map<Topic, number | null>();
    for (const { topic, place } of this.interests) topics.set(topic, place);
    this.say({ type: "want", topics: [...topics] });
  }

  private hear(told: FromHub): void {
    if (told.type === "link") {
      const { link } = told;
      this.link = link.kind === "offline" ? { ...link, since: toServerTime(link.since) } : link;
      return this.watchers.forEach((watcher) => watcher());
    }
    if (told.type === "refresh") return this.refresh();
    if (document.hidden && told.message.event === "run_event") return this.keep(told.message);
    this.waiting.push(told.message);
    this.drawSoon();
  }

  private refresh(): void {
    if (document.hidden) this.unseen = null;
    else this.refreshers.forEach((refresh) => refresh());
  }

  private keep(message: StreamMessage): void {
    if (this.unseen && this.unseen.push(message) > MOST_WAITING) this.unseen = null;
  }

  /** Somebody looks again. */
  private catchUp(): void {
    if (document.hidden) return;
    const { unseen } = this;
    this.unseen = [];
    if (unseen === null) return this.refresh();
    if (unseen.length === 0) return;
    this.waiting.push(...unseen);
    this.drawSoon();
  }

  private drawSoon(): void {
    if (this.drawing) return;
    this.drawing = true;
    if (document.hidden) setTimeout(() => this.draw(), HIDDEN_MS);
    else requestAnimationFrame(() => this.draw());
  }

  /** At most once a frame, however much has come. */
  private draw(): void {
    this.drawing = false;
    const byTopic = groupedByTopic(this.waiting.splice(0));
    for (const interest of this.interests) {
      const messages = byTopic.get(interest.topic);
      if (messages) interest.hear(messages);
    }
  }
}

const groupedByTopic = (messages: StreamMessage[]): Map<Topic, StreamMessage[]> => {
  const groups = new Map<Topic, StreamMessage[]>();
  for (const message of messages) {
    const topic = topicOf(message);
    groups.set(topic, [...(groups.get(topic) ?? []), message]);
  }
  return groups;
};

export const live = new Live();

/** How news comes now. */
export const useLink = (): Link => useSyncExternalStore(live.watch, () => live.link);

/**
 * Hears what the stream brings of a topic, at most once a frame, while the component is there.
 * @param topic null: of none, for now.
 * @param place of a run's topic: the number of the last event that is known; those behind it come.
 */
export const useTopic = (topic: Topic | null, hear: Listener, place: number | null = null): void => {
  const latest = useRef({ hear, place });
  useEffect(() => {
    latest.current = { hear, place };
  });
  useEffect(() => {
    if (topic === null) return;
    // The place as it is now: where the topic has only just come to be known, so has the place.
    const from = latest.current.place;
    return live.follow({ topic, place: from, hear: (messages) => latest.current.hear(messages) });
  }, [topic]);
};
