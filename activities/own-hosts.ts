import { appendAuditEvent, LAZARET } from '../db/audit-events';
import type { ConnectionRef } from '../db/connection-secrets';
import { lockConnection, updateConnection } from '../db/connections';
import type { Database } from '../db/pool';

/** Records the hosts of an account as its brands name them now, with an audit event when they differ from the known ones. */
export async function saveOwnHosts(database: Database, ref: ConnectionRef, hosts: string[]): Promise<void> {
  await database.withOrganisation(ref.organisationId, async (db) => {
    const row = await lockConnection(db, ref.connectionId);
    if (!row) return;
    const added = hosts.filter((host) => !row.ownHosts.includes(host));
    const removed = row.ownHosts.filter((host) => !hosts.includes(host));
    if (added.length + removed.length === 0) return;
    await updateConnection(db, row.id, { ownHosts: hosts });
    await appendAuditEvent(db, {
      organisationId: ref.organisationId,
      kind: 'connection.hosts_changed',
      actor: LAZARET,
      connectionId: row.id,
      detail: { added, removed },
    });
  });
}
