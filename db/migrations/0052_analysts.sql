-- Analysts' work: until when an investigation should be answered (the level holds that the policy had when it was asked),
-- and who has it in hand.
alter table investigations
  add column due_at timestamptz,
  add column claimed_by text,
  add column claimed_by_role text,
  add column claimed_at timestamptz,
  add constraint investigations_claim check ((claimed_by is null) = (claimed_at is null) and (claimed_by is null) = (claimed_by_role is null));
update investigations set due_at = created_at + interval '4 hours';
alter table investigations alter column due_at set not null, alter column due_at set default now() + interval '4 hours';
-- The queue: whose time runs out first is seen first.
create index investigations_due on investigations (due_at, id) where state = 'open';
-- What an undo has to open again.
create index investigations_decision on investigations (organisation_id, decision_id) where decision_id is not null;
