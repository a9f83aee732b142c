import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { createPasswords, PASSWORD_COST } from '../../api/session/passwords';
import { insertUser } from '../../db/users';
import { createSevenZipRunner } from '../../scanners/embedded/seven-zip';
import { eicar, zip } from '../scanners/samples';
import { deskOf, sha256 } from '../support/desk';
import { startLazaret } from '../support/lazaret';
import type { Lazaret } from '../support/lazaret';
import { openChromium } from './browser';
import { lastLook, look } from './look';

const PASSWORD = 'a harmless ship at anchor';
const HOSTILE = 'bill\u202efdp.com';
const original = zip([
  { name: HOSTILE, data: eicar() },
  { name: 'readme.txt', data: Buffer.from('please open the bill') },
]);

let lazaret: Lazaret;
let browser: Browser;
let ana: Page;
let ben: Page;
const complaints: string[] = [];

beforeAll(async () => {
  [lazaret, browser] = await Promise.all([startLazaret(), openChromium()]);
  const passwordHash = await createPasswords(PASSWORD_COST).hash(PASSWORD);
  for (const name of ['Ana', 'Ben']) {
    const person = { organisationId: null, role: 'analyst' as const, name, passwordHash };
    const email = `${name.toLowerCase()}@operator.example`;
    await lazaret.database.withService((db) => insertUser(db, { ...person, email }));
  }
  [ana, ben] = [await signIn('ana'), await signIn('ben')];
}, 180_000);
afterAll(async () => {
  await lastLook(ana, 'last-analyst');
  await browser.close();
  await lazaret.stop();
});

/** A window of a person's own, at the queue. */
async function signIn(name: string): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  page.setDefaultTimeout(20_000);
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(`${lazaret.apiUrl}/investigations`);
  await page.getByLabel('E-mail').fill(`${name}@operator.example`);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Investigations' }).waitFor();
  return page;
}

/** A held file about which the admin has asked. */
async function asked(name: string, bytes: Buffer): Promise<{ id: string; ticket: number }> {
  const desk = deskOf(lazaret);
  const ticket = await desk.send({ name, bytes, contentType: 'application/zip' });
  const [scan] = await desk.reach(ticket.id, 'held');
  const id = scan?.id ?? '';
  await lazaret.admin.call('POST', `/api/v1/scans/${id}/investigations`, { opinion: 'clean', reason: `ours: ${name}` });
  return { id, ticket: ticket.id };
}

/** The same file with one byte more behind it: other bytes, another question. */
const another = (number: number): Buffer => zip([{ name: `${number}.com`, data: eicar() }]);

it('leads from the queue over what the file is made of to a decision by keyboard, and gives the file back', async () => {
  const first = await asked('first.zip', original);
  const second = await asked('second.zip', another(2));
  await ana.reload();
  await ana.getByRole('link', { name: 'second.zip' }).waitFor();
  const found = await look(ana, 'queue');
  await ana.getByRole('link', { name: 'first.zip' }).click();
  await ana.getByText('You have it in hand.').waitFor();
  const part = ana.getByRole('button', { name: /bill⟨RLO⟩fdp\.com/u });
  await part.waitFor();
  expect(await part.innerText()).toMatch(/eicar/iu);
  await part.click();
  await ana.getByText(sha256(eicar())).waitFor();
  found.push(...(await look(ana, 'desk')));
  await ana.getByRole('button', { name: 'Text', exact: true }).click();
  await ana.getByText(/EICAR-STANDARD-ANTIVIRUS/u).waitFor();
  found.push(...(await look(ana, 'strings')));
  await ana.getByRole('button', { name: 'Bytes', exact: true }).click();
  await ana.getByText(/58 35 4f 21/u).waitFor();
  found.push(...(await look(ana, 'bytes')));
  await ana.keyboard.press('c');
  await ana.getByText('Releases this file in 1 ticket.').waitFor();
  found.push(...(await look(ana, 'decide')));
  await ana.keyboard.type('Our own test file.');
  await ana.keyboard.press('Enter');
  // The next one opens by itself.
  await ana.getByRole('heading', { name: 'second.zip' }).waitFor();
  await ana.getByText('You decided: Clean').waitFor();
  await deskOf(lazaret).reach(first.ticket, 'released', 'clean');
  expect(found).toEqual([]);
  expect(second.id).not.toBe('');
}, 180_000);

it('says who has an investigation in hand, and tells the second of two what the first decided', async () => {
  const { id } = await asked('both.zip', another(3));
  const { investigations } = await lazaret.analyst.call<{ investigations: { id: string; scanId: string }[] }>(
    'GET',
    '/api/v1/investigations?state=open',
  );
  const address = `${lazaret.apiUrl}/investigations/${investigations.find((one) => one.scanId === id)?.id ?? ''}`;
  await ana.goto(address);
  await ana.getByText('You have it in hand.').waitFor();
  await ben.goto(address);
  await ben.getByText('Ana has it in hand').waitFor();
  const found = await look(ben, 'taken');
  await ben.getByRole('button', { name: 'Take it over' }).click();
  await ben.getByText('You have it in hand.').waitFor();
  await ana.getByText('Ben has it in hand').waitFor();
  for (const page of [ana, ben]) await page.getByRole('button', { name: 'Suspicious (s)' }).waitFor();
  await ana.keyboard.press('m');
  await ben.keyboard.press('s');
  await ben.keyboard.type('Unusual.');
  await ana.keyboard.type('It is not ours.');
  await ana.keyboard.press('Enter');
  await ana.getByText('You decided: Malicious').waitFor();
  await ben.keyboard.press('Enter');
  await ben.getByText('Somebody else decided first: Malicious').waitFor();
  expect(await ben.getByText('It is not ours.').count()).toBeGreaterThan(0);
  found.push(...(await look(ben, 'second')));
  await ana.getByRole('button', { name: 'Take it back' }).click();
  await ana.getByText(/The verdict becomes Malicious again/u).waitFor();
  found.push(...(await look(ana, 'undo')));
  await ana.getByRole('dialog').getByRole('button', { name: 'Take it back' }).click();
  await ana.getByText('Taken back. The question is open again.').first().waitFor();
  expect(found).toEqual([]);
}, 120_000);

it('gives the original out in an archive that the shown password opens, byte for byte', async () => {
  const bytes = another(4);
  const { id } = await asked('download.zip', bytes);
  await ana.goto(`${lazaret.apiUrl}/scans/${id}/structure`);
  await ana.getByRole('button', { name: 'Download, encrypted' }).click();
  const found = await look(ana, 'download');
  const password = await ana.locator('[data-password]').innerText();
  const [download] = await Promise.all([
    ana.waitForEvent('download'),
    ana.getByRole('button', { name: 'Download', exact: true }).click(),
  ]);
  const archive = readFileSync(await download.path());
  const budget = { totalBytes: 1e6, memberBytes: 1e6, members: 10 };
  const members: string[] = [];
  await createSevenZipRunner().extract(archive, [password], budget, (run) => {
    members.push(...run.members.map(({ name, data }) => `${name} ${sha256(Buffer.from(data))}`));
    return true;
  });
  expect(members).toEqual([`${sha256(bytes)}.bin ${sha256(bytes)}`]);
  expect(found).toEqual([]);
  // Before the sign-in 401 is the answer, and 409 is that of the second of two: browsers note both as errors.
  expect(complaints.filter((line) => !/40[19]/u.test(line))).toEqual([]);
}, 120_000);
