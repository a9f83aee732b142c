-- Zendesk's budget counted in sliding windows. A bucket that refills while it is drained lets more through in one window than
-- the limit says, most of all where a limit is small; a count of what was sent within the window cannot.
drop function acquire_budget, block_budget, learn_budget;
drop table rate_buckets;

create table rate_buckets (
  organisation_id uuid not null references organisations,
  connection_id uuid not null references connections,
  endpoint text not null,
  scope text not null default '',
  -- Requests that are ours within any window of this length.
  requests double precision not null check (requests >= 1),
  window_ms double precision not null check (window_ms > 0),
  -- A ring of 21 parts of a twentieth of the window each, seven counts a part: one a lane (redact, note, release, scan, reconcile,
  -- backfill), and what Zendesk counted that we did not.
  used integer[] not null default array_fill(0, array[147]),
  newest_part bigint not null default 0,
  -- When each lane last asked, in milliseconds since 1970.
  asked double precision[] not null default array_fill(0::double precision, array[6]),
  blocked_until timestamptz,
  primary key (connection_id, endpoint, scope)
);
alter table rate_buckets enable row level security;
alter table rate_buckets force row level security;
create policy tenant on rate_buckets to lazaret_tenant using (organisation_id = current_organisation()) with check (organisation_id = current_organisation());
create policy service on rate_buckets to lazaret_service using (true) with check (true);
grant select, insert, update on rate_buckets to lazaret_tenant, lazaret_service;
grant delete on rate_buckets to lazaret_service;

-- Locks one bucket, made where it is missing, with every part forgotten that has left the window.
create function open_bucket(p_organisation uuid, p_connection uuid, p_endpoint text, p_scope text, p_requests double precision,
  p_window_ms double precision) returns rate_buckets language plpgsql as $$
declare
  b rate_buckets;
  part bigint;
  place int;
begin
  insert into rate_buckets (organisation_id, connection_id, endpoint, scope, requests, window_ms)
    values (p_organisation, p_connection, p_endpoint, p_scope, p_requests, p_window_ms)
    on conflict (connection_id, endpoint, scope) do nothing;
  select * into strict b from rate_buckets
    where connection_id = p_connection and endpoint = p_endpoint and scope = p_scope for update;
  -- A clock that goes back adds to the newest part, which only makes us slower.
  part := greatest(b.newest_part, floor(extract(epoch from clock_timestamp()) * 1000 / (b.window_ms / 20)));
  for i in 1..least(part - b.newest_part, 21) loop
    place := ((part - i + 1) % 21) * 7;
    for j in 1..7 loop b.used[place + j] := 0; end loop;
  end loop;
  b.newest_part := part;
  return b;
end $$;

-- Takes `p_cost` requests for one lane (0), or says how many milliseconds to wait. Within any window no more is given than the
-- limit. Of it, a twentieth (at least one) is kept for every other lane that asked within the window, and a less urgent lane
-- leaves a growing part to the more urgent ones, so that redactions always find some. `p_kept_for_notes` is never given to others.
create function acquire_budget(p_organisation uuid, p_connection uuid, p_endpoint text, p_scope text, p_lane int, p_cost int,
  p_requests double precision, p_window_ms double precision, p_kept_for_notes int) returns double precision language plpgsql as $$
declare
  b rate_buckets := open_bucket(p_organisation, p_connection, p_endpoint, p_scope, p_requests, p_window_ms);
  now_ms double precision := extract(epoch from clock_timestamp()) * 1000;
  mine int := 0;
  lanes int[] := array_fill(0, array[7]);
  guaranteed double precision := greatest(1, b.requests / 20);
  free double precision := b.requests;
  for_urgent double precision := 0;
  for_others double precision := 0;
  for_notes double precision := 0;
  missing double precision;
  place int;
begin
  if b.blocked_until > clock_timestamp() then
    return ceil(extract(epoch from b.blocked_until - clock_timestamp()) * 1000);
  end if;
  for i in 0..20 loop
    for j in 1..7 loop
      lanes[j] := lanes[j] + b.used[i * 7 + j];
      free := free - b.used[i * 7 + j];
    end loop;
  end loop;
  for j in 1..6 loop
    if j <> p_lane and b.asked[j] > now_ms - b.window_ms then
      if j < p_lane then for_urgent := for_urgent + greatest(0, guaranteed - lanes[j]);
      else for_others := for_others + greatest(0, guaranteed - lanes[j]); end if;
    end if;
  end loop;
  if p_lane <> 2 then for_notes := greatest(0, p_kept_for_notes - lanes[2]); end if;
  for_urgent := greatest(for_urgent, b.requests * 0.08 * (p_lane - 1));
  b.asked[p_lane] := now_ms;
  missing := p_cost + greatest(for_notes, for_urgent + for_others) - free;
  if p_lane = 2 then guaranteed := greatest(guaranteed, p_kept_for_notes); end if;
  if lanes[p_lane] + p_cost <= guaranteed then missing := least(missing, p_cost + for_notes - free); end if;
  if missing <= 0 then
    place := (b.newest_part % 21) * 7 + p_lane;
    b.used[place] := b.used[place] + p_cost;
  end if;
  update rate_buckets set used = b.used, newest_part = b.newest_part, asked = b.asked
    where connection_id = p_connection and endpoint = p_endpoint and scope = p_scope;
  if missing <= 0 then return 0; end if;
  -- The oldest parts leave first: wait until enough of them have.
  for i in 1..21 loop
    place := ((b.newest_part + i) % 21) * 7;
    for j in 1..7 loop missing := missing - b.used[place + j]; end loop;
    if missing <= 0 or i >= 6 then
      return greatest(1, ceil((b.newest_part + i) * (b.window_ms / 20) - now_ms));
    end if;
  end loop;
  return b.window_ms;
end $$;

-- Believes a 429 at once: nobody asks this bucket again before the time has passed.
create function block_budget(p_organisation uuid, p_connection uuid, p_endpoint text, p_scope text, p_requests double precision,
  p_window_ms double precision, p_ms double precision) returns void language plpgsql as $$
begin
  perform open_bucket(p_organisation, p_connection, p_endpoint, p_scope, p_requests, p_window_ms);
  update rate_buckets set blocked_until = greatest(blocked_until, clock_timestamp() + p_ms * interval '1 millisecond')
    where connection_id = p_connection and endpoint = p_endpoint and scope = p_scope;
end $$;

-- Takes over a limit that Zendesk's headers name. Where only we draw on it, `p_left` is what it says may still be sent: what it
-- counted beyond our own count is counted too.
create function learn_budget(p_organisation uuid, p_connection uuid, p_endpoint text, p_scope text, p_requests double precision,
  p_window_ms double precision, p_left double precision) returns void language plpgsql as $$
declare
  b rate_buckets := open_bucket(p_organisation, p_connection, p_endpoint, p_scope, p_requests, p_window_ms);
  place int := (b.newest_part % 21) * 7 + 7;
  unknown double precision := p_requests - (select sum(one) from unnest(b.used) one) - p_left;
begin
  if unknown >= 1 then b.used[place] := b.used[place] + floor(unknown)::int; end if;
  update rate_buckets set requests = p_requests, used = b.used, newest_part = b.newest_part
    where connection_id = p_connection and endpoint = p_endpoint and scope = p_scope;
end $$;
grant execute on function open_bucket, acquire_budget, block_budget, learn_budget to lazaret_tenant, lazaret_service;
