-- Engines that answer later: what each was asked about which bytes of an organisation, and what it said. Files of several
-- tickets with the same bytes share one row, so nothing is sent twice.
create table submissions (
  organisation_id uuid not null references organisations,
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  engine text not null check (length(engine) between 1 and 100),
  state text not null default 'queued' check (state in ('queued', 'pending', 'done')),
  -- Whether the engine might have the bytes when it was asked last.
  may_upload boolean not null,
  -- How the engine names the submission; no secret.
  handle jsonb,
  report jsonb,
  pause_ms integer not null default 0,
  questions integer not null default 0,
  first_at timestamptz not null default now(),
  next_at timestamptz not null default now(),
  -- Until when an answer is waited for; of one that is done, until when it is believed for the same bytes elsewhere.
  expires_at timestamptz not null,
  -- SHA-256 of the token in the callback address; used up by the statement that finds it.
  callback_hash bytea unique check (length(callback_hash) = 32),
  primary key (organisation_id, sha256, engine),
  check ((state = 'pending') = (handle is not null)),
  check ((state = 'done') = (report is not null))
);
create index submissions_expired on submissions (expires_at);

-- Files that wait for such an engine, with what the other engines said.
create table open_inspections (
  item_id uuid primary key references items,
  organisation_id uuid not null references organisations,
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  length bigint not null check (length >= 0),
  engines text[] not null,
  -- Reports without their links, which may carry secrets and are encrypted beside them.
  reports jsonb not null,
  links bytea,
  ms double precision not null,
  cached boolean not null,
  created_at timestamptz not null default now(),
  -- No file waits longer, whatever becomes of the submissions.
  expires_at timestamptz not null,
  -- Set when the wait is over; what was said is in the scan then, and dropped here.
  closed_at timestamptz
);

-- True while a copy is kept for engines only: it goes with their answer, unless somebody needs it by then.
alter table objects add column seal_passing boolean not null default false;

do $$
declare t text;
begin
  foreach t in array array['submissions', 'open_inspections'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy tenant on %I to lazaret_tenant using (organisation_id = current_organisation()) with check (organisation_id = current_organisation())', t);
    execute format('create policy service on %I to lazaret_service using (true) with check (true)', t);
    execute format('grant select, insert, update on %I to lazaret_tenant, lazaret_service', t);
  end loop;
end $$;
grant delete on submissions, open_inspections to lazaret_service;
