import { readSealedTokens } from '../db/connection-secrets';
import type { ConnectionRef } from '../db/connection-secrets';
import { queueConnectionMail, readNotificationTargets } from '../db/connection-mails';
import { lockConnection, updateConnection } from '../db/connections';
import { appendAuditEvent, LAZARET } from '../db/audit-events';
import type { Database } from '../db/pool';
import { reconnectNeededMail } from '../domain/connection-mails';

/** Nobody but a person at Zendesk can bring this connection back. Work waits for that; nothing is dropped. */
export class ReconnectNeededError extends Error {
  override readonly name = 'ReconnectNeededError';
  readonly connectionId: string;

  constructor(connectionId: string) {
    super(`connection ${connectionId}: Zendesk refuses its sign-in; an administrator must activate it again`);
    this.connectionId = connectionId;
  }
}

/** The connection is not active: it was deactivated, or its activation has not come to an end. */
export class ConnectionNotActiveError extends Error {
  override readonly name = 'ConnectionNotActiveError';
  readonly connectionId: string;
  readonly state: string;

  constructor(connectionId: string, state: string) {
    super(`connection ${connectionId} is ${state}, not connected`);
    this.connectionId = connectionId;
    this.state = state;
  }
}

export interface ReconnectSettings {
  publicUrl: string;
  mailDomain: string;
}

/**
 * Records that the stored sign-in is dead: state, audit event and the mails to the admins in one transaction.
 * @param dead the sealed access token that Zendesk no longer takes; when another one is stored by now, nothing is changed
 * @returns false when somebody has signed in meanwhile
 */
export async function markReconnectNeeded(
  database: Database,
  ref: ConnectionRef,
  dead: Buffer,
  settings: ReconnectSettings,
): Promise<boolean> {
  return database.withOrganisation(ref.organisationId, async (db) => {
    const row = await lockConnection(db, ref.connectionId);
    const stored = await readSealedTokens(db, ref.connectionId);
    if (!row || (stored && !stored.accessToken.equals(dead))) return false;
    // An activation under way ends by itself, with its own sentence; a dead connection is said to be dead once.
    if (row.state !== 'connected') return true;
    const lostAt = new Date();
    await updateConnection(db, row.id, { state: 'reconnect_needed', lostAt });
    await appendAuditEvent(db, {
      organisationId: ref.organisationId,
      kind: 'connection.reconnect_needed',
      actor: LAZARET,
      connectionId: row.id,
      detail: { reason: 'refresh_refused' },
    });
    const { name, addresses } = await readNotificationTargets(db, ref.organisationId);
    const mail = reconnectNeededMail({ ...ref, ...settings, organisationName: name, subdomain: row.subdomain });
    await queueConnectionMail(db, { ...ref, ...settings, addresses }, mail, lostAt.toISOString());
    return true;
  });
}
