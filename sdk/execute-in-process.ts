import { z } from "zod";
import { DqueueError } from "../core/errors";
import type { JsonObject } from "../core/json";
import { suggestion } from "../core/nearest";
import { ownConfig } from "./config-schema";
import type { InProcessResult } from "./in-process-result";
import { InProcessRun } from "./in-process-run";
import type { JobDefinition } from "./job";
import type { OptionNames } from "./options";
import { checkOptions } from "./options";
import { ResourcePool } from "./resource";

export interface InProcessOptions {
  config?: JsonObject;
  tags?: Record<string, string>;
  /** By resource name: used in place of what its `setUp` would make. */
  resources?: Record<string, unknown>;
}

const IN_PROCESS_OPTIONS: OptionNames<InProcessOptions> = { config: true, tags: true, resources: true };

/**
 * Runs a job in this process, for authors' tests: the same decisions as in production, one step at a time, without a
 * database and without waiting for retry delays. Values pass through JSON as they do in production.
 *
 * @throws DqueueError INVALID_CONFIG, as a launch would refuse it. Failing steps do not throw: see `status`.
 */
export const executeInProcess = async (
  job: JobDefinition,
  options: InProcessOptions = {},
): Promise<InProcessResult> => {
  checkOptions(options, IN_PROCESS_OPTIONS, { job: job.name });
  const config = checkedConfig(job, options.config ?? {});
  const run = new InProcessRun(
    job,
    config,
    { ...job.snapshot.tags, ...options.tags },
    new ResourcePool(options.resources),
  );
  return run.execute();
};

/** @throws DqueueError INVALID_CONFIG with the pointer of the first flaw. */
const checkedConfig = (job: JobDefinition, given: JsonObject): JsonObject => {
  const config = { ...job.snapshot.defaultConfig, ...(JSON.parse(JSON.stringify(given)) as JsonObject) };
  const { properties, required = [] } = job.snapshot.configSchema as { properties: JsonObject; required?: string[] };
  const refuse = (pointer: string, problem: string): never => {
    throw new DqueueError("INVALID_CONFIG", `Job "${job.name}" was given a bad config: ${pointer} ${problem}.`, {
      pointer,
    });
  };
  for (const key of Object.keys(config))
    if (!Object.hasOwn(properties, key))
      refuse(`/${key}`, `is taken by no op of the job${suggestion(key, Object.keys(properties))}`);
  for (const key of required) if (!Object.hasOwn(config, key)) refuse(`/${key}`, "is required");
  for (const op of job.ops.values())
    for (const [key, value] of Object.entries(ownConfig(op, config))) {
      const issue = z.safeParse(op.config!.shape[key]!, value).error?.issues[0];
      if (issue) refuse(`/${[key, ...issue.path.map(String)].join("/")}`, issue.message);
    }
  return config;
};
