-- Filters of the list of scans under a name: each person's own, or shown to everybody of the organisation (or, where there
-- is none, to all of the operator's people). A removed one stays as a row, for nobody of an organisation deletes.
create table saved_views (
  id uuid primary key default gen_random_uuid(),
  organisation_id uuid references organisations,
  owner text not null,
  name text not null check (length(name) between 1 and 100),
  filters jsonb not null,
  shared boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  removed_at timestamptz
);
create unique index saved_views_name on saved_views (owner, lower(name)) where removed_at is null;
create index saved_views_organisation on saved_views (organisation_id) where removed_at is null;
alter table saved_views enable row level security;
alter table saved_views force row level security;
create policy tenant on saved_views to lazaret_tenant using (organisation_id = current_organisation()) with check (organisation_id = current_organisation());
create policy service on saved_views to lazaret_service using (true) with check (true);
grant select, insert, update on saved_views to lazaret_tenant, lazaret_service;
