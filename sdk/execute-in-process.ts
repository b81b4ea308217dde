import { z } from "zod";
import { DqueueError } from "../core/errors";
import type { JsonObject } from "../core/json";
import { suggestion } from "../core/nearest";
import { referencesIn } from "../core/secret-reference";
import { ownConfig } from "./config-schema";
import type { InProcessResult } from "./in-process-result";
import { InProcessRun } from "./in-process-run";
import type { JobDefinition } from "./job";
import type { OptionNames } from "./options";
import { checkOptions } from "./options";
import { ResourcePool } from "./resource";
import { Secrets } from "../core/secrets";

export interface InProcessOptions {
  config?: JsonObject;
  tags?: Record<string, string>;
  /** By resource name: used in place of what its `setUp` would make. */
  resources?: Record<string, unknown>;
}

const IN_PROCESS_OPTIONS: OptionNames<InProcessOptions> = { config: true, tags: true, resources: true };

/**
 * Runs a job in this process, for authors' tests: the same decisions as in production, one step at a time, without a
 * database and without waiting for retry delays. Values pass through JSON as they do in production. Secrets are taken
 * from this process's environment.
 *
 * @throws DqueueError INVALID_CONFIG, as a launch would refuse it. Failing steps do not throw: see `status`.
 */
export const executeInProcess = async (
  job: JobDefinition,
  options: InProcessOptions = {},
): Promise<InProcessResult> => {
  checkOptions(options, IN_PROCESS_OPTIONS, { job: job.name });
  const given = { ...job.snapshot.defaultConfig, ...(JSON.parse(JSON.stringify(options.config ?? {})) as JsonObject) };
  const secrets = secretsFor(job, given);
  checkConfig(job, given);
  const tags = { ...job.snapshot.tags, ...options.tags };
  return new InProcessRun(job, given, tags, new ResourcePool(options.resources), secrets).execute();
};

/** Those that the run's config and the graph's refer to. */
const secretsFor = (job: JobDefinition, config: JsonObject): Secrets => {
  const references = [config, ...job.snapshot.nodes.map((node) => node.config)].flatMap((one) => referencesIn(one));
  const named = new Set(references.map(({ variable }) => variable));
  const variables = Object.entries(process.env).filter((one): one is [string, string] => named.has(one[0]) && !!one[1]);
  return new Secrets({ allows: () => true, variables: new Map(variables), allowed: "all may be" });
};

/** @throws DqueueError INVALID_CONFIG with the pointer of the first flaw. */
const checkConfig = (job: JobDefinition, config: JsonObject): void => {
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
      // What a secret comes to is known to the step alone, which fails where it does not fit.
      if (referencesIn(value).length > 0) continue;
      const issue = z.safeParse(op.config!.shape[key]!, value).error?.issues[0];
      if (issue) refuse(`/${[key, ...issue.path.map(String)].join("/")}`, issue.message);
    }
};
