-- Each time that a shard was taken: of whom, why, and what it cost its runs. Written by whoever took it.
create table takeovers (
  shard int not null,
  epoch bigint not null,
  at timestamptz not null,
  owner text not null,
  -- Who had it before; null: nobody.
  former text,
  how text not null check (how in ('first','given','handed','ended','silent','itself')),
  -- From the former owner's last sign of life until its runs were served again; null: it is not known.
  stalled_ms bigint,
  -- Runs that went on in it, and steps of theirs that no worker had; null: it has not come so far.
  runs int,
  sent_again int,
  -- When this owner gave it away by itself; null: it has not.
  released_at timestamptz,
  primary key (shard, epoch)
);
create index takeovers_at on takeovers (at);
