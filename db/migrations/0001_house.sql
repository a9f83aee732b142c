-- Two group roles without login: every query of the product runs as one of them (set local role), never as the owner.
-- lazaret_tenant sees one organisation, named by the setting lazaret.organisation_id; lazaret_service sees all and is
-- used by intake, dispatcher and operators' crossings, which are audited.
do $$
begin
  if not exists (select from pg_roles where rolname = 'lazaret_tenant') then create role lazaret_tenant nologin; end if;
  if not exists (select from pg_roles where rolname = 'lazaret_service') then create role lazaret_service nologin; end if;
exception when duplicate_object or unique_violation then null;
end $$;

create function current_organisation() returns uuid language sql stable
  return nullif(current_setting('lazaret.organisation_id', true), '')::uuid;

create table organisations (
  id uuid primary key default gen_random_uuid(),
  name text not null check (length(name) between 1 and 200),
  created_at timestamptz not null default now()
);

create table bundles (
  id uuid primary key default gen_random_uuid(),
  name text not null unique check (length(name) between 1 and 100),
  channels text[] not null,
  created_at timestamptz not null default now()
);

create table organisation_bundles (
  organisation_id uuid not null references organisations,
  bundle_id uuid not null references bundles,
  starts_at timestamptz not null default now(),
  ends_at timestamptz,
  assigned_by text not null,
  primary key (organisation_id, bundle_id)
);

-- Keys of the operator's people (support, analyst) have no organisation.
create table api_keys (
  id uuid primary key default gen_random_uuid(),
  organisation_id uuid references organisations,
  role text not null check (role in ('viewer', 'admin', 'support', 'analyst')),
  name text not null check (length(name) between 1 and 100),
  hash bytea not null unique,
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  revoked_at timestamptz,
  check ((organisation_id is null) = (role in ('support', 'analyst')))
);

create table policies (
  organisation_id uuid primary key references organisations,
  document jsonb not null,
  version integer not null default 1,
  updated_at timestamptz not null default now(),
  updated_by text not null
);

create table connections (
  id uuid primary key default gen_random_uuid(),
  organisation_id uuid not null references organisations,
  channel text not null default 'zendesk' check (channel in ('zendesk')),
  subdomain text not null,
  account_id text,
  state text not null check (state in ('authorising', 'confirming', 'activating', 'connected', 'reconnect_needed', 'failed', 'deactivated')),
  -- {kind: global|local, clientId}; the secret of a local client is encrypted beside it.
  oauth_client jsonb not null,
  oauth_client_secret bytea,
  access_token bytea,
  refresh_token bytea,
  access_expires_at timestamptz,
  refresh_expires_at timestamptz,
  -- Who signed in and what the account is like, as read at activation: {userId, userName, role, dedicated, agentWorkspace, ...}
  account jsonb not null default '{}',
  own_hosts text[] not null default '{}',
  -- One entry a part (eventWebhook, triggerWebhook, trigger): {id, madeAs, checkedAt, present, lastWorkedAt}
  parts jsonb not null default '{}',
  -- Signing secrets by webhook id, encrypted: {current, previous?, rotatedAt?}
  signing_secrets bytea,
  intake_mode text check (intake_mode in ('events', 'trigger')),
  -- Steps of the activation as they tick: [{step, ok, at, ms, problem?, remedy?}]
  activation_steps jsonb not null default '[]',
  last_event_at timestamptz,
  last_trigger_at timestamptz,
  verified_at timestamptz,
  verified_by text,
  created_at timestamptz not null default now(),
  activated_at timestamptz,
  deactivated_at timestamptz
);
-- One live connection per Zendesk account in the whole installation.
create unique index connections_live_account on connections (channel, account_id)
  where account_id is not null and state in ('activating', 'connected', 'reconnect_needed');
create index connections_organisation on connections (organisation_id, created_at);

