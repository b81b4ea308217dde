import type { Takeover } from "../../client";

/** Of a column. */
export const RAN_TWICE = "Of the steps sent again those that had begun before, as far as their workers had told";

/** What each reason is called, and why it comes to it. */
export const TAKEOVER_REASONS: Readonly<Record<Takeover["how"], { how: string; why: string; fault?: true }>> = {
  first: { how: "first taken", why: "the database is new" },
  given: { how: "given away", why: "to keep numbers even, or its owner stopped" },
  handed: { how: "handed over", why: "somebody asked for it" },
  ended: { how: "taken over", why: "its process or its database connection ended", fault: true },
  silent: { how: "taken over", why: "its owner stood still", fault: true },
  itself: { how: "taken anew", why: "a commit failed, or the database was away", fault: true },
};
