-- Files that were scanned by other engines or rules than today's are scanned again, in the least urgent lane.
alter table items add column engines_key text;
alter table items add column rescan_id uuid;
create index items_rescan on items (organisation_id, scanned_at) where kind = 'attachment' and state in ('clean', 'noted');

create table rescans (
  id uuid primary key default gen_random_uuid(),
  organisation_id uuid not null references organisations,
  -- Why: engines or rules changed. A retro-hunt by hash or indicator becomes another cause with the same walk.
  cause text not null default 'versions' check (cause in ('versions', 'retro_hunt')),
  -- Names and versions of the engines that are to look again.
  engines_key text not null,
  -- Items scanned before this are left alone.
  since timestamptz not null,
  looked integer not null default 0,
  worse integer not null default 0,
  unread integer not null default 0,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  deadline_at timestamptz default now(),
  -- Two workers with different rules must not chase one another: each set of versions has one walk.
  unique (organisation_id, cause, engines_key)
);
create index rescans_due on rescans (deadline_at) where deadline_at is not null;
alter table rescans enable row level security;
alter table rescans force row level security;
create policy tenant on rescans to lazaret_tenant using (organisation_id = current_organisation()) with check (organisation_id = current_organisation());
create policy service on rescans to lazaret_service using (true) with check (true);
grant select, insert, update on rescans to lazaret_tenant, lazaret_service;
create trigger rescans_wake after insert on rescans for each statement execute function wake_dispatcher();
