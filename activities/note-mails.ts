import { insertMail } from '../db/email-outbox';
import type { Queryable } from '../db/pool';
import { readPolicy } from '../db/policies';
import type { NoteBatch } from '../domain/note';
import { messageIdFor } from '../email/address';
import { noteMail } from '../email/templates';
import type { ActivityDeps, TicketRef } from './deps';

/**
 * One mail per note and address, in the transaction that ends the note: none is forgotten, none is made twice.
 * @param batchId the note's row, by which a scan's story finds its mails; a follow-up ticket's note has none
 */
export async function queueNoteMails(
  deps: ActivityDeps,
  db: Queryable,
  ref: TicketRef,
  batch: NoteBatch,
  batchId?: string,
): Promise<void> {
  const { policy } = await readPolicy(db, ref.organisationId);
  const mail = noteMail(batch);
  // One mailbox may stand there in two spellings.
  const mailboxes = new Map(policy.notificationAddresses.map((address) => [address.toLowerCase(), address]));
  for (const address of mailboxes.values()) {
    const messageId = messageIdFor(batch.key, address, deps.settings.mailDomain);
    const row = { ...mail, organisationId: ref.organisationId, kind: 'note', address, messageId };
    await insertMail(db, { ...row, ...(batchId !== undefined && { batchId }) });
  }
}
