import type { JsonSchema } from "../../../core/json";

/** Limits of tags, alike on both databases. */
const TAGS: JsonSchema = {
  type: "object",
  description:
    "At most 100 tags. Keys: 1 to 255 characters, no colon. Values: up to 1,024 characters. `dagster/max_runtime` and " +
    "`dqueue/start_timeout` are seconds, `dagster/priority` is a whole number.",
  maxProperties: 100,
  propertyNames: { minLength: 1, maxLength: 255, pattern: "^[^:]+$", errorMessage: 'must not hold a ":"' },
  additionalProperties: { type: "string", maxLength: 1024 },
};

const STEPS: JsonSchema = {
  type: "array",
  minItems: 1,
  maxItems: 10_000,
  items: { type: "string", minLength: 1, maxLength: 4000 },
};

const CONFIG: JsonSchema = { type: "object", description: "Config by the job's `config_schema`." };

export const LAUNCH: JsonSchema = {
  type: "object",
  properties: {
    job: { type: "string", minLength: 1, maxLength: 1000, description: "Name of a published job." },
    config: CONFIG,
    tags: TAGS,
    priority: {
      type: "integer",
      minimum: -(2 ** 31),
      maximum: 2 ** 31 - 1,
      description: "Queued runs start by priority (higher first), then by age.",
    },
    run_key: {
      type: "string",
      minLength: 1,
      maxLength: 1000,
      description: "Launches once, ever: later requests with the same key are answered with the run that it launched.",
    },
    steps: {
      ...STEPS,
      description:
        "What of the job runs; without it everything. Names of nodes, with `*` before for all that they stand on and `+` " +
        "behind for everything that follows (`*a+`). What they need has to be among them.",
    },
  },
  required: ["job"],
  additionalProperties: false,
};

const { job: _job, ...OF_LAUNCH } = LAUNCH.properties as Record<string, JsonSchema>;

/** A launch of a job that is named elsewhere. */
export const CHECK: JsonSchema = { type: "object", properties: OF_LAUNCH, additionalProperties: false };

export const REEXECUTE: JsonSchema = {
  type: "object",
  properties: {
    from: {
      type: "string",
      enum: ["failure", "start", "steps"],
      description:
        "`failure`: what did not succeed and everything behind it. `start`: everything, with the job's current graph. " +
        "`steps`: the given steps; results of the others are kept.",
    },
    steps: {
      ...STEPS,
      description:
        "For `steps`: names of nodes (`a`: all its steps) or step keys (`a[k3]`), with `+` behind for everything that " +
        "follows (`a[k3]+`).",
    },
    config: { ...CONFIG, description: "Laid over the parent's config, key by key." },
  },
  required: ["from"],
  additionalProperties: false,
  if: { properties: { from: { const: "steps" } }, required: ["from"] },
  then: { required: ["steps"] },
  else: { properties: { steps: { not: {}, errorMessage: 'goes only with "from": "steps"' } } },
};

const VERSION: JsonSchema = {
  type: "integer",
  minimum: 0,
  description: "Refuses the change (409) if the sensor is not at this version any more.",
};

export const SENSOR_CHANGE: JsonSchema = {
  type: "object",
  properties: { version: VERSION },
  additionalProperties: false,
};

const CURSOR: JsonSchema = {
  anyOf: [{ type: "string", maxLength: 1_000_000 }, { type: "null" }],
  description: "null: none, as before the first tick.",
};

export const SENSOR_CURSOR: JsonSchema = {
  type: "object",
  properties: { cursor: CURSOR, version: VERSION },
  required: ["cursor"],
  additionalProperties: false,
};

export const SENSOR_TEST: JsonSchema = {
  type: "object",
  properties: { cursor: CURSOR },
  additionalProperties: false,
};
