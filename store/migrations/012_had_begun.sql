-- Of the steps that were dispatched again, those that had begun before, as far as their workers had told; null: not known.
alter table takeovers add column had_begun int;
