import type { ReactNode } from "react";
import type { Step } from "../../../../client";
import { duration } from "../../../parts/format";
import { durationsOf } from "../steps/figures";
import type { Moment } from "../steps/past-state";
import { CODE, type Steps } from "../steps/steps";
import { offsetText } from "../timeline/draw/scale";
import { Attempts } from "./attempts";
import { ErrorCard } from "./error-card";
import { Siblings } from "./siblings";
import { Json } from "./values";

interface Props {
  steps: Steps;
  moment: Moment;
  place: number;
  /** null while it is not there yet. */
  step: Step | undefined;
  select(key: string): void;
}

/** What went wrong, each try, its time among its siblings, and what it was given. */
export const Summary = ({ steps, moment, place, step, select }: Props): ReactNode => {
  const past = steps.past.get(place)?.findLast(({ ended }) => ended <= moment.at);
  const failed = moment.status[place] === CODE.FAILURE;
  const known = failed || !past ? (steps.errors.get(place) ?? null) : past.error;
  const error = failed && step?.error ? step.error : known;
  const shows = error !== null && (failed || moment.status[place] === CODE.UP_FOR_RETRY);
  const input = step && Object.keys(step.inputs).length > 0 ? step.inputs : null;
  return (
    <>
      {!moment.live && <Later steps={steps} moment={moment} place={place} />}
      {shows && <ErrorCard error={error} steps={steps} moment={moment} place={place} select={select} />}
      {moment.status[place] === CODE.SKIPPED && (
        <p className="t2">
          {step?.skip_reason === "UPSTREAM_FAILED"
            ? "Skipped: something that it needs has failed."
            : step?.skip_reason === "NO_OUTPUT"
              ? "Skipped: the branch that leads to it was not taken."
              : "Skipped: it was not selected."}
        </p>
      )}
      <Attempts steps={steps} moment={moment} place={place} />
      <Siblings
        steps={steps}
        place={place}
        moment={moment}
        durations={durationsOf(steps, steps.members[steps.node[place]!]!, moment)}
      />
      {step?.reused_from && <p className="t2">Its outputs were taken over from run {step.reused_from.slice(0, 13)}.</p>}
      {input && (
        <section>
          <h3>Input</h3>
          <Json value={valuesOf(input)} short />
        </section>
      )}
    </>
  );
};

/** As the op is given them: of one input that has no name, the value alone. */
const valuesOf = (inputs: Step["inputs"]): unknown => {
  const values = Object.entries(inputs).map(([name, input]) => [name, "list" in input ? input.list : input.value]);
  return values.length === 1 && values[0]![0] === "" ? values[0]![1] : Object.fromEntries(values);
};

/** What became of it after the moment that is shown. */
const Later = ({ steps, moment, place }: { steps: Steps; moment: Moment; place: number }): ReactNode => {
  if (steps.status[place] === moment.status[place]) return null;
  const ended = steps.ended[place]!;
  const word = steps.statusOf(place).toLowerCase().replaceAll("_", " ");
  return (
    <p className="slater num">
      At <b>{offsetText(moment.at, 1)}</b>. Later: <b>{word}</b>
      {ended > 0 && (
        <>
          {" "}
          at {offsetText(ended, 1)}, after {duration(ended - moment.at)}
        </>
      )}
    </p>
  );
};
