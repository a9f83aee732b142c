-- When the watch over a returned file ended: Zendesk's own scan looks at it too, and may block it.
alter table items add column watched_at timestamptz;
