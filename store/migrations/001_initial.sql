-- The first schema. Times are timestamptz (given by the database or by the owner's clock); ids of runs are UUIDv7.
-- Numbered files are never edited once released.

create table settings (
  key text primary key,
  value json not null
);

-- Graph snapshots, stored once per content hash; every run points to the one it was launched with.
create table graphs (
  id text primary key check (id ~ '^[0-9a-f]{64}$'),
  graph json not null,
  created_at timestamptz not null default now()
);

-- The catalog: what code locations have published. `published_at` decides which version is current.
create table jobs (
  name text primary key,
  graph_id text not null references graphs (id),
  code_version text not null,
  published_at timestamptz not null default now()
);
create table code_versions (
  code_version text primary key,
  first_published_at timestamptz not null default now()
);

create table runs (
  id uuid primary key,
  job text not null check (octet_length(job) <= 1000), -- A B-tree refuses 2,700 bytes.
  shard int not null,
  status text not null check (status in ('QUEUED','STARTING','STARTED','SUCCESS','FAILURE','CANCELING','CANCELED')),
  priority int not null default 0,
  tags jsonb not null default '{}',
  config json not null,
  graph_id text not null references graphs (id),
  code_version text not null,
  run_key text,
  selection json,
  parent_run_id uuid,
  root_run_id uuid,
  created_at timestamptz not null,
  admitted_at timestamptz,
  started_at timestamptz,
  ended_at timestamptz,
  cancel_requested_at timestamptz,
  failure_reason text,
  error json,
  seq int not null default 0,
  hooks_open boolean not null default false,
  steps_succeeded int not null default 0,
  steps_failed int not null default 0,
  steps_total int not null default 0,
  changed xid8 not null default pg_current_xact_id(),
  check ((ended_at is not null) = (status in ('SUCCESS','FAILURE','CANCELED'))),
  check ((status = 'FAILURE') = (failure_reason is not null))
) with (fillfactor = 70); -- Room for counters to be updated in place, without touching the indexes.
create index runs_newest on runs (created_at desc, id desc);
create index runs_by_job on runs (job, created_at desc, id desc);
create index runs_queued on runs (priority desc, created_at, id) where status = 'QUEUED';
create index runs_live on runs (shard) where ended_at is null or hooks_open;
create index runs_canceling on runs (shard) where cancel_requested_at is not null and ended_at is null;
create index runs_ended on runs (status, ended_at, id) where ended_at is not null;
create index runs_by_tag on runs using gin (tags jsonb_path_ops);
create index runs_by_parent on runs (parent_run_id) where parent_run_id is not null;
create index runs_by_root on runs (root_run_id) where root_run_id is not null;
create index runs_changed on runs (changed);

-- Which queued runs may start: inserted by the admitter, deleted with the commit that ends the run.
create table grants (
  run_id uuid primary key references runs (id) on delete cascade,
  shard int not null,
  granted_at timestamptz not null default now()
);
create index grants_by_shard on grants (shard);

-- Steps, items and events are partitioned by day of the run's UUIDv7, so that retention drops tables.
create table steps (
  run_id uuid not null,
  step text collate "C" not null,
  node text not null,
  path json not null,
  status text not null check (status in ('QUEUED','STARTED','UP_FOR_RETRY','SUCCESS','FAILURE','SKIPPED','CANCELED')),
  attempt int not null,
  lost int not null,
  fence bigint not null,
  worker text,
  queue text not null,
  priority smallint not null,
  ready_at timestamptz,
  queued_at timestamptz,
  started_at timestamptz,
  ended_at timestamptz,
  retry_at timestamptz,
  skip_reason text,
  error json,
  outputs json,
  -- Names of the outputs that came: a takeover reads these alone, not the values.
  output_names json,
  items int,
  reused_from uuid,
  primary key (run_id, step),
  check ((ended_at is not null) = (status in ('SUCCESS','FAILURE','SKIPPED','CANCELED'))),
  check ((status = 'SKIPPED') = (skip_reason is not null)),
  check ((status = 'UP_FOR_RETRY') = (retry_at is not null))
) partition by range (run_id);
create table steps_default partition of steps default;

create table items (
  run_id uuid not null,
  step text collate "C" not null,
  key text collate "C" not null,
  ordinal int not null,
  value json not null,
  primary key (run_id, step, key)
) partition by range (run_id);
create table items_default partition of items default;
-- A collect is read in this order, in pages. Not unique: a clash would drop an item without a word. By the step's hash,
-- since a second index that began like the primary key was taken for it by the planner, to read one item by its key.
create index items_in_order on items (run_id, hashtextextended(step, 0), ordinal);

create table events (
  run_id uuid not null,
  seq int not null,
  at timestamptz not null,
  type text not null,
  step text collate "C",
  data json,
  primary key (run_id, seq)
) partition by range (run_id);
create table events_default partition of events default;

-- A row per chunk of at most 64 KiB, not per line.
create table logs (
  run_id uuid not null,
  step text collate "C" not null,
  attempt int not null,
  seq int not null,
  id bigint generated always as identity,
  lines json not null,
  at timestamptz not null,
  primary key (run_id, step, attempt, seq)
) partition by range (run_id);
create table logs_default partition of logs default;
create index logs_in_order on logs (run_id, id);

-- Values too large to travel inline. Written by `runs` before the report that names them.
create table "values" (
  id text primary key,
  run_id uuid not null,
  value json not null,
  size int not null,
  created_at timestamptz not null default now()
);
create index values_by_run on "values" (run_id);

-- Ownership: epoch and fence are one number, in microseconds (protocol 3).
create table shards (
  id int primary key,
  owner text,
  epoch bigint not null default 0,
  beat bigint not null default 0
) with (fillfactor = 25); -- Updated with every commit: in place, with room for the versions that a long reader keeps.
insert into shards (id) select generate_series(0, 7);

-- Who joined, to name the holders of the advisory locks: alive is who holds the lock, not who stands here.
create table coordinators (
  id text primary key check (octet_length(id) <= 1000),
  lock_key int not null,
  joined_at timestamptz not null default now()
);

create table pools (
  name text primary key,
  slots int not null check (slots >= 0),
  changed_at timestamptz not null default now()
);
create table pool_slots (
  pool text not null references pools (name),
  run_id uuid not null,
  step text collate "C" not null,
  weight int not null default 1,
  primary key (run_id, step, pool)
);

-- Sensors and schedules: the definition as published, and their state.
create table instigators (
  name text primary key,
  kind text not null check (kind in ('sensor','run_status_sensor','schedule')),
  definition json not null,
  code_version text not null,
  status text not null check (status in ('RUNNING','STOPPED')),
  -- True once a user has started or stopped it: a default published later no longer counts.
  status_by_user boolean not null default false,
  cursor text,
  version bigint not null default 0,
  next_tick_at timestamptz not null default now(),
  lease_owner text,
  lease_until timestamptz,
  last_tick_at timestamptz,
  published_at timestamptz not null default now()
);
create index instigators_due on instigators (next_tick_at) where status = 'RUNNING';
create table ticks (
  id uuid primary key,
  instigator text not null references instigators (name) on delete cascade,
  status text not null check (status in ('STARTED','SKIPPED','SUCCESS','FAILURE')),
  started_at timestamptz not null,
  ended_at timestamptz,
  skip_reason text,
  error json,
  cursor text,
  run_ids json not null default '[]',
  -- Run keys asked for that had launched a run before.
  known_run_keys json not null default '[]'
);
create index ticks_newest on ticks (instigator, started_at desc, id desc);
-- A run key launches once per instigator ("" = the API), and outlives its run.
create table run_keys (
  instigator text not null,
  run_key_hash bytea not null,
  run_key text not null,
  run_id uuid not null,
  created_at timestamptz not null default now(),
  primary key (instigator, run_key_hash)
);
create table idempotency_keys (
  key_hash bytea primary key,
  request_hash bytea not null,
  run_id uuid not null,
  created_at timestamptz not null default now()
);
create index idempotency_keys_by_age on idempotency_keys (created_at);

create table audit (
  id uuid primary key,
  at timestamptz not null default now(),
  actor text not null,
  action text not null,
  subject text not null,
  details json
);
