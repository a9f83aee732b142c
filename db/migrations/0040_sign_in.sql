-- People who sign in. Support and analysts have no organisation, as with API keys. The address is unique in the whole
-- installation: it is what a person signs in with.
create table users (
  id uuid primary key default gen_random_uuid(),
  organisation_id uuid references organisations,
  role text not null check (role in ('viewer', 'admin', 'support', 'analyst')),
  email text not null check (length(email) between 3 and 254),
  email_key text not null unique,
  name text not null check (length(name) between 1 and 100),
  -- argon2id in PHC form; null for people who come through the identity provider only.
  password_hash text,
  oidc_issuer text,
  oidc_subject text,
  -- Sealed, bound to this person. A secret without enabled_at is one that was shown but not proven yet.
  totp_secret bytea,
  totp_enabled_at timestamptz,
  -- Time step of the newest code that was taken: no code counts twice.
  totp_step bigint,
  created_at timestamptz not null default now(),
  last_sign_in_at timestamptz,
  disabled_at timestamptz,
  check ((organisation_id is null) = (role in ('support', 'analyst'))),
  check ((oidc_issuer is null) = (oidc_subject is null)),
  unique (oidc_issuer, oidc_subject)
);
create index users_organisation on users (organisation_id, created_at, id);

create table invitations (
  id uuid primary key default gen_random_uuid(),
  organisation_id uuid references organisations,
  role text not null check (role in ('viewer', 'admin', 'support', 'analyst')),
  email text not null,
  email_key text not null,
  hash bytea not null unique,
  invited_by text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  accepted_at timestamptz,
  revoked_at timestamptz,
  check ((organisation_id is null) = (role in ('support', 'analyst')))
);
create index invitations_organisation on invitations (organisation_id, created_at desc);

-- What follows is looked up before anybody is known, so the service alone sees it.
create table sessions (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references users,
  hash bytea not null unique,
  -- second_factor: the password was right, the code is still missing. enrol: the organisation wants a code, none is set up.
  stage text not null check (stage in ('full', 'second_factor', 'enrol')),
  client text not null,
  created_at timestamptz not null,
  last_seen_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz,
  ended_why text
);
create index sessions_user on sessions (user_id) where ended_at is null;

create table password_resets (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references users,
  hash bytea not null unique,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz
);
create index password_resets_user on password_resets (user_id, created_at desc);

create table recovery_codes (
  user_id uuid not null references users,
  hash bytea not null,
  used_at timestamptz,
  primary key (user_id, hash)
);

-- Failed sign-ins by address (also of nobody), or by browser that the person has signed in with before.
create table sign_in_delays (
  key bytea primary key,
  failures integer not null,
  blocked_until timestamptz not null,
  updated_at timestamptz not null
);

create table known_browsers (
  user_id uuid not null references users,
  hash bytea not null,
  created_at timestamptz not null,
  primary key (user_id, hash)
);

-- A sign-in at the identity provider: bound to one browser, used once.
create table oidc_attempts (
  state_hash bytea primary key,
  browser_hash bytea not null,
  nonce text not null,
  pkce_verifier text not null,
  return_to text not null,
  expires_at timestamptz not null
);

-- Which organisations an operator's session has looked into: each is told once a session.
create table session_crossings (
  session_id uuid not null,
  organisation_id uuid not null references organisations,
  primary key (session_id, organisation_id)
);

alter table organisations add column second_factor_required boolean not null default false;

-- Mails to the operator's own people belong to no organisation. A link that opens an account is sealed until it is sent.
alter table email_outbox alter column organisation_id drop not null, add column sealed_link bytea;

do $$
declare t text;
begin
  foreach t in array array['users', 'invitations', 'session_crossings'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy tenant on %I to lazaret_tenant using (organisation_id = current_organisation()) with check (organisation_id = current_organisation())', t);
    execute format('create policy service on %I to lazaret_service using (true) with check (true)', t);
    execute format('grant select, insert, update on %I to lazaret_tenant, lazaret_service', t);
  end loop;
  foreach t in array array['sessions', 'password_resets', 'recovery_codes', 'sign_in_delays', 'known_browsers', 'oidc_attempts'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy service on %I to lazaret_service using (true) with check (true)', t);
    execute format('grant select, insert, update, delete on %I to lazaret_service', t);
  end loop;
end $$;
