import { randomUUID } from 'node:crypto';
import { insertMail } from '../../db/email-outbox';
import type { Queryable } from '../../db/pool';
import { sealedSignInContext } from '../../db/sealed-sign-ins';
import type { SignInMail } from '../../domain/sign-in-mails';
import type { SignInDeps } from './deps';

/** Puts a mail about an account into the outbox; `link` is sealed for this mail alone. */
export async function queueSignInMail(
  deps: Pick<SignInDeps, 'publicUrl' | 'secretBox'>,
  db: Queryable,
  to: { address: string; organisationId: string | null },
  mail: SignInMail,
  link?: string,
): Promise<void> {
  const messageId = `<${mail.kind}.${randomUUID()}@${new URL(deps.publicUrl).hostname}>`;
  const sealedLink =
    link === undefined ? null : await deps.secretBox.seal(link, sealedSignInContext('mail_link', messageId));
  const { kind, subject, text, html } = mail;
  await insertMail(db, { ...to, kind, messageId, subject, text, html, sealedLink });
}