-- One sign-in attempt: bound to the browser by a cookie, single use, ten minutes.
create table oauth_attempts (
  id uuid primary key default gen_random_uuid(),
  organisation_id uuid not null references organisations,
  connection_id uuid not null references connections,
  state_hash bytea not null unique,
  browser_hash bytea,
  pkce_verifier bytea not null,
  expires_at timestamptz not null,
  opened_at timestamptz,
  used_at timestamptz,
  started_by text not null
);

create table objects (
  organisation_id uuid not null references organisations,
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  length bigint not null check (length >= 0),
  seal_key text,
  master_key_id text,
  sealed_at timestamptz,
  -- Newest decision; the effective verdict of every item with these bytes.
  decision_id uuid,
  created_at timestamptz not null default now(),
  primary key (organisation_id, sha256)
);

-- The coverage ledger: exactly one row per attachment (and later per URL).
create table items (
  id uuid primary key default gen_random_uuid(),
  organisation_id uuid not null references organisations,
  connection_id uuid not null references connections,
  kind text not null check (kind in ('attachment', 'url')),
  ticket_id text not null,
  comment_id text not null,
  source_id text not null,
  found_by text not null check (found_by in ('event', 'trigger', 'listing', 'release')),
  file_name text not null,
  declared_type text,
  content_url text,
  detected_type text,
  sha256 text,
  length bigint,
  state text not null default 'pending' check (state in ('pending', 'scanning', 'waiting', 'clean', 'noted', 'held', 'contained',
    'blocked_at_source', 'refused', 'braked', 'releasing', 'released', 'release_refused', 'gone')),
  state_reason text,
  -- What the work of a waiting item is: contain. (A release has a state of its own.)
  verdict text not null default 'pending' check (verdict in ('pending', 'clean', 'suspicious', 'malicious', 'unscannable')),
  verdict_reason text,
  machine_verdict text not null default 'pending' check (machine_verdict in ('pending', 'clean', 'suspicious', 'malicious', 'unscannable')),
  machine_reason text,
  -- Newest decision about these bytes, and the newest one that the workflow has acted upon.
  decision_id uuid,
  applied_decision_id uuid,
  investigation_id uuid,
  applied_investigation_id uuid,
  released_from uuid references items,
  occurred_at timestamptz,
  created_at timestamptz not null default now(),
  scanned_at timestamptz,
  contained_at timestamptz,
  released_at timestamptz,
  updated_at timestamptz not null default now(),
  -- When the dispatcher has to look at this row again; null when nothing is open.
  deadline_at timestamptz default now(),
  dispatches integer not null default 0,
  foreign key (organisation_id, sha256) references objects (organisation_id, sha256)
);
create unique index items_one_per_attachment on items (connection_id, ticket_id, source_id) where kind = 'attachment';
create index items_due on items (deadline_at) where deadline_at is not null;
create index items_page on items (organisation_id, created_at desc, id desc);
create index items_ticket on items (organisation_id, ticket_id, created_at desc);
create index items_comment on items (connection_id, ticket_id, comment_id);
create index items_object on items (organisation_id, sha256);
create index items_undelivered on items (organisation_id) where decision_id is distinct from applied_decision_id;

create table scans (
  id uuid primary key default gen_random_uuid(),
  organisation_id uuid not null references organisations,
  item_id uuid not null references items,
  sha256 text not null,
  verdict text not null,
  reason text,
  -- Per engine: name, versions, result, reason, milliseconds.
  engines jsonb not null,
  ms integer not null,
  created_at timestamptz not null default now()
);
create index scans_item on scans (item_id, created_at desc);

create table findings (
  id bigint generated always as identity primary key,
  organisation_id uuid not null references organisations,
  item_id uuid not null references items,
  scan_id uuid not null references scans,
  engine text not null,
  rule text not null,
  severity text not null,
  path text[] not null,
  what text not null,
  author text,
  reference text,
  licence text
);
create index findings_scan on findings (scan_id);
create index findings_rule on findings (organisation_id, rule);

