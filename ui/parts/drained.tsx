import type { ReactNode } from "react";
import type { OverviewQueue } from "../../client";
import { guess } from "./format";

/** Longer than this is worth a look. */
const LONG_S = 300;

/** When nothing of a queue waits any more, at the pace of the last minute. */
export const Drained = ({
  queue: { queued, slots, drained_in_seconds: s, growth_per_second: growth },
}: {
  queue: OverviewQueue;
}): ReactNode => {
  if (queued === 0) return <span className="t2">keeps up</span>;
  if (slots === 0) return <span className="t-failure">never</span>;
  if (s !== null) return <span className={s > LONG_S ? "t-retry" : "t2"}>{guess(s * 1_000)}</span>;
  if (growth === null)
    return (
      <span className="dim" title="Known after a minute of looking">
        —
      </span>
    );
  return growth > 0 ? <span className="t-retry">grows</span> : <span className="t2">stands</span>;
};
