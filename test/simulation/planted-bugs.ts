import type { Bugs } from "./schedule";

/** Protocol bugs planted on purpose: each must be caught, or the invariants prove nothing. */
export const PLANTED: { name: string; bugs: Bugs }[] = [
  { name: "commits are not refused under an old epoch", bugs: { noEpochCheck: true } },
  { name: "reports are acknowledged before they are committed", bugs: { acksBeforeCommit: true } },
  { name: "steps are dispatched before they are committed", bugs: { answersBeforeWriting: true } },
  { name: "reports of stale fences are applied", bugs: { appliesStaleFences: true } },
  { name: "a silent worker is given up without a mark", bugs: { timersWithoutMarks: true } },
  { name: "a coordinator that has lost its lock does not join again", bugs: { joinsOnlyOnce: true } },
  { name: "a run ends by itself after its cancel was accepted", bugs: { noCancelCheck: true } },
  { name: "an owner cut off from the database keeps its mailboxes", bugs: { noSelfFencing: true } },
];
