import type { Run } from "../../../client";
import { percent } from "../../parts/format";
import { alike } from "./alike";
import { changedKeys } from "./config-lines";
import { ran } from "./facts";
import { change, type StepPair } from "./pairs";
import type { Side } from "./side";

/** What one would say first of how B differs from A. */
export const verdictOf = (a: Side, b: Side, pairs: readonly StepPair[], now: number): string => {
  const failed = pairs.find(({ statusA, statusB }) => statusB === "FAILURE" && statusA !== "FAILURE");
  if (b.run.status === "FAILURE" && a.run.status !== "FAILURE")
    return failed
      ? `B fails at ${failed.key}${failed.note ? `: ${failed.note.replace(/ in B$/, "")}` : ""}.`
      : "B fails.";
  if (a.run.status === "FAILURE" && b.run.status === "SUCCESS") return "B succeeds where A fails.";
  const [inA, inB] = [ran(a.run, now), ran(b.run, now)];
  if (inA === null || inB === null) return "One of the two has not started.";
  if (alike(inA, inB)) return "Both take about as long.";
  const [most] = pairs.filter((pair) => pair.a !== null && pair.b !== null).sort((x, y) => change(y) - change(x));
  const where = most && !alike(most.a, most.b) ? `, most of all at ${most.key}` : "";
  return inB > inA ? `B takes ${times(inB / inA)} as long${where}.` : `B is ${percent(inA - inB, inA)} faster${where}.`;
};

const times = (ratio: number): string => `${ratio.toFixed(ratio < 10 ? 1 : 0)} ×`;

/** What may be the reason: code and config. */
export const causesOf = (a: Run, b: Run): string => {
  const keys = changedKeys(a.config, b.config);
  const shown = keys.length > 3 ? [...keys.slice(0, 3), `${keys.length - 3} more`] : keys;
  const causes = [...(a.code_version === b.code_version ? [] : ["Code"]), ...shown];
  if (causes.length === 0) return "Code and config are the same.";
  const list = causes.length === 1 ? causes[0]! : `${causes.slice(0, -1).join(", ")} and ${causes.at(-1)!}`;
  return `${list} ${causes.length === 1 ? "differs" : "differ"}.`;
};
