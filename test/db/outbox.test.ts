import { randomUUID } from 'node:crypto';
import { beginMailAttempt, claimDueMails, endMailAttempt, insertMail } from '../../db/email-outbox';
import type { Queryable } from '../../db/pool';
import { openTenants } from './tenants';
import type { Tenant, Tenants } from './tenants';

let tenants: Tenants;
let one: Tenant;
beforeAll(async () => {
  tenants = await openTenants();
  one = await tenants.tenant();
});
afterAll(() => tenants.close());

const inside = <T>(work: (db: Queryable) => Promise<T>) => tenants.database.withOrganisation(one.organisationId, work);
const service = <T>(work: (db: Queryable) => Promise<T>) => tenants.database.withService(work);

const mail = (messageId: string) => ({
  organisationId: one.organisationId,
  kind: 'note',
  address: 'team@example.org',
  messageId,
  subject: 's',
  text: 't',
  html: 'h',
});

async function queued(): Promise<string> {
  const messageId = `<${randomUUID()}@lazaret.test>`;
  await inside((db) => insertMail(db, mail(messageId)));
  const sql = 'select id from email_outbox where message_id = $1';
  return (await inside((db) => db.query<{ id: string }>(sql, [messageId]))).rows[0]?.id ?? '';
}

const begin = (id: string) => inside((db) => beginMailAttempt(db, id));
const end = (id: string, outcome: Parameters<typeof endMailAttempt>[2]) =>
  inside((db) => endMailAttempt(db, id, outcome));
const row = async (id: string) =>
  (
    await inside((db) =>
      db.query(
        'select state, ambiguous, attempts, last_failure, sent_at, next_attempt_at from email_outbox where id = $1',
        [id],
      ),
    )
  ).rows[0];

describe('the outbox', () => {
  it('takes a mail once per Message-ID, also when twenty report it at the same moment', async () => {
    const messageId = `<${randomUUID()}@lazaret.test>`;
    await Promise.all(Array.from({ length: 20 }, () => inside((db) => insertMail(db, mail(messageId)))));
    const sql = 'select count(*)::int as count from email_outbox where message_id = $1';
    expect((await inside((db) => db.query(sql, [messageId]))).rows).toEqual([{ count: 1 }]);
  });

  it('ends with a mail that was sent, and begins no attempt after that', async () => {
    const id = await queued();
    expect(await begin(id)).toMatchObject({ state: 'sending', ambiguous: false, attempts: 1 });
    await end(id, { state: 'sent' });
    expect(await begin(id)).toBeUndefined();
    expect(await row(id)).toMatchObject({ state: 'sent', ambiguous: false, attempts: 1, next_attempt_at: null });
    expect((await row(id))?.['sent_at']).toBeInstanceOf(Date);
  });

  it('calls an attempt that died half-way ambiguous, keeps its Message-ID, and stays ambiguous when it is sent', async () => {
    const id = await queued();
    const first = await begin(id);
    const second = await begin(id);
    expect(second).toMatchObject({ ambiguous: true, attempts: 2, message_id: first?.message_id });
    await end(id, { state: 'sent' });
    expect(await row(id)).toMatchObject({ state: 'sent', ambiguous: true });
  });

  it('calls an attempt ambiguous whose outcome the mail server never told', async () => {
    const id = await queued();
    await begin(id);
    await end(id, { state: 'sending', failure: 'unknown' });
    expect(await row(id)).toMatchObject({ state: 'sending', ambiguous: false, last_failure: 'unknown' });
    expect(await begin(id)).toMatchObject({ ambiguous: true, attempts: 2 });
  });

  it('does not call a mail ambiguous that surely was not sent', async () => {
    const id = await queued();
    await begin(id);
    await end(id, { state: 'pending', failure: 'unavailable' });
    expect(await begin(id)).toMatchObject({ ambiguous: false, attempts: 2 });
  });

  it('gives a refused mail up, with its reason', async () => {
    const id = await queued();
    await begin(id);
    await end(id, { state: 'refused', failure: 'refused' });
    expect(await begin(id)).toBeUndefined();
    expect(await row(id)).toMatchObject({ state: 'refused', last_failure: 'refused', next_attempt_at: null });
  });

  it('lets due mails be claimed once at a time, open ones again after the lease, ended ones never', async () => {
    await service((db) => db.query('update email_outbox set next_attempt_at = null'));
    const [sent, open] = [await queued(), await queued()];
    const claim = async () => (await service((db) => claimDueMails(db, 10, 300))).map((due) => due.id);
    const claims = await Promise.all([claim(), claim()]);
    expect(claims.flat().sort()).toEqual([sent, open].sort());
    for (const id of [sent, open]) await begin(id);
    await end(sent, { state: 'sent' });
    await end(open, { state: 'pending', failure: 'unavailable' });
    expect(await claim()).toEqual([]);
    await service((db) =>
      db.query(`update email_outbox set next_attempt_at = next_attempt_at - interval '301 seconds'`),
    );
    expect(await claim()).toEqual([open]);
  });
});
