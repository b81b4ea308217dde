-- What ends the time of runs: who removes them, and what is left to remove.

-- Runs that were removed and whose steps, items, events, logs and values are not all gone yet: those go in small pieces.
create table removals (
  run_id uuid primary key,
  removed_at timestamptz not null default now()
);
-- How many ended runs are gone, by how they had ended: what was counted once is corrected by these, not counted anew.
create table gone_runs (
  status text primary key check (status in ('SUCCESS','FAILURE','CANCELED')),
  runs bigint not null
);
-- What one process of all does now and then, while it holds the lease.
create table upkeep_tasks (
  name text primary key,
  owner text,
  lease_until timestamptz,
  done_at timestamptz
);
insert into upkeep_tasks (name) values ('retention'), ('storage');
