-- Lists of scans stay fast at a million rows. Each filter that selects few rows has an index in the order of the list;
-- one that selects most rows walks items_page. Clean rows, the many, are left out where an index can do without them.
create extension if not exists pg_trgm;
create index items_page_verdict on items (organisation_id, verdict, created_at desc, id desc) where verdict <> 'clean';
create index items_page_state on items (organisation_id, state, created_at desc, id desc) where state <> 'clean';
create index items_page_type on items (organisation_id, detected_type, created_at desc, id desc) where detected_type is not null;
create index items_page_author on items (organisation_id, author_id, created_at desc, id desc) where author_id is not null;
create index items_page_kind on items (organisation_id, created_at desc, id desc) where kind = 'url';
create index items_page_connection on items (connection_id, created_at desc, id desc);
create index items_name on items using gin (file_name gin_trgm_ops);
create index items_changed on items (organisation_id, updated_at);
create index findings_item on findings (item_id);
create index findings_engine on findings (organisation_id, engine);

-- Row-level security lets no index answer "like", because like is not declared leak-proof: such a search would read every
-- row of the organisation. This view holds the same line by its own condition, and the planner may go through it.
do $$
begin
  execute format('create policy owner_reads on items for select to %I using (true)', current_user);
end $$;
create view scan_items as select * from items where organisation_id = current_organisation();
grant select on scan_items to lazaret_tenant;
