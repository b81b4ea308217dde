-- Since when a sensor is on or off; null: it has been so since before that was kept.
alter table instigators add column status_since timestamptz;
