-- What a policy had to decide about, for what-if; what was taken out and given back, for the dashboard and its lists.
create index items_judged on items (organisation_id, created_at desc, id desc)
  where machine_verdict in ('suspicious', 'malicious', 'unscannable') or decision_id is not null;
create index items_page_contained on items (organisation_id, created_at desc, id desc) where contained_at is not null;
create index items_page_released on items (organisation_id, created_at desc, id desc) where released_at is not null;

-- The audit log by act and by person; most events are Lazaret's own.
create index audit_events_kind on audit_events (organisation_id, kind, id desc);
create index audit_events_person on audit_events (organisation_id, actor, id desc) where actor_kind = 'person';

-- Test mails are counted, so that nobody is flooded by them.
create index email_outbox_tests on email_outbox (organisation_id, created_at) where kind = 'test';

-- It reads a setting only. Without this row-level security keeps every query to one process.
alter function current_organisation() parallel safe;
