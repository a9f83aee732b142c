-- How far the walk over the help desk's own export of a connection has come.
create table coverage_walks (
  connection_id uuid primary key references connections,
  organisation_id uuid not null references organisations,
  -- From here the next page of comments is asked.
  next_from timestamptz not null,
  -- Cursor of the export of tickets, for their subjects; none before its first page.
  tickets_cursor text,
  -- Whatever was written before this was seen in the export.
  passed_until timestamptz not null,
  cycles bigint not null default 0,
  cycle_ended_at timestamptz,
  -- Why the last try did not come to its end, as a word of the activities' failures.
  problem text,
  deadline_at timestamptz default now()
);
create index coverage_walks_due on coverage_walks (deadline_at) where deadline_at is not null;

-- Every comment that an event announced or that the help desk listed with something to look at. What is listed here comes
-- from the help desk alone, never from our own rows: it is what the ledger is measured by.
create table covered_comments (
  organisation_id uuid not null references organisations,
  connection_id uuid not null references connections,
  ticket_id text not null,
  -- A comment's id, or `ticket` for the subject and description of a ticket.
  comment_id text not null,
  announced_at timestamptz,
  listed_at timestamptz,
  written_at timestamptz,
  -- As listed: files, and whether its text holds links.
  attachments integer not null default 0,
  has_links boolean not null default false,
  -- When everything in it had its row.
  accounted_at timestamptz,
  primary key (connection_id, ticket_id, comment_id)
);
create index covered_comments_open on covered_comments (connection_id, listed_at) where listed_at is not null and accounted_at is null;
create index covered_comments_listed on covered_comments (connection_id, written_at) where listed_at is not null;

-- Stretches of time in which something was not announced, or the walk itself stood still.
create table coverage_gaps (
  id bigint generated always as identity primary key,
  organisation_id uuid not null references organisations,
  connection_id uuid not null references connections,
  cause text not null check (cause in ('not_announced', 'walk_paused')),
  begins_at timestamptz not null,
  ends_at timestamptz not null,
  comments integer not null default 0,
  found_at timestamptz not null default now(),
  healed_at timestamptz,
  check (ends_at >= begins_at)
);
create index coverage_gaps_page on coverage_gaps (connection_id, begins_at desc);

do $$
declare t text;
begin
  foreach t in array array['coverage_walks', 'covered_comments', 'coverage_gaps'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy tenant on %I to lazaret_tenant using (organisation_id = current_organisation()) with check (organisation_id = current_organisation())', t);
    execute format('create policy service on %I to lazaret_service using (true) with check (true)', t);
    execute format('grant select, insert, update on %I to lazaret_tenant, lazaret_service', t);
  end loop;
end $$;
grant usage on all sequences in schema public to lazaret_tenant, lazaret_service;

alter table items drop constraint items_found_by_check;
alter table items add constraint items_found_by_check check (found_by in ('event', 'trigger', 'listing', 'release', 'export'));
alter table comment_texts drop constraint comment_texts_found_by_check;
alter table comment_texts add constraint comment_texts_found_by_check check (found_by in ('event', 'listing', 'export'));
-- Whether the comment's HTML was looked at too: events carry its plain text only.
alter table comment_texts add column with_html boolean not null default false;

alter table ticket_intake drop constraint ticket_intake_cause_check;
alter table ticket_intake add constraint ticket_intake_cause_check
  check (cause in ('trigger', 'merge', 'release', 'proof', 'undeleted', 'export'));
-- A trigger's call beside working events: the ticket is listed only where no event announced this comment in time.
alter table ticket_intake add column comment_id text;
alter table ticket_intake add column unless_announced boolean not null default false;

insert into coverage_walks (connection_id, organisation_id, next_from, passed_until)
select id, organisation_id, activated_at, activated_at from connections where state in ('connected', 'reconnect_needed') and activated_at is not null;

create index items_open on items (connection_id, created_at) where state in ('pending', 'scanning', 'waiting', 'braked', 'releasing');
