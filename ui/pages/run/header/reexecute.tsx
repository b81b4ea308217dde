import { type ReactNode, useId, useState } from "react";
import { useLocation } from "wouter";
import type { JsonObject, ReexecuteOptions, Run } from "../../../../client";
import { ApiError } from "../../../../client";
import { repeatRun } from "../../../data/run-actions";
import { Segments, UNDER_WAY } from "../../../parts/buttons";
import { Confirm } from "../../../parts/dialog";
import { shortId } from "../../../parts/format";
import { tell } from "../../../parts/toasts";
import { Plan, usePlan } from "./reexecution-plan";

interface Props {
  run: Run;
  /** Only these steps and what is behind them. */
  steps?: readonly string[];
  onClose(): void;
}

/** Repeats a run, with a config that may be changed first. */
export default function Reexecute({ run, steps, onClose }: Props): ReactNode {
  const [from, setFrom] = useState<"failure" | "start">(run.status === "FAILURE" ? "failure" : "start");
  const [text, setText] = useState(() => JSON.stringify(run.config, null, 2));
  const [wrong, setWrong] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [, navigate] = useLocation();
  const config = readConfig(text);
  const how = typeof config === "string" ? null : howOf(steps, from, config);
  const { plan, refused } = usePlan(run.id, how);
  const act = async (): Promise<void> => {
    if (how === null) return setWrong(config as string);
    setBusy(true);
    try {
      const made = await repeatRun(run.id, how);
      // Enter twice comes before a rendering.
      if (made === null) return;
      tell({ title: `Run ${shortId(made.id)} repeats ${shortId(run.id)}` });
      onClose();
      navigate(`/runs/${made.id}`);
    } catch (error) {
      setBusy(false);
      setWrong(reasonOf(error));
    }
  };
  return (
    <Confirm
      title={steps ? `Re-execute ${steps.join(", ")}` : `Re-execute run ${shortId(run.id)}`}
      about={about(steps, from)}
      keep="Leave it"
      act="Re-execute run"
      icon="retry"
      not={busy && UNDER_WAY}
      onAct={() => void act()}
      onClose={onClose}
    >
      {!steps && run.status === "FAILURE" && (
        <Segments label="Which steps" value={from} options={CHOICES} onChange={(next) => setFrom(next)} />
      )}
      <ConfigField
        text={text}
        wrong={wrong ?? (refused && reasonOf(refused))}
        change={(next) => {
          setText(next);
          setWrong(null);
        }}
      />
      {plan && <Plan {...plan} />}
    </Confirm>
  );
}

const howOf = (
  steps: readonly string[] | undefined,
  from: "failure" | "start",
  config: JsonObject,
): ReexecuteOptions => (steps ? { from: "steps", steps: [...steps], config } : { from, config });

const CHOICES: readonly { value: "failure" | "start"; label: string }[] = [
  { value: "failure", label: "From failure" },
  { value: "start", label: "All steps" },
];

const about = (steps: readonly string[] | undefined, from: "failure" | "start"): string => {
  if (steps) return "It and everything behind it run again; all others keep their outputs.";
  return from === "failure" ? "What succeeded keeps its outputs; the rest runs again." : "All steps run again.";
};

const ConfigField = ({
  text,
  wrong,
  change,
}: {
  text: string;
  wrong: string | null;
  change(text: string): void;
}): ReactNode => {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>Config, as JSON</label>
      <textarea
        id={id}
        className="input mono config-input"
        rows={Math.min(16, Math.max(4, text.split("\n").length))}
        spellCheck={false}
        value={text}
        onChange={({ target }) => change(target.value)}
        aria-invalid={wrong !== null}
        aria-describedby={wrong === null ? undefined : `${id}-wrong`}
      />
      {wrong !== null && (
        <p id={`${id}-wrong`} className="t-failure small wrong" role="alert">
          {wrong}
        </p>
      )}
    </div>
  );
};

/** A config, or what is wrong with the text. */
const readConfig = (text: string): JsonObject | string => {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject;
    return "A config is an object: { … }";
  } catch (error) {
    return `This is no JSON: ${(error as Error).message}`;
  }
};

const reasonOf = (error: unknown): string => {
  if (!(error instanceof ApiError)) return (error as Error).message;
  const { errors = [] } = error.problem;
  return [error.message, ...errors.map(({ pointer, message }) => `${pointer || "config"}: ${message}`)].join("\n");
};
