import { createHmac, randomBytes } from 'node:crypto';
import { request } from 'undici';
import { saveSigningSecrets, sealSecret } from '../../db/connection-secrets';
import { ensureConnection, updateConnection } from '../../db/connections';
import type { SigningSecrets } from '../../domain/connection';
import type { ConnectionState } from '../../domain/words';
import type { House } from './zendesk-house';

export const TEST_SECRET = 'dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==';
export const HOOK = '01HOOKEVENTS';
export const TRIGGER_HOOK = '01HOOKTRIGGER';
let count = 0;

export interface Desk {
  organisationId: string;
  id: string;
  accountId: string;
  secret: string;
}

export async function desk(
  house: House,
  more: { state?: ConnectionState; intakeMode?: 'events' | 'trigger'; secrets?: SigningSecrets } = {},
): Promise<Desk> {
  const organisation = await house.organisation('Desk');
  const secret = randomBytes(32).toString('base64');
  const accountId = String(7_000_000 + (count += 1));
  const secrets = more.secrets ?? { [HOOK]: { current: secret }, [TRIGGER_HOOK]: { current: secret } };
  const oauthClient = { kind: 'global' as const, clientId: 'x' };
  const wanted = { organisationId: organisation.id, subdomain: `desk${count}`, oauthClient };
  const row = await house.database.withOrganisation(organisation.id, (db) => ensureConnection(db, wanted));
  const ref = { organisationId: organisation.id, connectionId: row.id };
  const sealed = await sealSecret(house.apiDeps.secretBox, ref, 'signing_secrets', JSON.stringify(secrets));
  await house.database.withOrganisation(organisation.id, async (db) => {
    await saveSigningSecrets(db, row.id, sealed);
    await updateConnection(db, row.id, {
      state: more.state ?? 'connected',
      accountId,
      intakeMode: more.intakeMode ?? 'events',
    });
  });
  return { organisationId: organisation.id, id: row.id, accountId, secret };
}

export interface Sending {
  secret?: string;
  at?: number;
  webhookId?: string;
  accountHeader?: string;
  invocation?: string;
  headers?: Record<string, string>;
  url?: string;
}

export async function deliver(house: House, to: Desk, body: object | string, more: Sending = {}) {
  const raw = typeof body === 'string' ? body : `${JSON.stringify(body, null, 3)}\n`;
  const timestamp = new Date(more.at ?? Date.now()).toISOString();
  const signature = createHmac('sha256', more.secret ?? to.secret)
    .update(timestamp)
    .update(raw)
    .digest('base64');
  const answer = await request(`${more.url ?? house.url}/hooks/zendesk/${to.id}`, {
    method: 'POST',
    body: raw,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'x-zendesk-account-id': more.accountHeader ?? to.accountId,
      'x-zendesk-webhook-id': more.webhookId ?? HOOK,
      'x-zendesk-webhook-invocation-id': more.invocation ?? randomBytes(8).toString('hex'),
      'x-zendesk-webhook-signature': signature,
      'x-zendesk-webhook-signature-timestamp': timestamp,
      ...more.headers,
    },
  });
  return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
}

export function linked(
  to: Desk,
  more: { fileName?: string; attachmentId?: string; accountId?: string; ticketId?: string } = {},
) {
  const ticketId = more.ticketId ?? '19395';
  return {
    account_id: Number(more.accountId ?? to.accountId),
    id: '030a3f7a-9bb9-47a4-9a36-6aa8f1d66783',
    subject: `zen:ticket:${ticketId}`,
    time: '2026-01-14T19:31:42.692223355Z',
    type: 'zen:event-type:ticket.attachment_linked_to_comment',
    zendesk_event_version: '2022-11-06',
    detail: { id: ticketId, actor_id: '865', subject: 'Hi', description: 'Hi', status: 'NEW' },
    event: {
      comment: {
        id: '8658726228478',
        attachment: {
          id: more.attachmentId ?? '8658726230270',
          filename: more.fileName ?? 'a.jpg',
          content_type: 'image/jpeg',
          content_url: 'https://acme.zendesk.com/attachments/token/x/?name=a.jpg',
          is_public: false,
        },
      },
    },
  };
}

export async function rows(house: House, to: Desk) {
  return house.database.withOrganisation(to.organisationId, async (db) => ({
    items: (
      await db.query<Record<string, unknown>>(
        'select ticket_id, comment_id, source_id, found_by, file_name, declared_type, content_url, state from items order by created_at',
      )
    ).rows,
    intake: (
      await db.query<Record<string, unknown>>(
        'select ticket_id, cause, nullif(unless_announced, false) as unless_announced from ticket_intake order by id',
      )
    ).rows.map(({ unless_announced, ...row }) => (unless_announced === null ? row : { ...row, unless_announced })),
    audit: (await db.query<{ kind: string }>('select kind from audit_events order by id')).rows.map((row) => row.kind),
  }));
}
