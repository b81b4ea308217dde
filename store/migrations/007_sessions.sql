-- Who is signed in with a browser. Any web server finds it here; the token that its cookie holds is kept nowhere.
create table sessions (
  -- SHA-256.
  token_hash bytea primary key check (length(token_hash) = 32),
  -- Signed in with a key: it ends with the key.
  key_id text references api_keys on delete cascade,
  -- Signed in with a company account: its address.
  email text,
  created_at timestamptz not null,
  -- To the minute.
  seen_at timestamptz not null,
  expires_at timestamptz not null check (expires_at > created_at),
  check ((key_id is null) <> (email is null))
);
create index sessions_expires on sessions (expires_at);
