import type { ReactNode } from "react";
import type { Job } from "../../../client";
import { type Figure, Figures } from "../../parts/figures";
import { count, duration, guess, percent } from "../../parts/format";

const DAY_MS = 86_400_000;

/** Six figures of the last 50 ended runs. */
export const JobFigures = ({ job }: { job: Job }): ReactNode => {
  const { figures: now, figures_before: then, runs_24h: runs, last_runs: last } = job;
  const tried = now.succeeded + now.failed;
  const waited = now.waited_p50_ms;
  const share = waited !== null && now.p50_ms !== null ? `${percent(waited, waited + now.p50_ms)} of the time` : "";
  const all: Figure[] = [
    [
      "Success",
      percent(now.succeeded, tried),
      tried === 0 ? "none ended" : `${count(now.succeeded)} of ${count(tried)} ended`,
    ],
    ["p50", told(now.p50_ms), changed(now.p50_ms, then.p50_ms, "vs. 50 before")],
    ["p95", told(now.p95_ms), changed(now.p95_ms, then.p95_ms, "")],
    ["Waited, p50", told(waited), share],
    ["Runs 24 h", count(runs), runs > 1 ? `one each ${guess(DAY_MS / runs).slice(2)}` : ""],
    ["Steps a run", count(now.steps_p50), last.steps.length > 0 ? `${count(last.steps.at(-1)!)} in the last` : ""],
  ];
  return <Figures all={all} />;
};

const told = (ms: number | null): string => (ms === null ? "—" : duration(ms));

const changed = (now: number | null, then: number | null, words: string): string => {
  if (now === null || then === null || then === 0) return "";
  const part = Math.round((100 * (now - then)) / then);
  return `${part === 0 ? "±0" : part > 0 ? `+${part}` : `−${-part}`}\u00a0% ${words}`.trim();
};
