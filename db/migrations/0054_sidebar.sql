-- The Zendesk app of a connection: which installation of it may speak, and the key with which Zendesk signs for it.
create table zendesk_apps (
  connection_id uuid primary key references connections,
  organisation_id uuid not null references organisations,
  -- Zendesk's number of the installation; signed tokens name it as their audience.
  installation_id text not null check (installation_id ~ '^[0-9]{1,20}$'),
  -- Public, as PEM.
  public_key text not null,
  set_by text not null,
  set_at timestamptz not null default now(),
  -- A removed one stays as a row, for nobody of an organisation deletes.
  removed_at timestamptz
);

-- Agents who have opened the app in a ticket. Each of Zendesk's tokens opens one session and no second.
create table sidebar_sessions (
  id uuid primary key default gen_random_uuid(),
  organisation_id uuid not null references organisations,
  connection_id uuid not null references connections,
  -- The agent, by Zendesk's number.
  user_id text not null check (user_id ~ '^[0-9]{1,20}$'),
  -- SHA-256 of what the page sends with each request.
  hash bytea not null unique check (length(hash) = 32),
  -- SHA-256 of Zendesk's token, so that it counts once.
  token_hash bytea not null unique check (length(token_hash) = 32),
  created_at timestamptz not null default now(),
  -- Not before the token's own end: a row that is gone would let it in again.
  expires_at timestamptz not null
);
create index sidebar_sessions_expired on sidebar_sessions (expires_at);

do $$
declare t text;
begin
  foreach t in array array['zendesk_apps', 'sidebar_sessions'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy tenant on %I to lazaret_tenant using (organisation_id = current_organisation()) with check (organisation_id = current_organisation())', t);
    execute format('create policy service on %I to lazaret_service using (true) with check (true)', t);
    execute format('grant select, insert, update on %I to lazaret_tenant, lazaret_service', t);
  end loop;
end $$;
grant delete on sidebar_sessions to lazaret_service;
