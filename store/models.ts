import { DataTypes, type Model, type ModelAttributes, type ModelStatic, type Sequelize } from "sequelize";

/** Models for reads through moleculer-db. They never create or alter tables, and state is changed by SQL alone. */
export interface Models {
  Run: ModelStatic<Model>;
  Step: ModelStatic<Model>;
  Job: ModelStatic<Model>;
  Instigator: ModelStatic<Model>;
  Tick: ModelStatic<Model>;
}

const { BOOLEAN, DATE, INTEGER, JSON: JSON_TYPE, JSONB, SMALLINT, TEXT, UUID } = DataTypes;

/** bigint as a number, as everywhere in dqueue: ours stay below 2^53. */
const bigint = (name: string) => ({
  type: DataTypes.BIGINT,
  get(this: Model): number | null {
    const value = this.getDataValue(name) as string | null;
    return value === null ? null : Number(value);
  },
});

const RUN: ModelAttributes = {
  id: { type: UUID, primaryKey: true },
  job: TEXT,
  shard: INTEGER,
  status: TEXT,
  priority: INTEGER,
  tags: JSONB,
  config: JSON_TYPE,
  graph_id: TEXT,
  code_version: TEXT,
  run_key: TEXT,
  selection: JSON_TYPE,
  parent_run_id: UUID,
  root_run_id: UUID,
  created_at: DATE,
  admitted_at: DATE,
  started_at: DATE,
  ended_at: DATE,
  cancel_requested_at: DATE,
  failure_reason: TEXT,
  error: JSON_TYPE,
  seq: INTEGER,
  hooks_open: BOOLEAN,
  steps_succeeded: INTEGER,
  steps_failed: INTEGER,
  steps_total: INTEGER,
};

const STEP: ModelAttributes = {
  run_id: { type: UUID, primaryKey: true },
  step: { type: TEXT, primaryKey: true },
  node: TEXT,
  path: JSON_TYPE,
  status: TEXT,
  attempt: INTEGER,
  lost: INTEGER,
  fence: bigint("fence"),
  worker: TEXT,
  slot: TEXT,
  queue: TEXT,
  priority: SMALLINT,
  ready_at: DATE,
  queued_at: DATE,
  started_at: DATE,
  ended_at: DATE,
  retry_at: DATE,
  skip_reason: TEXT,
  error: JSON_TYPE,
  outputs: JSON_TYPE,
  output_names: JSON_TYPE,
  items: INTEGER,
  reused_from: UUID,
};

const JOB: ModelAttributes = {
  name: { type: TEXT, primaryKey: true },
  graph_id: TEXT,
  code_version: TEXT,
  published_at: DATE,
};

const INSTIGATOR: ModelAttributes = {
  name: { type: TEXT, primaryKey: true },
  kind: TEXT,
  definition: JSON_TYPE,
  code_version: TEXT,
  status: TEXT,
  status_by_user: BOOLEAN,
  cursor: TEXT,
  version: bigint("version"),
  next_tick_at: DATE,
  lease_owner: TEXT,
  lease_until: DATE,
  last_tick_at: DATE,
  published_at: DATE,
};

const TICK: ModelAttributes = {
  id: { type: UUID, primaryKey: true },
  instigator: TEXT,
  status: TEXT,
  started_at: DATE,
  ended_at: DATE,
  skip_reason: TEXT,
  error: JSON_TYPE,
  cursor: TEXT,
  run_ids: JSON_TYPE,
  known_run_keys: JSON_TYPE,
};

const defined = new WeakMap<Sequelize, Models>();

/** The models of a Sequelize; the same ones each time. Hand these to the adapter: its other form would sync tables. */
export const modelsOf = (sequelize: Sequelize): Models => {
  let models = defined.get(sequelize);
  if (models) return models;
  const define = (tableName: string, attributes: ModelAttributes): ModelStatic<Model> =>
    sequelize.define(tableName, attributes, { tableName, timestamps: false });
  models = {
    Run: define("runs", RUN),
    Step: define("steps", STEP),
    Job: define("jobs", JOB),
    Instigator: define("instigators", INSTIGATOR),
    Tick: define("ticks", TICK),
  };
  defined.set(sequelize, models);
  return models;
};
