import type { ConnectionRef } from '../db/connection-secrets';
import { findListEntries, hasSenderEntries } from '../db/lists';
import type { ListEntryRow } from '../db/lists';
import type { Database } from '../db/pool';
import { matchLists } from '../domain/lists';
import type { ListMatch } from '../domain/lists';
import type { ChannelAccess } from './deps';
import { hostsOf } from './lists';

/** What lists say of the people who write. */
export interface Senders {
  /**
   * The entry that names whoever wrote something. The help desk is asked for a mail address only where a list of the
   * organisation names senders at all, and once an hour for each person.
   */
  match(ref: ConnectionRef, authorId: string | null): Promise<ListMatch<ListEntryRow> | undefined>;
}

const REMEMBERED_MS = 3_600_000;
const MAX_REMEMBERED = 10_000;

/** Makes the look-up of senders. Addresses are kept in memory only. */
export function createSenders(
  deps: { database: Database; access: ChannelAccess },
  now: () => number = Date.now,
): Senders {
  const known = new Map<string, { until: number; address: string | undefined }>();
  const addressOf = async (ref: ConnectionRef, authorId: string): Promise<string | undefined> => {
    const key = `${ref.connectionId}:${authorId}`;
    const before = known.get(key);
    if (before && before.until > now()) return before.address;
    const { channel } = await deps.access.open(ref);
    const address = await channel.readAddress(authorId, 'scan');
    known.delete(key);
    known.set(key, { until: now() + REMEMBERED_MS, address });
    if (known.size > MAX_REMEMBERED) known.delete(known.keys().next().value ?? '');
    return address;
  };
  return {
    async match(ref, authorId) {
      if (authorId === null) return undefined;
      const { organisationId } = ref;
      const named = await deps.database.withOrganisation(organisationId, (db) => hasSenderEntries(db, organisationId));
      const address = named ? await addressOf(ref, authorId) : undefined;
      if (address === undefined) return undefined;
      const values = senderValues(address);
      const entries = await deps.database.withOrganisation(organisationId, (db) =>
        findListEntries(db, organisationId, { values, hosts: [] }),
      );
      return matchLists(entries, { sender: address }, new Date(now()));
    },
  };
}

/** Every value that an entry about this address may have: itself, its domain, and the domains above that. */
function senderValues(address: string): string[] {
  const at = address.lastIndexOf('@');
  const domains = hostsOf(`http://${address.slice(at + 1).trim()}/`);
  const [own] = domains;
  const local = address.slice(0, Math.max(at, 0)).trim().toLowerCase();
  return own === undefined ? [] : [`${local}@${own}`, ...domains.map((domain) => `@${domain}`)];
}
