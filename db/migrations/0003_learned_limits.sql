-- Takes over a limit that Zendesk's headers name, and what it says is left of a limit that only we draw on.
create function learn_budget(p_connection uuid, p_endpoint text, p_scope text, p_capacity double precision, p_per_ms double precision,
  p_left double precision) returns void language sql as $$
  update rate_buckets set capacity = p_capacity, per_ms = p_per_ms, tokens = least(tokens, coalesce(p_left, tokens))
    where connection_id = p_connection and endpoint = p_endpoint and scope = p_scope
      and (capacity <> p_capacity or per_ms <> p_per_ms or p_left < tokens);
$$;
grant execute on function learn_budget to lazaret_tenant, lazaret_service;
