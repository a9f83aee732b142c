-- Takes `p_cost` tokens from one bucket for one lane, or says how many milliseconds to wait; nothing is taken then.
-- A twentieth of the refill is guaranteed to each lane; the rest is shared, and a less urgent lane leaves more of it untouched,
-- so that redactions always find some.
create function acquire_budget(p_organisation uuid, p_connection uuid, p_endpoint text, p_scope text, p_lane int, p_cost double precision,
  p_capacity double precision, p_per_ms double precision) returns double precision language plpgsql as $$
declare
  bucket rate_buckets;
  now_at timestamptz := clock_timestamp();
  grown double precision;
  guaranteed constant double precision := 0.05;
  reserve double precision;
begin
  insert into rate_buckets as b (organisation_id, connection_id, endpoint, scope, tokens, capacity, per_ms, lanes)
    values (p_organisation, p_connection, p_endpoint, p_scope, p_capacity * (1 - 6 * guaranteed), p_capacity, p_per_ms,
      array_fill(p_capacity * guaranteed, array[6]))
    on conflict (connection_id, endpoint, scope) do nothing;
  select * into bucket from rate_buckets
    where connection_id = p_connection and endpoint = p_endpoint and scope = p_scope for update;
  now_at := clock_timestamp();
  if bucket.blocked_until > now_at then
    return ceil(extract(epoch from bucket.blocked_until - now_at) * 1000);
  end if;
  grown := greatest(0, extract(epoch from now_at - bucket.updated_at) * 1000) * bucket.per_ms;
  bucket.tokens := least(bucket.capacity * (1 - 6 * guaranteed), bucket.tokens + grown * (1 - 6 * guaranteed));
  for i in 1..6 loop
    bucket.lanes[i] := least(greatest(bucket.capacity * guaranteed, 1), bucket.lanes[i] + grown * guaranteed);
  end loop;
  reserve := bucket.capacity * 0.08 * (p_lane - 1);
  if bucket.lanes[p_lane] >= p_cost then
    bucket.lanes[p_lane] := bucket.lanes[p_lane] - p_cost;
  elsif bucket.tokens - p_cost >= reserve then
    bucket.tokens := bucket.tokens - p_cost;
  else
    update rate_buckets set tokens = bucket.tokens, lanes = bucket.lanes, updated_at = now_at
      where connection_id = p_connection and endpoint = p_endpoint and scope = p_scope;
    return greatest(1, ceil(least((p_cost - bucket.lanes[p_lane]) / (bucket.per_ms * guaranteed),
      (p_cost + reserve - bucket.tokens) / (bucket.per_ms * (1 - 6 * guaranteed)))));
  end if;
  update rate_buckets set tokens = bucket.tokens, lanes = bucket.lanes, updated_at = now_at
    where connection_id = p_connection and endpoint = p_endpoint and scope = p_scope;
  return 0;
end $$;

-- Believes a 429 at once: nobody asks this bucket again before the time has passed.
create function block_budget(p_connection uuid, p_endpoint text, p_scope text, p_ms double precision) returns void language sql as $$
  update rate_buckets set blocked_until = greatest(blocked_until, clock_timestamp() + p_ms * interval '1 millisecond')
    where connection_id = p_connection and endpoint = p_endpoint and scope = p_scope;
$$;
grant execute on function acquire_budget, block_budget to lazaret_tenant, lazaret_service;
