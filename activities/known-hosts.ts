import type { ItemRow } from '../db/items';
import type { Channel, FetchOutcome, FetchRequest } from '../domain/channel';
import type { ActivityDeps } from './deps';
import { RetryLater } from './failures';

/** How often the account's hosts are read again for one file before its address counts as wrong. */
const REFRESHES = 3;
const PAUSE_MS = 5000;
/** Files whose hosts this process has looked for; a few at any time, and forgetting them only means looking again. */
const MOST_REMEMBERED = 1000;
const looked = new Map<string, number>();

/**
 * Fetches a file. Where its address is on no known host of the account, the hosts are read again first: a brand may have
 * been added since. The unknown host itself gets no request before the account names it.
 * @throws RetryLater `HostUnknown` while the account's list may still be behind
 */
export async function fetchKnowingHosts(
  deps: Pick<ActivityDeps, 'access'>,
  item: Pick<ItemRow, 'id' | 'organisation_id' | 'connection_id'>,
  channel: Channel,
  request: FetchRequest,
): Promise<FetchOutcome> {
  const first = await channel.fetchBytes(request);
  if (!isUnknownHost(first)) return first;
  const ref = { organisationId: item.organisation_id, connectionId: item.connection_id };
  await deps.access.refreshOwnHosts(ref);
  const second = await (await deps.access.open(ref)).channel.fetchBytes(request);
  const times = (looked.get(item.id) ?? 0) + 1;
  if (isUnknownHost(second) && times < REFRESHES) {
    if (looked.size >= MOST_REMEMBERED) looked.clear();
    looked.set(item.id, times);
    throw new RetryLater('HostUnknown', 'the address of a file is on no known host of its account', PAUSE_MS * times);
  }
  looked.delete(item.id);
  return second;
}

function isUnknownHost(fetched: FetchOutcome): boolean {
  return fetched.outcome === 'refused' && fetched.reason === 'unknown_host';
}
