import type { Queryable } from './pool';

export interface NewMail {
  /** null: to one of the operator's own people. */
  organisationId: string | null;
  batchId?: string;
  kind: string;
  address: string;
  messageId: string;
  subject: string;
  text: string;
  html: string;
  /** Link that opens an account, for the place that text and HTML leave; forgotten once the mail has left. */
  sealedLink?: Buffer | null;
}

/** Puts a mail into the outbox, once per Message-ID. */
export async function insertMail(db: Queryable, mail: NewMail): Promise<void> {
  await db.query(
    `insert into email_outbox (organisation_id, batch_id, kind, address, message_id, subject, text, html, sealed_link)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (message_id) do nothing`,
    [
      mail.organisationId,
      mail.batchId ?? null,
      mail.kind,
      mail.address,
      mail.messageId,
      mail.subject,
      mail.text,
      mail.html,
      mail.sealedLink ?? null,
    ],
  );
}

export interface MailRow {
  id: string;
  organisation_id: string | null;
  batch_id: string | null;
  address: string;
  message_id: string;
  subject: string;
  text: string;
  html: string;
  sealed_link: Buffer | null;
  state: 'pending' | 'sending' | 'sent' | 'refused';
  ambiguous: boolean;
  attempts: number;
}

/**
 * Announces an attempt. A row found `sending` had an attempt whose outcome nobody knows: it becomes `ambiguous`, and the
 * repetition carries the same Message-ID. Undefined when the mail needs no attempt any more.
 */
export async function beginMailAttempt(db: Queryable, id: string): Promise<MailRow | undefined> {
  const { rows } = await db.query<MailRow>(
    `update email_outbox set ambiguous = ambiguous or state = 'sending', state = 'sending', attempts = attempts + 1
     where id = $1 and state in ('pending', 'sending')
     returning id, organisation_id, batch_id, address, message_id, subject, text, html, sealed_link,
       state, ambiguous, attempts`,
    [id],
  );
  return rows[0];
}

export type MailOutcome =
  | { state: 'sent' }
  | { state: 'refused'; failure: string }
  | { state: 'pending'; failure: string }
  | { state: 'sending'; failure: string };

/** Ends an attempt: `pending` when it surely was not sent, `sending` when nobody knows. */
export async function endMailAttempt(db: Queryable, id: string, outcome: MailOutcome): Promise<void> {
  const open = outcome.state === 'pending' || outcome.state === 'sending';
  await db.query(
    `update email_outbox set state = $2, last_failure = $3, sent_at = case when $2 = 'sent' then now() end,
       next_attempt_at = case when $4 then next_attempt_at end,
       sealed_link = case when $4 then sealed_link end where id = $1 and state = 'sending'`,
    [id, outcome.state, outcome.state === 'sent' ? null : outcome.failure, open],
  );
}

export async function claimDueMails(
  db: Queryable,
  limit: number,
  leaseSeconds: number,
): Promise<{ id: string; organisation_id: string | null }[]> {
  const { rows } = await db.query<{ id: string; organisation_id: string | null }>(
    `update email_outbox set next_attempt_at = now() + $2::int * interval '1 second'
     where id in (select id from email_outbox where next_attempt_at <= now() order by next_attempt_at limit $1 for update skip locked)
     returning id, organisation_id`,
    [limit, leaseSeconds],
  );
  return rows;
}

/** Brings a claimed mail forward, after Temporal did not take it. */
export async function postponeMail(db: Queryable, id: string, seconds: number): Promise<void> {
  await db.query(
    `update email_outbox set next_attempt_at = least(next_attempt_at, now() + $2::int * interval '1 second') where id = $1`,
    [id, seconds],
  );
}

/** Test mails of an organisation since a time; whoever counts next waits until this transaction has ended. */
export async function countTestMails(db: Queryable, organisationId: string, since: Date): Promise<number> {
  await db.query(`select pg_advisory_xact_lock(hashtextextended('test mails of ' || $1::text, 0))`, [organisationId]);
  const sql = `select count(*)::int as count from email_outbox where organisation_id = $1 and kind = 'test' and created_at >= $2`;
  return (await db.query<{ count: number }>(sql, [organisationId, since])).rows[0]?.count ?? 0;
}
