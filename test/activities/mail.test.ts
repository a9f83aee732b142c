import { randomBytes } from 'node:crypto';
import type { ActivityDeps } from '../../activities/deps';
import { deliverMail } from '../../activities/mail';
import { queueSignInMail } from '../../api/session/mails';
import { openDatabase } from '../../db/pool';
import type { Database } from '../../db/pool';
import { OPERATOR } from '../../domain/ids';
import { linkWith, PASSWORD_RESET_PAGE } from '../../domain/sign-in';
import { passwordResetMail } from '../../domain/sign-in-mails';
import { createMailer } from '../../email/mailer';
import type { Mailer } from '../../email/mailer';
import { startMailInbox } from '../../embedded/mail-inbox';
import type { MailInbox } from '../../embedded/mail-inbox';
import { createSecretBox } from '../../quarantine/index';
import { createTestDatabase } from '../support/postgres';

const secretBox = createSecretBox({ currentId: 'k', keys: { k: randomBytes(32) } });
const publicUrl = 'https://lazaret.example';
let created: Awaited<ReturnType<typeof createTestDatabase>>;
let database: Database;
let inbox: MailInbox;
let mailer: Mailer;

beforeAll(async () => {
  created = await createTestDatabase();
  database = openDatabase(created.appUrl, { size: 2 });
  inbox = await startMailInbox({ smtpPort: 0, httpPort: 0 });
  mailer = createMailer({ url: inbox.smtpUrl, from: 'Lazaret <lazaret@lazaret.example>' });
});
afterAll(async () => {
  await mailer.close();
  await inbox.stop();
  await database.close();
  await created.drop();
});

const rowOf = (address: string) =>
  database.withService(async (db) => {
    const sql = 'select id, state, sealed_link as link, text || html as said from email_outbox where address = $1';
    return (await db.query<{ id: string; state: string; link: Buffer | null; said: string }>(sql, [address])).rows[0];
  });

it('opens the sealed link of a mail when it is sent, and forgets it afterwards', async () => {
  const [address, token] = ['sam@operator.example', 'T'.repeat(43)];
  const link = linkWith(publicUrl, PASSWORD_RESET_PAGE, token);
  const to = { address, organisationId: null };
  await database.withService((db) => queueSignInMail({ secretBox, publicUrl }, db, to, passwordResetMail(), link));
  const queued = await rowOf(address);
  expect(queued?.link).toBeInstanceOf(Buffer);
  expect(queued?.said).not.toContain(token);

  await deliverMail({ database, mailer, secretBox } as unknown as ActivityDeps, {
    organisationId: OPERATOR,
    outboxId: queued?.id ?? '',
  });
  const [mail] = await inbox.messages();
  expect(mail?.to).toEqual([address]);
  expect(mail?.text).toContain(link);
  expect(mail?.html).toContain(`href="${link}"`);
  expect(await rowOf(address)).toMatchObject({ state: 'sent', link: null });
});
