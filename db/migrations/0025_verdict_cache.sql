-- A random key per organisation, encrypted by the master key: what is hashed with it means nothing elsewhere.
create table organisation_keys (
  organisation_id uuid primary key references organisations,
  sealed bytea not null,
  created_at timestamptz not null default now()
);

-- What the engines said of the same question before: bytes, name, declared type, versions and, where it may matter, the
-- conversation in which passwords may stand. The key is a keyed hash of all of them.
create table verdict_cache (
  organisation_id uuid not null references organisations,
  key bytea not null check (length(key) = 32),
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  -- Reports without their links, which may carry secrets and are encrypted beside them.
  reports jsonb not null,
  links bytea,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  primary key (organisation_id, key)
);
create index verdict_cache_expired on verdict_cache (expires_at);
create index verdict_cache_object on verdict_cache (organisation_id, sha256);

do $$
declare t text;
begin
  foreach t in array array['organisation_keys', 'verdict_cache'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy tenant on %I to lazaret_tenant using (organisation_id = current_organisation()) with check (organisation_id = current_organisation())', t);
    execute format('create policy service on %I to lazaret_service using (true) with check (true)', t);
    execute format('grant select, insert, update on %I to lazaret_tenant, lazaret_service', t);
  end loop;
end $$;
grant delete on verdict_cache to lazaret_service;