create table decisions (
  id uuid primary key default gen_random_uuid(),
  sequence bigint generated always as identity unique,
  organisation_id uuid not null references organisations,
  sha256 text not null,
  item_id uuid not null references items,
  verdict text not null check (verdict in ('clean', 'suspicious', 'malicious')),
  reason text not null check (length(reason) between 1 and 2000),
  -- engine:rule of every finding known when it was given; a finding outside this set opens an investigation.
  known_findings text[] not null default '{}',
  actor text not null,
  actor_role text not null,
  created_at timestamptz not null default now(),
  foreign key (organisation_id, sha256) references objects (organisation_id, sha256)
);
create index decisions_object on decisions (organisation_id, sha256, sequence desc);

create table investigations (
  id uuid primary key default gen_random_uuid(),
  organisation_id uuid not null references organisations,
  item_id uuid not null references items,
  sha256 text,
  opinion text not null check (opinion in ('clean', 'malicious', 'not_sure')),
  reason text not null check (length(reason) between 1 and 2000),
  requested_by text not null,
  requested_by_role text not null,
  state text not null default 'open' check (state in ('open', 'answered')),
  decision_id uuid references decisions,
  created_at timestamptz not null default now(),
  answered_at timestamptz
);
-- Asking twice joins the first request.
create unique index investigations_open on investigations (organisation_id, coalesce(sha256, item_id::text)) where state = 'open';
create index investigations_page on investigations (organisation_id, created_at desc, id desc);

create table audit_events (
  id bigint generated always as identity primary key,
  organisation_id uuid not null references organisations,
  at timestamptz not null default clock_timestamp(),
  kind text not null,
  item_id uuid,
  connection_id uuid,
  actor_kind text not null check (actor_kind in ('lazaret', 'person', 'zendesk')),
  actor text not null,
  detail jsonb not null default '{}'
);
create index audit_events_item on audit_events (item_id, id) where item_id is not null;
create index audit_events_page on audit_events (organisation_id, id desc);

-- Write-ahead ledger of calls that must not happen twice.
create table operations (
  key text primary key,
  organisation_id uuid not null references organisations,
  item_id uuid,
  kind text not null,
  state text not null check (state in ('pending', 'done')),
  attempts integer not null default 1,
  result jsonb,
  created_at timestamptz not null default now(),
  finished_at timestamptz
);

create table note_batches (
  id uuid primary key default gen_random_uuid(),
  organisation_id uuid not null references organisations,
  connection_id uuid not null references connections,
  ticket_id text not null,
  -- Ticket on which the note is written: differs from ticket_id after a merge.
  target_ticket_id text not null,
  key text not null unique,
  html text not null,
  text text not null,
  state text not null default 'frozen' check (state in ('frozen', 'written', 'refused')),
  refusal text,
  attempts integer not null default 0,
  audit_id text,
  comment_id text,
  attachment_ids text[] not null default '{}',
  frozen_at timestamptz not null default now(),
  finished_at timestamptz
);
create index note_batches_open on note_batches (connection_id, ticket_id) where state = 'frozen';
create index note_batches_comment on note_batches (connection_id, comment_id) where comment_id is not null;

-- What has to be said on a ticket. An entry is said once: its key is item + what happened + why.
create table note_entries (
  id bigint generated always as identity primary key,
  organisation_id uuid not null references organisations,
  connection_id uuid not null references connections,
  ticket_id text not null,
  item_id uuid not null references items,
  kind text not null check (kind in ('contained', 'released', 'blocked_at_source', 'noted', 'refused', 'release_refused')),
  key text not null unique,
  decision_id uuid,
  batch_id uuid references note_batches,
  cancelled_at timestamptz,
  created_at timestamptz not null default now(),
  deadline_at timestamptz default now()
);
create index note_entries_open on note_entries (connection_id, ticket_id) where batch_id is null and cancelled_at is null;
create index note_entries_due on note_entries (deadline_at) where deadline_at is not null;

