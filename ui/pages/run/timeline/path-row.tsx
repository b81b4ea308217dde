import type { ReactNode } from "react";
import { duration, guess, percent } from "../../../parts/format";
import type { Stretch, Wait } from "../steps/critical-path";
import { shortKey } from "../../../parts/key-parts";
import { CODE, type Steps } from "../steps/steps";
import type { Span } from "./draw/scale";

interface Props {
  path: readonly Stretch[];
  steps: Steps;
  /** It is drawn on the time axis of the whole run, so that widths are true. */
  whole: Span;
  select(key: string): void;
}

/** What the run's end waited for, one after the other. Where there is no room for all words, the title has them. */
export const PathRow = ({ path, steps, whole, select }: Props): ReactNode => {
  const length = path.findLast(({ kind }) => kind !== "rest")!.to - path[0]!.from;
  const share = (ms: number): string => `${(100 * ms) / (whole.to - whole.from)}%`;
  return (
    <div className="grow0 gpath">
      <div className="gn dim">
        Critical path<span className="gd num">{duration(length)}</span>
      </div>
      <div className="gpathc">
        {path.map((stretch, i) => {
          const took = stretch.to - stretch.from;
          const { name, tone } = nameOf(steps, stretch);
          const title = `${name} ${stretch.kind === "rest" ? guess(took) : duration(took)}${isWait(stretch) ? `, ${percent(took, length)}` : ""}`;
          return (
            <button
              key={i}
              type="button"
              className={`gcp k-${tone}`}
              title={title}
              style={{ left: share(stretch.from - whole.from), width: share(took) }}
              onClick={() => stretch.step !== null && select(steps.keys[stretch.step]!)}
            >
              <b dir="auto">{name}</b>{" "}
              <span className="num">{stretch.kind === "rest" ? guess(took) : duration(took)}</span>
              {isWait(stretch) && <span className="num gcps">· {percent(took, length)}</span>}
            </button>
          );
        })}
      </div>
    </div>
  );
};

const WAITS: Readonly<Record<Wait, string>> = {
  admission: "waiting to be admitted",
  dispatch: "held back",
  slot: "waiting for a slot",
  retry: "waiting for its retry",
};

const isWait = ({ kind }: Stretch): boolean => kind in WAITS;

const nameOf = (steps: Steps, { kind, step }: Stretch): { name: string; tone: string } => {
  if (step === null) return { name: "the rest", tone: "rest" };
  if (kind in WAITS) return { name: WAITS[kind as Wait], tone: "wait" };
  const status = steps.status[step];
  return {
    name: shortKey(steps.keys[step]!),
    tone: status === CODE.FAILURE ? "failure" : status === CODE.STARTED ? "started" : "success",
  };
};
