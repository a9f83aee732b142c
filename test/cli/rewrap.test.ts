import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openCommentText, sealCommentText } from '../../db/comment-seal';
import { insertCommentText, readCommentText } from '../../db/comment-texts';
import { keepOrganisationKey } from '../../db/organisation-keys';
import { sealedTextContext } from '../../db/sealed-texts';
import { sealedSignInContext } from '../../db/sealed-sign-ins';
import { openSecret, sealSecret } from '../../db/connection-secrets';
import { lockObject, readObject, recordSeal } from '../../db/objects';
import { insertMail } from '../../db/email-outbox';
import { insertUser, saveTotpSecret } from '../../db/users';
import { openDatabase } from '../../db/pool';
import type { Database } from '../../db/pool';
import { createFileSealedStore, createSecretBox } from '../../quarantine/index';
import { createTestDatabase } from '../support/postgres';
import type { TestDatabase } from '../support/postgres';

const run = promisify(execFile);
const script = join(__dirname, '../../dist/cli/rewrap.js');
const [oldKey, newKey] = [randomBytes(32), randomBytes(32)];
const onlyNew = { currentId: 'new', keys: { new: newKey } };
const text = (id: string, key: Buffer): string => `${id}:${key.toString('base64')}`;

let testDatabase: TestDatabase;
let database: Database;
let directory: string;
beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = openDatabase(testDatabase.appUrl, { size: 2 });
  directory = mkdtempSync(join(tmpdir(), 'lazaret-rewrap-'));
}, 60_000);
afterAll(async () => {
  await database.close();
  await testDatabase.drop();
  rmSync(directory, { recursive: true });
});

const rewrap = (...keys: string[]) =>
  run(process.execPath, [script], {
    env: { DATABASE_URL: testDatabase.appUrl, LAZARET_SEALED_DIR: directory, LAZARET_MASTER_KEYS: keys.join(',') },
  });

test('after a rewrap the new master key alone opens files and secrets', async () => {
  const before = { currentId: 'old', keys: { old: oldKey } };
  const { organisationId, connectionId } = await database.withService(async (db) => {
    const made = await db.query<{ id: string }>("insert into organisations (name) values ('A') returning id");
    const organisation = made.rows[0]?.id ?? '';
    const sql = `insert into connections (organisation_id, subdomain, state, oauth_client) values ($1, 'a', 'connected', '{}') returning id`;
    const connection = await db.query<{ id: string }>(sql, [organisation]);
    return { organisationId: organisation, connectionId: connection.rows[0]?.id ?? '' };
  });
  const ref = { organisationId, connectionId };
  const comment = { ...ref, ticketId: '1', commentId: '2' };
  const sealed = await sealSecret(createSecretBox(before), ref, 'access_token', 'token-1');
  const store = createFileSealedStore({ directory, masterKeys: before });
  const writer = store.begin(organisationId);
  await new Promise<void>((resolve) => writer.sink.end(Buffer.from('the bytes'), resolve));
  const written = writer.written();
  if (!written) throw new Error('the sink has not finished');
  const seal = await writer.commit(written);
  await database.withOrganisation(organisationId, async (db) => {
    await db.query('update connections set access_token = $2 where id = $1', [connectionId, sealed]);
    await lockObject(db, organisationId, seal.sha256, seal.length);
    await recordSeal(db, seal);
    const key = await createSecretBox(before).seal('k', sealedTextContext('organisation_key', comment));
    await keepOrganisationKey(db, organisationId, key);
    const words = await sealCommentText(createSecretBox(before), comment, { text: 'words' });
    await insertCommentText(db, { ...comment, foundBy: 'event', sealed: words, mayHoldPasswords: false });
  });

  const { stdout } = await rewrap(text('new', newKey), text('old', oldKey));
  expect(stdout).toContain('sealed files: 1 rewrapped, 0 left');
  expect(stdout).toContain('secrets: 3 rewrapped, 0 left');

  const object = await database.withOrganisation(organisationId, (db) => readObject(db, organisationId, seal.sha256));
  expect(object?.master_key_id).toBe('new');
  const after = createFileSealedStore({ directory, masterKeys: onlyNew });
  await after.verify({ ...seal, masterKeyId: 'new' });
  const { rows } = await database.withOrganisation(organisationId, (db) =>
    db.query<{ access_token: Buffer }>('select access_token from connections where id = $1', [connectionId]),
  );
  const stored = rows[0]?.access_token ?? Buffer.alloc(0);
  expect(await openSecret(createSecretBox(onlyNew), ref, 'access_token', stored)).toBe('token-1');
  const kept = await database.withOrganisation(organisationId, (db) => readCommentText(db, comment));
  const words = await openCommentText(createSecretBox(onlyNew), comment, kept?.sealed ?? Buffer.alloc(0));
  expect(words).toEqual({ text: 'words' });
  expect((await rewrap(text('new', newKey))).stdout).toContain('sealed files: 0 rewrapped, 0 left');
}, 60_000);

test('a rewrap takes authenticators and links of unsent mails along', async () => {
  const before = createSecretBox({ currentId: 'old', keys: { old: oldKey } });
  const mail = '<m1@lazaret.test>';
  const link = await before.seal('https://lazaret.test/#t', sealedSignInContext('mail_link', mail));
  const userId = await database.withService(async (db) => {
    const person = { organisationId: null, role: 'support', email: 'a@b.example', name: 'A' } as const;
    const id = (await insertUser(db, { ...person, passwordHash: null }))?.id ?? '';
    await saveTotpSecret(db, id, await before.seal('ABC', sealedSignInContext('totp_secret', id)));
    const words = { subject: 's', text: 't', html: 'h' };
    const to = { organisationId: null, kind: 'invitation', address: 'a@b.example' };
    await insertMail(db, { ...to, ...words, messageId: mail, sealedLink: link });
    return id;
  });
  expect((await rewrap(text('new', newKey), text('old', oldKey))).stdout).toContain('secrets: 2 rewrapped, 0 left');
  const { rows } = await database.withService((db) =>
    db.query<{ secret: Buffer; link: Buffer }>(
      'select totp_secret as secret, (select sealed_link from email_outbox) as link from users',
    ),
  );
  const after = createSecretBox(onlyNew);
  const [row = { secret: Buffer.alloc(0), link: Buffer.alloc(0) }] = rows;
  expect(String(await after.open(row.secret, sealedSignInContext('totp_secret', userId)))).toBe('ABC');
  expect(String(await after.open(row.link, sealedSignInContext('mail_link', mail)))).toBe('https://lazaret.test/#t');
}, 60_000);

test('a rewrap without the old key says that it cannot and changes nothing', async () => {
  await expect(rewrap(text('third', randomBytes(32)))).rejects.toMatchObject({ code: 1 });
});
