import { appendAuditEvent, LAZARET } from '../db/audit-events';
import { beginMailAttempt, endMailAttempt } from '../db/email-outbox';
import type { MailRow } from '../db/email-outbox';
import { MailError } from '../email/mail-error';
import type { ActivityDeps } from './deps';

/**
 * Sends one row of the outbox. The attempt is written down before it is made; where nobody knows how one ended, it is
 * repeated with the same Message-ID and the row says `ambiguous`.
 */
export async function deliverMail(
  deps: ActivityDeps,
  ref: { organisationId: string; outboxId: string },
): Promise<void> {
  const { database } = deps;
  const mail = await database.withOrganisation(ref.organisationId, (db) => beginMailAttempt(db, ref.outboxId));
  if (!mail) return;
  await deps.checkpoint?.('before-mail');
  try {
    await deps.mailer.send({
      to: mail.address,
      subject: mail.subject,
      text: mail.text,
      html: mail.html,
      messageId: mail.message_id,
    });
  } catch (error) {
    if (!(error instanceof MailError)) throw error;
    await recordFailure(deps, ref.organisationId, mail, error);
    if (error.kind === 'refused') return;
    throw error;
  }
  await deps.checkpoint?.('mail-sent');
  await database.withOrganisation(ref.organisationId, async (db) => {
    await endMailAttempt(db, mail.id, { state: 'sent' });
    await append(db, ref.organisationId, 'mail.sent', mail);
  });
}

async function recordFailure(
  deps: ActivityDeps,
  organisationId: string,
  mail: MailRow,
  error: MailError,
): Promise<void> {
  const states = { refused: 'refused', unavailable: 'pending', unknown: 'sending' } as const;
  const state = states[error.kind];
  await deps.database.withOrganisation(organisationId, async (db) => {
    await endMailAttempt(db, mail.id, { state, failure: error.kind });
    // A server that is away for hours is told of once, not at every try.
    if (mail.attempts === 1 || state === 'refused') await append(db, organisationId, `mail.${error.kind}`, mail);
  });
}

function append(db: Parameters<typeof appendAuditEvent>[0], organisationId: string, kind: string, mail: MailRow) {
  const detail = { mail: mail.id, note: mail.batch_id, attempts: mail.attempts, ambiguous: mail.ambiguous };
  return appendAuditEvent(db, { organisationId, kind, actor: LAZARET, detail });
}
