-- What runs take in the database by day and job, as it was last measured: estimated from samples of the tables' rows.
create table storage (
  -- YYYYMMDD, or "default" of what has no day.
  day text not null,
  part text not null check (part in ('steps','items','event_batches','logs','values')),
  job text not null,
  bytes bigint not null,
  primary key (day, part, job)
);
