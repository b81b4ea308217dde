import type { Run } from "../../../client";
import { count, duration, exact, shortCode, type Zone } from "../../parts/format";
import { runHasEnded } from "../../parts/status";
import { alike } from "./alike";
import type { Side } from "./side";

export interface Fact {
  name: string;
  a: string;
  b: string;
  differs: boolean;
}

/** How long a run took, or has taken by now, in ms; null: it has not started. */
export const ran = ({ started_at, ended_at }: Run, now: number): number | null =>
  started_at === null ? null : (ended_at === null ? now : Date.parse(ended_at)) - Date.parse(started_at);

const waited = ({ created_at, started_at }: Run, now: number): number =>
  (started_at === null ? now : Date.parse(started_at)) - Date.parse(created_at);

const listed = (tags: readonly (readonly [string, string])[]): string =>
  tags
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join(", ");

/** Those tags of a run that another one does not have. */
const ownTags = ({ tags }: Run, other: Run): string =>
  listed(Object.entries(tags).filter(([name, value]) => other.tags[name] !== value)) || "none";

/** The tags that both have, one by one. */
export const sharedTags = (a: Run, b: Run): string[] =>
  Object.entries(a.tags)
    .filter(([name, value]) => b.tags[name] === value)
    .map((tag) => listed([tag]))
    .sort();

/** What both have stands below, folded. */
const tagFact = (a: Run, b: Run): Fact => {
  const [inA, inB] = [ownTags(a, b), ownTags(b, a)];
  const differs = inA !== "none" || inB !== "none";
  const alike = differs || sharedTags(a, b).length === 0 ? "none" : "the same";
  return { name: "Tags", differs, ...(differs ? { a: inA, b: inB } : { a: alike, b: alike }) };
};

/** What one says of a run in a word or two, side by side. */
export const factsOf = (a: Side, b: Side, now: number, zone: Zone): Fact[] => {
  const fact = (name: string, of: (side: Side) => string, close?: (side: Side) => number | null): Fact => {
    const [inA, inB] = [of(a), of(b)];
    const differs = close ? !alike(close(a), close(b)) : inA !== inB;
    return { name, a: inA, b: inB, differs };
  };
  const time = (ms: number | null): string => (ms === null ? "—" : duration(ms));
  const soFar = ({ run }: Side): string => (run.started_at !== null && !runHasEnded(run.status) ? " so far" : "");
  return [
    // Of one job it is said above.
    ...(a.run.job === b.run.job ? [] : [fact("Job", ({ run }) => run.job)]),
    fact("Code", ({ run }) => shortCode(run.code_version)),
    // Two runs are never created at once: that tells nothing.
    fact(
      "Created",
      ({ run }) => exact(Date.parse(run.created_at), zone).replace(/\.\d+/, ""),
      () => null,
    ),
    tagFact(a.run, b.run),
    fact("Priority", ({ run }) => String(run.priority)),
    fact("Steps", ({ run }) => count(run.steps_total)),
    fact("Steps failed", ({ run }) => count(run.steps_failed)),
    fact("Slots in use, peak", ({ timeline }) => count(Math.ceil(Math.max(0, ...timeline.slots.used)))),
    fact(
      "Waited to start",
      ({ run }) => time(waited(run, now)),
      ({ run }) => waited(run, now),
    ),
    fact(
      "Duration",
      (side) => time(ran(side.run, now)) + soFar(side),
      ({ run }) => ran(run, now),
    ),
  ];
};
