import type { ReactNode } from "react";
import type { StepError } from "../../../../client";
import { CopyButton } from "../../../parts/copy";
import { counted } from "../../../parts/format";
import { Icon } from "../../../parts/icon";
import type { Moment } from "../steps/past-state";
import { visible } from "../../../parts/visible";
import { CODE, type Steps } from "../steps/steps";
import { Stack } from "./stack";

interface Props {
  error: StepError;
  steps: Steps;
  moment: Moment;
  place: number;
  select(key: string): void;
}

/** An error: its own lines of code, those of others folded, and who else has it. */
export const ErrorCard = ({ error, steps, moment, place, select }: Props): ReactNode => {
  const same = sameAs(steps, moment, place);
  const next = same.find((step) => step > place) ?? same[0];
  return (
    <section className="serr" aria-label="Error">
      <div className="row serrh">
        <Icon name="alert" size={15} />
        <div className="grow">
          <b>{error.name}</b>
          <p className="mono smsg">{visible(error.message)}</p>
        </div>
        <CopyButton text={error.stack ?? `${error.name}: ${error.message}`} what="error" />
      </div>
      {error.stack !== undefined && <Stack stack={error.stack} />}
      {error.cause && (
        <p className="small scause">
          Caused by <b>{error.cause.name}</b>: {visible(error.cause.message)}
        </p>
      )}
      {same.length > 0 && next !== undefined && (
        <button type="button" className="ssame" onClick={() => select(steps.keys[next]!)}>
          <Icon name="eye" size={13} />
          <span>
            Same error in <b>{counted(same.length + 1, "step")} of this run</b>
          </span>
          <Icon name="chevronRight" size={12} />
        </button>
      )}
    </section>
  );
};

/** Other steps that failed with an error of that class and message, numbers in it aside. */
const sameAs = (steps: Steps, { status }: Moment, place: number): number[] => {
  const own = printOf(steps, place);
  if (own === null) return [];
  const same: number[] = [];
  for (const step of steps.errors.keys())
    if (step !== place && status[step] === CODE.FAILURE && printOf(steps, step) === own) same.push(step);
  return same.sort((a, b) => a - b);
};

const printOf = (steps: Steps, step: number): string | null => {
  const error = steps.errors.get(step);
  return error ? `${error.name} ${error.message.replace(/[0-9a-f]{8,}|\d+/g, "#")}` : null;
};
