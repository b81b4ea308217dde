import type { StreamMessage, Topic } from "../../../client";

/** How news comes to the browser. `since`: milliseconds of Unix time. */
export type Link =
  | { kind: "connecting" }
  /** By the stream; `ms`: an answer's way there and back. */
  | { kind: "live"; ms: number | null }
  /** The stream cannot be had (a proxy may hold it back): all that is shown is asked for again each 5 s. */
  | { kind: "polling" }
  | { kind: "offline"; since: number };

/** What a tab says to the hub. */
export type FromTab =
  /** All topics that it needs now; of a run's events the number of the last that it has, from which on it needs them. */
  { type: "want"; topics: [Topic, number | null][] } | { type: "reconnect" } | { type: "bye" };

/** What the hub says to the tabs. */
export type FromHub =
  | { type: "link"; link: Link }
  | { type: "message"; message: StreamMessage }
  /** What is shown may be old: ask again. */
  | { type: "refresh" };

export const topicOf = (message: StreamMessage): Topic => {
  if (message.event === "run") return "runs";
  return message.event === "tick" || message.event === "sensor" ? "ticks" : `run:${message.data.run}`;
};
