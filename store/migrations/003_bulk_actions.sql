-- What is done to all runs of a filter, in the background, by whichever web server holds the action.
create table bulk_actions (
  id uuid primary key,
  verb text not null check (verb in ('cancel','reexecute','delete')),
  -- Of a re-execution: where it begins.
  start_from text check (start_from in ('failure','start')),
  filter json not null,
  status text not null default 'RUNNING' check (status in ('RUNNING','DONE','STOPPED')),
  total int not null,
  done int not null default 0,
  refused int not null default 0,
  -- The first of them, with reasons.
  refusals jsonb not null default '[]',
  created_at timestamptz not null,
  ended_at timestamptz,
  -- The run that was reached last. It goes from the newest to the oldest: what is created later is never reached.
  position_at timestamptz not null,
  position_id uuid not null,
  owner text,
  lease_until timestamptz,
  check ((verb = 'reexecute') = (start_from is not null)),
  check ((ended_at is not null) = (status in ('DONE','STOPPED')))
);
create index bulk_actions_running on bulk_actions (created_at) where status = 'RUNNING';
create index bulk_actions_ended on bulk_actions (ended_at) where ended_at is not null;
