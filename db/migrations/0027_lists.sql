-- Block and allow lists of people. Entries without organisation hold for the whole installation. Nothing is deleted: who
-- put an entry there, and who took it away, stays.
create table list_entries (
  id uuid primary key default gen_random_uuid(),
  organisation_id uuid references organisations,
  kind text not null check (kind in ('hash', 'domain', 'url', 'sender')),
  effect text not null check (effect in ('block', 'allow')),
  value text not null check (length(value) between 1 and 2100),
  -- What a URL pattern is looked up by.
  host text,
  owner text not null check (length(owner) between 1 and 200),
  reason text not null check (length(reason) between 1 and 500),
  expires_at timestamptz,
  created_at timestamptz not null default now(),
  created_by text not null,
  removed_at timestamptz,
  removed_by text
);
-- One entry a value: a second one replaces owner, reason and end of the first.
create unique index list_entries_own on list_entries (organisation_id, kind, effect, md5(value))
  where organisation_id is not null and removed_at is null;
create unique index list_entries_shared on list_entries (kind, effect, md5(value)) where organisation_id is null and removed_at is null;
create index list_entries_value on list_entries (md5(value)) where removed_at is null;
create index list_entries_host on list_entries (host) where removed_at is null and host is not null;
create index list_entries_page on list_entries (organisation_id, created_at desc, id desc);
alter table list_entries enable row level security;
alter table list_entries force row level security;
create policy tenant on list_entries to lazaret_tenant using (organisation_id = current_organisation())
  with check (organisation_id = current_organisation());
create policy shared on list_entries for select to lazaret_tenant using (organisation_id is null);
create policy service on list_entries to lazaret_service using (true) with check (true);
grant select, insert, update on list_entries to lazaret_tenant, lazaret_service;
