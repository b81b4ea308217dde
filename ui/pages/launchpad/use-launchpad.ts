import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useState } from "react";
import { useLocation } from "wouter";
import type { Job, Json, JsonObject, LaunchOptions, ReexecuteOptions, Run } from "../../../client";
import { api } from "../../data/client";
import { useMissingRole } from "../../data/me";
import { once } from "../../data/once";
import { repeatRun } from "../../data/run-actions";
import { shortId } from "../../parts/format";
import { runHasEnded } from "../../parts/status";
import { tell, tellFailure } from "../../parts/toasts";
import { changed, type Format, type Path, readConfig, writeConfig } from "./config-text";
import { type Draft, useDraft } from "./draft";
import type { Preset } from "./presets";
import { type Problem, problemsOf } from "./problems";
import { settled, skeletonOf } from "./schema";

/** A new run, or how much of the run that it begins from is repeated. */
export type Mode = "new" | "start" | "failure" | "steps";

const CHECK_MS = 250;

const useDebounced = <T>(value: T, ms: number): T => {
  const [late, setLate] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setLate(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return late;
};

const firstConfig = ({ config_schema, default_config }: Job, from: Run | null): JsonObject => {
  const skeleton = skeletonOf(config_schema, settled(config_schema, config_schema));
  return from?.config ?? { ...(skeleton as JsonObject | null), ...default_config };
};

const firstDraft = (job: Job, from: Run | null, preset: Preset | null): Draft => ({
  text: writeConfig(firstConfig(job, from), "yaml"),
  format: "yaml",
  tags: {},
  priority: from?.priority ?? 0,
  ...preset,
  runKey: "",
  savedAt: null,
});

/** All that the page knows and does: one document, what is wrong with it, and its launch. */
export const useLaunchpad = (job: Job, from: Run | null, preset: Preset | null, steps: readonly string[]) => {
  const [, navigate] = useLocation();
  const first = (): Draft => firstDraft(job, from, preset);
  const begun = from?.id ?? (preset === null ? "" : `preset.${preset.name}`);
  const { draft, change, discard } = useDraft(job.name, begun, first);
  const { text, format, tags, priority, runKey } = draft;
  const config = useMemo(() => readConfig(text, format), [text, format]);
  const [mode, setMode] = useState<Mode>(from !== null && runHasEnded(from.status) ? "start" : "new");
  const launch: LaunchOptions = {
    job: job.name,
    config: config.value ?? {},
    ...(Object.keys(tags).length > 0 && { tags }),
    ...(priority !== 0 && { priority }),
    ...(runKey !== "" && { run_key: runKey }),
    ...(mode === "new" && steps.length > 0 && { steps: [...steps] }),
  };
  const asked = JSON.stringify(launch);
  const settledAsk = useDebounced(asked, CHECK_MS);
  const missing = useMissingRole("launcher");
  const check = useQuery({
    queryKey: ["launch-check", settledAsk],
    queryFn: () => api.jobs.validate(JSON.parse(settledAsk) as LaunchOptions),
    // Who may not launch may not ask either.
    enabled: config.value !== null && missing === false,
    staleTime: Infinity,
    placeholderData: (before) => before,
  });
  const problems = useMemo(() => problemsOf(job.config_schema, config, check.data), [job, config, check.data]);
  const edit = (changes: readonly (readonly [Path, Json | undefined])[]): void =>
    change({ text: changed(text, format, changes) });
  const toFormat = (next: Format): void => {
    if (next !== format && config.value) change({ format: next, text: writeConfig(config.value, next) });
  };
  const correct = useCorrection(problems, edit, config.value);
  const [launching, setLaunching] = useState(false);
  const start = async (keep: boolean): Promise<void> => {
    if (config.value === null) return;
    setLaunching(true);
    try {
      const run =
        from !== null && mode !== "new"
          ? await repeatRun(from.id, repeated(mode, steps, config.value))
          : await once(`launch ${asked}`, (idempotencyKey) => api.runs.launch(launch, { idempotencyKey }));
      if (run === null) return;
      tell({ title: `Run ${shortId(run.id)} was launched` });
      if (!keep) navigate(`/runs/${run.id}`);
    } catch (error) {
      tellFailure(`${job.name} was not launched`, error);
    }
    setLaunching(false);
  };
  const checking = asked !== settledAsk || check.isFetching;
  return {
    ...{ draft, change, discard, config, launch, problems, checking, error: check.error },
    ...{ edit, toFormat, correct, mode, setMode, launching, start },
  };
};

export type Launchpad = ReturnType<typeof useLaunchpad>;

/** False: something is wrong, or is being looked at. */
export const isReady = ({ problems, checking, config, launching }: Launchpad): boolean =>
  problems.length === 0 && !checking && config.value !== null && !launching;

const repeated = (
  mode: "start" | "failure" | "steps",
  steps: readonly string[],
  config: JsonObject,
): ReexecuteOptions => (mode === "steps" ? { from: "steps", steps: [...steps], config } : { from: mode, config });

const useCorrection = (
  problems: readonly Problem[],
  edit: (changes: readonly (readonly [Path, Json | undefined])[]) => void,
  value: JsonObject | null,
): ((problem: Problem) => void) =>
  useCallback(
    ({ fix, kind, path }: Problem) => {
      if (fix === null || value === null || problems.length === 0) return;
      if (kind !== "extra") return edit([[path, fix]]);
      const own = path.reduce<Json | undefined>((at, key) => (at as JsonObject | undefined)?.[key], value);
      edit([
        [path, undefined],
        [[...path.slice(0, -1), fix], own],
      ]);
    },
    [edit, problems, value],
  );
