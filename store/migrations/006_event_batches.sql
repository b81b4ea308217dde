-- Events that are committed together are one row of their run: with a row each they were half of what the database did
-- for a step (docs/decisions/0012-events-in-batches.md). `events` goes on to show them one by one.
create table event_batches (
  run_id uuid not null,
  -- Of its first event. A number that is taken is an error: its writer does not know the run's state.
  seq int not null,
  -- Whether a failure, loss, retry or take-over is among them.
  notable bool not null,
  -- In order: [Unix ms, type, step or null, data if there is any]. Numbered on from seq.
  events json not null,
  primary key (run_id, seq)
) partition by range (run_id);
create table event_batches_default partition of event_batches default;
-- Rows are never updated, so that a partial index costs an insert of any other batch nothing.
create index events_notable_batches on event_batches (run_id, seq) where notable;

do $$
declare
  day record;
begin
  for day in
    select c.relname as name, pg_get_expr(c.relpartbound, c.oid) as bounds
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'events'::regclass and c.relname <> 'events_default'
  loop
    execute format('create table %I partition of event_batches %s', replace(day.name, 'events_', 'event_batches_'), day.bounds);
  end loop;
end $$;

insert into event_batches (run_id, seq, notable, events)
select run_id, min(seq),
       bool_or(type in ('STEP_FAILURE', 'STEP_LOST', 'STEP_RELEASED', 'STEP_UP_FOR_RETRY', 'RUN_OWNER_CHANGED')),
       json_agg(json_build_array(round(extract(epoch from at) * 1000)::bigint, type, step, data) order by seq)
from events group by run_id, (seq - 1) / 16;

drop table events;

create view events as
select b.run_id, (b.seq + e.place - 1)::int as seq, to_timestamp((e.event->>0)::float8 / 1000) as at, e.event->>1 as type,
       (e.event->>2) collate "C" as step, case when json_typeof(e.event->3) <> 'null' then e.event->3 end as data,
       b.notable, b.seq as batch
from event_batches b cross join lateral json_array_elements(b.events) with ordinality as e (event, place);
