import { createHash } from 'node:crypto';
import type { ConnectionMail } from '../domain/connection-mails';
import { policySchema } from '../domain/policy';
import { insertMail } from './email-outbox';
import type { Queryable } from './pool';
import { emailKey } from './users';

/** Name of an organisation, and who hears of its connection: its notification addresses and its admins, each once. */
export async function readNotificationTargets(
  db: Queryable,
  organisationId: string,
): Promise<{ name: string; addresses: string[] }> {
  const { rows } = await db.query<{ name: string; document: unknown }>(
    'select o.name, p.document from organisations o left join policies p on p.organisation_id = o.id where o.id = $1',
    [organisationId],
  );
  const row = rows[0];
  const policy = policySchema.parse(row?.document ?? {});
  const admins = await db.query<{ email: string }>(
    `select email from users where organisation_id = $1 and role = 'admin' and disabled_at is null order by created_at, id`,
    [organisationId],
  );
  const all = [...policy.notificationAddresses, ...admins.rows.map(({ email }) => email)];
  const byKey = new Map(all.toReversed().map((address) => [emailKey(address), address]));
  return { name: row?.name ?? '', addresses: [...byKey.values()].toReversed() };
}

/**
 * Puts one mail per address into the outbox. The Message-ID is derived from what happened (connection, kind, occasion)
 * and the address, so that a repeated activity writes nothing twice.
 * @param occasion tells this time from the next one, e.g. the time of the change of state
 */
export async function queueConnectionMail(
  db: Queryable,
  target: { organisationId: string; connectionId: string; addresses: readonly string[]; mailDomain: string },
  mail: ConnectionMail,
  occasion: string,
): Promise<void> {
  for (const address of target.addresses) {
    const key = [mail.kind, target.connectionId, occasion, address.toLowerCase()].join('\n');
    const digest = createHash('sha256').update(key).digest('hex').slice(0, 32);
    await insertMail(db, {
      organisationId: target.organisationId,
      kind: mail.kind,
      address,
      messageId: `<${mail.kind}.${digest}@${target.mailDomain}>`,
      subject: mail.subject,
      text: mail.text,
      html: mail.html,
    });
  }
}
