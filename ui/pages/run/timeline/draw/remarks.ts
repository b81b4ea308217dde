import type { Worker } from "../../../../../client";
import { counted, duration } from "../../../../parts/format";
import type { Durations } from "../../steps/figures";
import { shortKey } from "../../../../parts/key-parts";
import { type Moment, tryAt } from "../../steps/past-state";
import type { Steps } from "../../steps/steps";
import type { WorkerLanes } from "./lanes";
import { offsetText } from "./scale";
import { isLate, type Words } from "./words";

interface Known {
  steps: Steps;
  moment: Moment;
  durations(node: number): Durations | null;
  /** The workers that there are now, by id; null: not known, or of no matter for the moment that is shown. */
  present: ReadonlyMap<string, Worker> | null;
  /** Of the run. */
  codeVersion: string;
}

/** The one thing worth knowing of a worker, the worst first; null: there is none. */
export const remarkOf = (worker: WorkerLanes, known: Known): Words | null => {
  const { steps, moment, present } = known;
  const now = present?.get(worker.worker);
  const lost = worker.lost > 0 ? `lost ${counted(worker.lost, "step")}` : "";
  if (worker.gone >= 0) {
    const since = `${present && !now ? "gone since" : "lost at"} ${offsetText(worker.gone, 1)}`;
    return { text: `${since}, ${lost}`, ink: "lost-t" };
  }
  if (present && !now) return { text: "gone", ink: "lost-t" };
  if (now?.draining) {
    const since = now.draining_since === null ? NaN : Date.parse(now.draining_since) - steps.origin;
    return { text: since >= 0 ? `draining since ${offsetText(since)}` : "draining", ink: "retry-t" };
  }
  if (now && now.code_version !== known.codeVersion)
    return { text: `other code ${now.code_version.slice(0, 7)}`, ink: "retry-t" };
  const { oldest } = worker;
  if (oldest !== null && isLate(steps, oldest, moment.at, known.durations(steps.node[oldest]!))) {
    const ran = duration(moment.at - tryAt(steps, oldest, moment.at).started);
    return { text: `${shortKey(steps.keys[oldest]!)} past p99, ${ran}`, ink: "retry-t" };
  }
  return lost === "" ? null : { text: lost, ink: "lost-t" };
};

const natural = new Intl.Collator("en", { numeric: true });
const RANK: Readonly<Partial<Record<Words["ink"], number>>> = { "lost-t": 0, "retry-t": 1 };

/** Those of whom something is to be told first, the worst before the others; then by name. */
export const byNotable = (
  a: WorkerLanes & { remark: Words | null },
  b: WorkerLanes & { remark: Words | null },
): number => rankOf(a.remark) - rankOf(b.remark) || natural.compare(a.worker, b.worker);

const rankOf = (remark: Words | null): number => (remark && RANK[remark.ink]) ?? 2;
