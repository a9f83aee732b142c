-- What each worker last saw of its engines. The API holds no engine and reads this; nothing here belongs to an organisation.
create table engine_health (
  worker text not null check (length(worker) between 1 and 200),
  engine text not null check (length(engine) between 1 and 100),
  ok boolean not null,
  detail text not null,
  engine_version text not null,
  rules_version text not null,
  -- Whether this installation requires its answer by default.
  required boolean not null,
  -- closed, open or half-open; null for an engine without a breaker.
  breaker text,
  -- What the platform offered around the scanning processes; null for an engine without any.
  isolation jsonb,
  changed_at timestamptz not null default now(),
  at timestamptz not null default now(),
  primary key (worker, engine)
);
alter table engine_health enable row level security;
alter table engine_health force row level security;
create policy service on engine_health to lazaret_service using (true) with check (true);
grant select, insert, update, delete on engine_health to lazaret_service;
