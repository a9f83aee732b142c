-- What a sign-in brought back, kept on the attempt until the person has confirmed it: a connection that works is not
-- touched before. Tokens are sealed for the same fields as on the connection, so that confirming only copies them.
alter table oauth_attempts
  add column oauth_client jsonb,
  add column oauth_client_secret bytea,
  add column access_token bytea,
  add column refresh_token bytea,
  add column access_expires_at timestamptz,
  add column refresh_expires_at timestamptz,
  -- {userId, name, role, scopes}: shown on the page that asks.
  add column signed_in jsonb,
  add column confirmed_at timestamptz,
  add column created_at timestamptz not null default now();
create index oauth_attempts_connection on oauth_attempts (connection_id, created_at desc);

alter table connections
  -- Set while an activation of a connection that already worked is under way: what to go back to when it fails.
  add column prior jsonb,
  -- The outstanding test events by part: {nonce, issuedAt, arrivedAt?, signature?, accountId?}
  add column proof jsonb not null default '{}',
  add column lost_at timestamptz;
create unique index connections_one_per_subdomain on connections (organisation_id, channel, subdomain);
