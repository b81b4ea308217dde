-- Who may use the API. A key is "id.secret", of which the secret itself is kept nowhere.
create table api_keys (
  id text primary key,
  -- SHA-256.
  secret_hash bytea not null check (length(secret_hash) = 32),
  name text not null,
  role text not null check (role in ('viewer','launcher','operator','admin')),
  created_at timestamptz not null,
  expires_at timestamptz check (expires_at > created_at),
  -- To the minute.
  last_used_at timestamptz,
  revoked_at timestamptz
);

-- Who changed what. A row is written before the change is tried, and told its outcome afterwards.
-- The first schema had a table of this name that nothing was ever written into.
drop table audit;
create table audit (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  actor_kind text not null,
  -- Of a key: its id. Null where whoever it was had to show nothing.
  actor_id text,
  actor text not null,
  role text not null check (role in ('viewer','launcher','operator','admin')),
  action text not null,
  object text not null,
  details json not null,
  -- "OK", or the code of what it failed with. Null: it is under way, or its process ended before it could tell.
  outcome text,
  -- What it made.
  result text,
  address text,
  -- What a proxy says of where it came from: anyone may claim that.
  forwarded_for text
);
create index audit_at on audit (at);
