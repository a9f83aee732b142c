import { insertMail } from '../db/email-outbox';
import type { Queryable } from '../db/pool';
import { readPolicy } from '../db/policies';
import type { NoteBatch, NoteItem } from '../domain/note';
import { mailedAbout } from '../domain/policy';
import { messageIdFor } from '../email/address';
import { noteMail } from '../email/templates';
import type { ActivityDeps, TicketRef } from './deps';

/**
 * One mail per note and address, about what the policy mails that address, in the transaction that ends the note: none is forgotten, none is made twice.
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
  const groups = new Map<string, NoteItem[]>();
  for (const item of batch.items) {
    for (const address of mailedAbout(policy, item.subject)) {
      groups.set(address, [...(groups.get(address) ?? []), item]);
    }
  }
  for (const [address, items] of groups) {
    const mail = noteMail({ ...batch, items });
    const messageId = messageIdFor(batch.key, address, deps.settings.mailDomain);
    const row = { ...mail, organisationId: ref.organisationId, kind: 'note', address, messageId };
    await insertMail(db, { ...row, ...(batchId !== undefined && { batchId }) });
  }
}