create table email_outbox (
  id uuid primary key default gen_random_uuid(),
  organisation_id uuid not null references organisations,
  batch_id uuid references note_batches,
  kind text not null,
  address text not null,
  message_id text not null unique,
  subject text not null,
  text text not null,
  html text not null,
  state text not null default 'pending' check (state in ('pending', 'sending', 'sent', 'refused')),
  -- True when an attempt's outcome stayed unknown and it was repeated with the same Message-ID.
  ambiguous boolean not null default false,
  attempts integer not null default 0,
  last_failure text,
  created_at timestamptz not null default now(),
  next_attempt_at timestamptz default now(),
  sent_at timestamptz
);
create index email_outbox_due on email_outbox (next_attempt_at) where next_attempt_at is not null;

-- Tickets whose comments have to be listed because no event carries their attachments: trigger path, merges.
create table ticket_intake (
  id bigint generated always as identity primary key,
  organisation_id uuid not null references organisations,
  connection_id uuid not null references connections,
  ticket_id text not null,
  cause text not null check (cause in ('trigger', 'merge', 'release', 'proof')),
  delivery_key text not null,
  received_at timestamptz not null default now(),
  listed_at timestamptz,
  deadline_at timestamptz default now(),
  unique (connection_id, delivery_key)
);
create index ticket_intake_due on ticket_intake (deadline_at) where deadline_at is not null;

-- Zendesk's budget per connection, endpoint and (for updates of one ticket) ticket.
create table rate_buckets (
  organisation_id uuid not null references organisations,
  connection_id uuid not null references connections,
  endpoint text not null,
  scope text not null default '',
  tokens double precision not null,
  capacity double precision not null,
  per_ms double precision not null,
  -- Guaranteed tokens per lane, in the order redact, note, release, scan, reconcile, backfill.
  lanes double precision[] not null,
  updated_at timestamptz not null default clock_timestamp(),
  blocked_until timestamptz,
  primary key (connection_id, endpoint, scope)
);

do $$
declare t text;
begin
  foreach t in array array['organisation_bundles', 'api_keys', 'policies', 'connections', 'oauth_attempts', 'objects', 'items', 'scans',
    'findings', 'decisions', 'investigations', 'audit_events', 'operations', 'note_batches', 'note_entries', 'email_outbox',
    'ticket_intake', 'rate_buckets'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy tenant on %I to lazaret_tenant using (organisation_id = current_organisation()) with check (organisation_id = current_organisation())', t);
    execute format('create policy service on %I to lazaret_service using (true) with check (true)', t);
    execute format('grant select, insert, update on %I to lazaret_tenant, lazaret_service', t);
  end loop;
end $$;
alter table organisations enable row level security;
alter table organisations force row level security;
create policy tenant on organisations for select to lazaret_tenant using (id = current_organisation());
create policy service on organisations to lazaret_service using (true) with check (true);
grant select on organisations to lazaret_tenant;
grant select, insert, update on organisations to lazaret_service;
grant select on bundles to lazaret_tenant;
grant select, insert, update on bundles to lazaret_service;
grant delete on oauth_attempts, rate_buckets, ticket_intake to lazaret_service;
grant delete on organisation_bundles to lazaret_service;
-- The audit log is append-only for everybody but the owner.
revoke update on audit_events from lazaret_tenant, lazaret_service;
grant usage on schema public to lazaret_tenant, lazaret_service;
grant usage on all sequences in schema public to lazaret_tenant, lazaret_service;

-- Wakes the dispatcher in the same transaction that writes work.
create function wake_dispatcher() returns trigger language plpgsql as $$
begin
  perform pg_notify('lazaret_work', tg_table_name);
  return null;
end $$;
create trigger items_wake after insert on items for each statement execute function wake_dispatcher();
create trigger decisions_wake after insert on decisions for each statement execute function wake_dispatcher();
create trigger investigations_wake after insert on investigations for each statement execute function wake_dispatcher();
create trigger note_entries_wake after insert on note_entries for each statement execute function wake_dispatcher();
create trigger ticket_intake_wake after insert on ticket_intake for each statement execute function wake_dispatcher();
create trigger email_outbox_wake after insert on email_outbox for each statement execute function wake_dispatcher();
