-- What the pages of the web interface are read by.

-- The last ended runs of a job: its success, its usual durations, whether it fails now.
create index runs_ended_by_job on runs (job, ended_at desc, id desc) where ended_at is not null;

-- What is rare and worth a mark: failures, losses, retries, take-overs. Events are never updated, so that a partial index
-- costs an insert of any other event nothing but the look at its type.
create index events_notable on events (run_id, seq)
  where type in ('STEP_FAILURE', 'STEP_LOST', 'STEP_RELEASED', 'STEP_UP_FOR_RETRY', 'RUN_OWNER_CHANGED');
-- How many runs a sensor launched in a day.
create index ticks_launches on ticks (instigator, started_at) where status = 'SUCCESS';
