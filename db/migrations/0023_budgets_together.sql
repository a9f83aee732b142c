-- A call that draws on several limits takes them in one statement. They are taken in the order given, which is the same for
-- every call, and no further than the first that has nothing: what is taken is `taken`, and `wait` says when to ask for the rest.
-- `spare` is what each taken one may still give, by our own count.
create function acquire_budgets(p_organisation uuid, p_connection uuid, p_endpoints text[], p_scopes text[], p_lane int,
  p_requests double precision[], p_windows_ms double precision[], p_kept_for_notes int[],
  out taken int, out wait double precision, out spare double precision[]) language plpgsql as $$
begin
  taken := 0;
  wait := 0;
  spare := '{}';
  for i in 1..cardinality(p_endpoints) loop
    wait := acquire_budget(p_organisation, p_connection, p_endpoints[i], p_scopes[i], p_lane, 1, p_requests[i], p_windows_ms[i],
      p_kept_for_notes[i]);
    exit when wait > 0;
    taken := i;
    spare := spare || (select requests - (select sum(one) from unnest(used) one) from rate_buckets
      where connection_id = p_connection and endpoint = p_endpoints[i] and scope = p_scopes[i]);
  end loop;
end $$;
grant execute on function acquire_budgets to lazaret_tenant, lazaret_service;
