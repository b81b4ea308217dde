import { DqueueError } from "../core/errors";
import { type Definitions, collectDefinitions } from "../sdk/registry";
import type { CodeBundle } from "./bundle";
import { loadBundle } from "./load-bundle";

/** What a code location defines, as a child process has loaded it. */
export type LoadedCode = Definitions;

/** Loads a bundle and finds its jobs and sensors. Throws whatever the code throws, or NO_JOBS. For child processes. */
export const loadCode = (bundle: CodeBundle): LoadedCode => {
  const definitions = collectDefinitions(loadBundle(bundle));
  if (definitions.jobs.size > 0) return definitions;
  const problems = definitions.problems.map((problem) => ` ${problem}`).join("");
  throw new DqueueError("NO_JOBS", `The code location exports no job. Export what job(…) returns from it.${problems}`);
};
