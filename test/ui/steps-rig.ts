import type { Graph, TimelineColumns } from "../../client";
import { Steps } from "../../ui/pages/run/steps/steps";

export const ORIGIN = Date.parse("2025-11-25T14:02:11.000Z");
export const at = (ms: number): string => new Date(ORIGIN + ms).toISOString();

export const GRAPH = {
  nodes: [
    { name: "gen", scope: [], inputs: [], after: [], retry: { max_retries: 0 } },
    { name: "work", scope: ["gen"], inputs: [{ sources: [{ node: "gen" }] }], after: [], retry: { max_retries: 3 } },
    { name: "sum", scope: [], inputs: [{ sources: [{ node: "work" }] }], after: [], retry: { max_retries: 0 } },
  ],
} as unknown as Graph;

const USUAL = { work: 2_000, sum: 500 };

interface Given {
  status?: TimelineColumns["statuses"][number];
  attempt?: number;
  worker?: string;
  slot?: string;
  items?: number;
  /** Ready, queued, started, ended. */
  times?: (number | null)[];
  /** When its next try is due. */
  retry?: number;
}

/** Tells of one step, as the server tells of all. */
export const put = (
  steps: Steps,
  key: string,
  { status = "SUCCESS", attempt = 1, worker = "w1", ...given }: Given,
): void => {
  const slots = given.slot === undefined ? [] : [given.slot];
  const [ready = null, queued = null, started = null, ended = null] = given.times ?? [];
  steps.putAll({
    ...{
      created_at: at(0),
      seq: 1,
      now_ms: 0,
      statuses: [status],
      workers: [worker],
      slots,
      lost: {},
      errors: {},
      takeovers: [],
      usual_ms: USUAL,
    },
    steps: {
      ...{ key: [key], status: [0], attempt: [attempt], worker: [0], slot: [slots.length - 1] },
      ...{ ready: [ready], queued: [queued], started: [started], ended: [ended] },
    },
    retry: given.retry === undefined ? {} : { [key]: given.retry },
    items: given.items === undefined ? {} : { [key]: given.items },
  });
};

/** gen 0–1 s, then so many children of 1 s each, two at a time. */
export const fanOut = (children: number): Steps => {
  const steps = new Steps(ORIGIN, GRAPH);
  put(steps, "gen", { times: [0, 0, 100, 1_000], items: children });
  for (let i = 0; i < children; i++) {
    const start = 1_000 + Math.floor(i / 2) * 1_000;
    put(steps, `work[${i}]`, { times: [1_000, 1_000, start, start + 1_000], worker: `w${i % 2}` });
  }
  return steps;
};
