import { insertMail } from '../db/email-outbox';
import type { Queryable } from '../db/pool';
import { readPolicy } from '../db/policies';
import type { NoteBatch } from '../domain/note';
import { messageIdFor } from '../email/address';
import { noteMail } from '../email/templates';
import type { ActivityDeps, TicketRef } from './deps';

/** One mail per note and address, in the transaction that ends the note: none is forgotten, none is made twice. */
export async function queueNoteMails(
  deps: ActivityDeps,
  db: Queryable,
  ref: TicketRef,
  batch: NoteBatch,
): Promise<void> {
  const { policy } = await readPolicy(db, ref.organisationId);
  const mail = noteMail(batch);
  for (const address of new Set(policy.notificationAddresses)) {
    const messageId = messageIdFor(batch.key, address, deps.settings.mailDomain);
    await insertMail(db, { ...mail, organisationId: ref.organisationId, kind: 'note', address, messageId });
  }
}
