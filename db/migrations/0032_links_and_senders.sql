-- Engines that know links stand beside those that look at files; policies can only require the latter.
alter table engine_health add column looks_at text not null default 'files' check (looks_at in ('files', 'links'));

-- Who wrote a comment, by the help desk's own id. Mail addresses are not kept: where lists name senders they are asked for.
alter table items add column author_id text;
alter table comment_texts add column author_id text;
