import { appendAuditEvent, LAZARET } from '../db/audit-events';
import { beginMailAttempt, endMailAttempt } from '../db/email-outbox';
import type { MailRow } from '../db/email-outbox';
import type { Database, Queryable } from '../db/pool';
import { sealedSignInContext } from '../db/sealed-sign-ins';
import { OPERATOR } from '../domain/ids';
import { LINK_PLACE } from '../domain/sign-in-mails';
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
  const mail = await inScope(database, ref.organisationId, (db) => beginMailAttempt(db, ref.outboxId));
  if (!mail) return;
  const { text, html } = await withLink(deps, mail);
  await deps.checkpoint?.('before-mail');
  try {
    await deps.mailer.send({
      to: mail.address,
      subject: mail.subject,
      text,
      html,
      messageId: mail.message_id,
    });
  } catch (error) {
    if (!(error instanceof MailError)) throw error;
    await recordFailure(deps, ref.organisationId, mail, error);
    if (error.kind === 'refused') return;
    throw error;
  }
  await deps.checkpoint?.('mail-sent');
  await inScope(database, ref.organisationId, async (db) => {
    await endMailAttempt(db, mail.id, { state: 'sent' });
    await append(db, ref.organisationId, 'mail.sent', mail);
  });
}

/** Mails to the operator's own people belong to no organisation. */
function inScope<T>(database: Database, organisationId: string, work: (db: Queryable) => Promise<T>): Promise<T> {
  return organisationId === OPERATOR ? database.withService(work) : database.withOrganisation(organisationId, work);
}

/** A link that opens an account is opened here and nowhere kept. */
async function withLink(deps: ActivityDeps, mail: MailRow): Promise<{ text: string; html: string }> {
  const { text, html } = mail;
  if (mail.sealed_link === null) return { text, html };
  const context = sealedSignInContext('mail_link', mail.message_id);
  const link = (await deps.secretBox.open(mail.sealed_link, context)).toString('utf8');
  return { text: text.replaceAll(LINK_PLACE, link), html: html.replaceAll(LINK_PLACE, link) };
}

async function recordFailure(
  deps: ActivityDeps,
  organisationId: string,
  mail: MailRow,
  error: MailError,
): Promise<void> {
  const states = { refused: 'refused', unavailable: 'pending', unknown: 'sending' } as const;
  const state = states[error.kind];
  await inScope(deps.database, organisationId, async (db) => {
    await endMailAttempt(db, mail.id, { state, failure: error.kind });
    // A server that is away for hours is told of once, not at every try.
    if (mail.attempts === 1 || state === 'refused') await append(db, organisationId, `mail.${error.kind}`, mail);
  });
}

async function append(db: Queryable, organisationId: string, kind: string, mail: MailRow): Promise<void> {
  // The audit log belongs to organisations.
  if (organisationId === OPERATOR) return;
  const detail = { mail: mail.id, note: mail.batch_id, attempts: mail.attempts, ambiguous: mail.ambiguous };
  await appendAuditEvent(db, { organisationId, kind, actor: LAZARET, detail });
}
