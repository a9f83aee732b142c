alter table connections
  -- Somebody wants this connection taken down. Cleared by an activation that a person confirms, and by the end of it.
  add column deactivation_asked_at timestamptz,
  -- While it is being activated or taken down: when the dispatcher looks whether its workflow is still open.
  add column deadline_at timestamptz,
  -- Sealed access tokens that nobody uses any more and that are still to be revoked at the help desk.
  add column revoke_later bytea[] not null default '{}',
  -- True once the help desk's own record of a delivery named this account id; until then it is only what a delivery said.
  add column account_confirmed boolean not null default false;
update connections set account_confirmed = true where account_id is not null;
update connections set deadline_at = now() where state = 'activating';
create index connections_due on connections (deadline_at) where deadline_at is not null;

-- An account id that nobody but the sender of a delivery vouched for keeps no other organisation out.
drop index connections_live_account;
create unique index connections_live_account on connections (channel, account_id)
  where account_id is not null and account_confirmed and state in ('activating', 'connected', 'reconnect_needed');

-- A ticket that came back from the bin is listed: its files were out of reach while it was there.
alter table ticket_intake drop constraint ticket_intake_cause_check;
alter table ticket_intake add constraint ticket_intake_cause_check
  check (cause in ('trigger', 'merge', 'release', 'proof', 'undeleted'));
