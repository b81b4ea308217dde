import { ApiError, type DqueueClient, type Topic } from "../../../client";
import { type FromHub, type FromTab, topicOf } from "./protocol";
import { Pulse } from "./pulse";

/** The server takes so many per stream. */
const MAX_TOPICS = 20;
/** Pages that open one after the other make one new stream. */
const GATHER_MS = 50;
/** Tabs tell their wants each 30 s, hidden ones each minute: one that is silent for this long is gone. */
const TAB_GONE_MS = 300_000;
const AFTER_REFUSAL_MS = 5_000;

interface Tab {
  tell(told: FromHub): void;
  wants: Map<Topic, number | null>;
  heard: number;
}

/** The one stream of a browser: follows what its tabs need, resumes behind what it has seen, and says how it goes. */
export class Hub {
  private readonly tabs = new Set<Tab>();
  /** Topics of the stream, each with the place up to which it was read; "": from its start. */
  private places = new Map<Topic, string>();
  private refused = new Set<Topic>();
  private current: AbortController | null = null;
  private gathering: ReturnType<typeof setTimeout> | undefined;
  private opened = false;
  private readonly pulse: Pulse;

  constructor(private readonly client: Pick<DqueueClient, "stream" | "health">) {
    this.pulse = new Pulse(client, {
      link: (link) => this.tellAll({ type: "link", link }),
      refresh: () => this.tellAll({ type: "refresh" }),
    });
  }

  /** A tab's door: what it says goes in, `tell` brings what it is told. */
  add(tell: (told: FromHub) => void): (said: FromTab) => void {
    const tab: Tab = { tell, wants: new Map(), heard: performance.now() };
    return (said) => {
      tab.heard = performance.now();
      if (said.type === "bye") return void this.tabs.delete(tab);
      if (said.type === "reconnect") return this.reconnect();
      if (!this.tabs.has(tab)) tab.tell({ type: "link", link: this.pulse.link });
      this.tabs.add(tab);
      tab.wants = new Map(said.topics);
      this.follow();
    };
  }

  private tellAll(told: FromHub): void {
    for (const tab of this.tabs) tab.tell(told);
  }

  private reconnect(): void {
    this.current?.abort();
    this.current = null;
    this.refused.clear();
    this.pulse.beatNow();
    this.follow();
  }

  /** Opens another stream where this one lacks something; what nobody needs any more waits for the next change. */
  private follow(): void {
    for (const tab of this.tabs) if (tab.heard < performance.now() - TAB_GONE_MS) this.tabs.delete(tab);
    const wanted = this.wanted();
    const lacks = [...wanted].some(([topic, place]) => {
      const known = this.places.get(topic);
      return known === undefined || (place !== null && place < Number(known || 0));
    });
    if (this.current && !lacks) return;
    clearTimeout(this.gathering);
    this.gathering = setTimeout(() => void this.open(this.wanted()), GATHER_MS);
  }

  private wanted(): Map<Topic, number | null> {
    const wanted = new Map<Topic, number | null>();
    for (const { wants } of this.tabs)
      for (const [topic, place] of wants) {
        const other = wanted.get(topic);
        if (!this.refused.has(topic))
          wanted.set(topic, other === undefined || other === null ? place : Math.min(other, place ?? other));
      }
    return new Map([...wanted].slice(0, MAX_TOPICS));
  }

  private async open(wanted: Map<Topic, number | null>): Promise<void> {
    this.current?.abort();
    const own = (this.current = new AbortController());
    this.places = new Map(
      [...wanted].map(([topic, place]) => {
        const known = this.places.get(topic);
        if (place === null) return [topic, known ?? ""];
        return [topic, String(known ? Math.min(place, Number(known)) : place)];
      }),
    );
    const id = [...this.places].flatMap(([topic, place]) => (place === "" ? [] : [`${topic}=${place}`])).join(",");
    const onLink = (open: boolean): void => {
      if (own !== this.current) return;
      // What is no topic's, such as the load of workers, has gone unseen while there was no link.
      if (open && this.opened) this.tellAll({ type: "refresh" });
      this.opened ||= open;
      this.pulse.setOpen(open);
    };
    try {
      const options = { signal: own.signal, patienceMs: Infinity, onLink, ...(id !== "" && { lastEventId: id }) };
      for await (const message of this.client.stream([...wanted.keys()], options)) {
        if (own !== this.current) return;
        this.readTo(message.id);
        const topic = topicOf(message);
        for (const tab of this.tabs) if (tab.wants.has(topic)) tab.tell({ type: "message", message });
      }
    } catch (error) {
      if (own === this.current) this.giveUp(error);
    }
  }

  private readTo(id: string): void {
    for (const part of id.split(",")) {
      const equals = part.lastIndexOf("=");
      if (equals > 0) this.places.set(part.slice(0, equals) as Topic, part.slice(equals + 1));
    }
  }

  /** A run that is not there (any more) must not take the others' stream with it. */
  private giveUp(error: unknown): void {
    this.current = null;
    // Whoever asks again finds out, too.
    if (error instanceof ApiError && error.code === "UNAUTHENTICATED") this.tellAll({ type: "refresh" });
    if (error instanceof ApiError && error.code === "RUN_NOT_FOUND")
      for (const topic of this.places.keys())
        if (topic.startsWith("run:") && error.message.includes(topic.slice(4))) this.refused.add(topic);
    this.places.clear();
    setTimeout(() => this.follow(), this.refused.size > 0 ? GATHER_MS : AFTER_REFUSAL_MS);
  }
}
