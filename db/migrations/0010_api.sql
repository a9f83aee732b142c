-- Lists over all organisations, for the operator's people.
create index items_page_all on items (created_at desc, id desc);
create index investigations_page_all on investigations (created_at, id);
create index organisations_page on organisations (created_at, id);
create index note_entries_item on note_entries (item_id);
create index email_outbox_batch on email_outbox (batch_id) where batch_id is not null;
-- When an admin has fetched or declined the clean file that could not go back into its ticket: retention may run from then.
alter table items add column return_settled_at timestamptz;
