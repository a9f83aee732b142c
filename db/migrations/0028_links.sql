-- Text of comments that may hold links or passwords, encrypted until it has been looked at; then what was found in it,
-- encrypted too. A row without text tells that the comment was looked at.
create table comment_texts (
  organisation_id uuid not null references organisations,
  connection_id uuid not null references connections,
  ticket_id text not null,
  -- A comment's id, or `ticket` for the subject and description that an event about a new ticket carries.
  comment_id text not null,
  found_by text not null check (found_by in ('event', 'listing')),
  sealed bytea,
  -- Whether attachments of the ticket may be opened by what stands there.
  may_hold_passwords boolean not null,
  -- Links of the text by item, in full.
  links bytea,
  occurred_at timestamptz,
  received_at timestamptz not null default now(),
  looked_at timestamptz,
  deadline_at timestamptz default now(),
  dispatches integer not null default 0,
  primary key (connection_id, ticket_id, comment_id)
);
create index comment_texts_due on comment_texts (deadline_at) where deadline_at is not null;
alter table comment_texts enable row level security;
alter table comment_texts force row level security;
create policy tenant on comment_texts to lazaret_tenant using (organisation_id = current_organisation()) with check (organisation_id = current_organisation());
create policy service on comment_texts to lazaret_service using (true) with check (true);
grant select, insert, update on comment_texts to lazaret_tenant, lazaret_service;
create trigger comment_texts_wake after insert on comment_texts for each statement execute function wake_dispatcher();

-- A link's row: the keyed hash of the whole URL stands where a file has its SHA-256, so that a decision about one holds
-- for all; its name is the URL with every secret masked.
create unique index items_one_per_link on items (connection_id, ticket_id, comment_id, source_id) where kind = 'url';
alter table items add column link_host text;
create index items_link_host on items (organisation_id, link_host) where link_host is not null;

alter table note_entries drop constraint note_entries_kind_check;
alter table note_entries add constraint note_entries_kind_check check (kind in ('contained', 'released', 'blocked_at_source',
  'noted', 'refused', 'release_refused', 'link', 'link_redacted', 'link_restored'));
