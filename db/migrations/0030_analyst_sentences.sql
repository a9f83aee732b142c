-- What a finding usually means and what to look at next, in one sentence for analysts.
alter table findings add column analyst text;
