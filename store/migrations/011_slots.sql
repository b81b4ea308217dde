-- In which of its worker's slots a step runs or ran last, as "process.slot"; null: in none, or it was not told.
alter table steps add column slot text;
