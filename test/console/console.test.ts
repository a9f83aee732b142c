import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { createPasswords, PASSWORD_COST } from '../../api/session/passwords';
import { insertUser } from '../../db/users';
import { until } from '../../embedded/lazaret-client';
import { deskOf } from '../support/desk';
import { startLazaret } from '../support/lazaret';
import type { Lazaret } from '../support/lazaret';
import { openChromium } from './browser';

const SCREENSHOTS = process.env['LAZARET_SCREENSHOTS'] ?? join(__dirname, '../../.lazaret/screenshots');
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const HOSTILE = 'invoice\u202ecod.<img src=x onerror=alert(1)>.pdf';
const eicar = Buffer.from(
  ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD', '-ANTIVIRUS-TEST-FILE!$H+H*'].join(''),
  'latin1',
);

let lazaret: Lazaret;
let browser: Browser;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  mkdirSync(SCREENSHOTS, { recursive: true });
  [lazaret, browser] = await Promise.all([startLazaret(), openChromium()]);
  const passwordHash = await createPasswords(PASSWORD_COST).hash('a harmless ship at anchor');
  const person = { organisationId: lazaret.organisationId, role: 'admin' as const, name: 'Ada' };
  await lazaret.database.withService((db) => insertUser(db, { ...person, email: 'ada@acme.example', passwordHash }));
  page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  page.setDefaultTimeout(10_000);
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
}, 120_000);
afterAll(async () => {
  await page.screenshot({ path: join(SCREENSHOTS, 'last.png') });
  await browser.close();
  await lazaret.stop();
});

/** Takes a picture in both appearances and asks axe about each; returns what axe found. */
async function look(name: string): Promise<string[]> {
  const found: string[] = [];
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await until(`${name} in ${scheme} colours`, async () => {
      // A string, for the types of browsers are not those of tests.
      const red = await page.evaluate<number>('Number(/[0-9]+/.exec(getComputedStyle(document.body).color)[0])');
      return red > 128 === (scheme === 'dark') ? true : undefined;
    });
    await page.screenshot({ path: join(SCREENSHOTS, `${name}-${scheme}.png`), fullPage: true });
    // Evaluated by the debugger, which the content security policy of the page does not bind.
    await page.evaluate(AXE);
    const violations = await page.evaluate(async () => {
      const { axe } = globalThis as unknown as {
        axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
      };
      return (await axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
    });
    found.push(...violations.map((violation) => `${name}, ${scheme}: ${violation}`));
  }
  return found;
}

it('leads from a deep link over the sign-in to the scan, and asks for an investigation', async () => {
  const desk = deskOf(lazaret);
  const ticket = await desk.send({ name: HOSTILE, bytes: eicar, contentType: 'application/pdf' });
  const [scan] = await desk.reach(ticket.id, 'held');
  await page.goto(`${lazaret.apiUrl}/scans?verdict=malicious`);
  await page.getByLabel('E-mail').waitFor();
  const found = await look('sign-in');
  await page.getByLabel('E-mail').fill('ada@acme.example');
  await page.getByLabel('Password').fill('a harmless ship at anchor');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('link', { name: /invoice/u }).waitFor();
  expect(page.url()).toContain('/scans?verdict=malicious');
  expect(await page.locator('tbody').innerText()).toContain('invoice⟨RLO⟩cod');
  expect(await page.locator('img[src="x"]').count()).toBe(0);
  found.push(...(await look('scans')));
  await page.getByRole('link', { name: /invoice/u }).click();
  await page.getByRole('heading', { name: 'Findings' }).waitFor();
  expect(page.url()).toContain(`/scans/${scan?.id ?? ''}`);
  found.push(...(await look('scan')));
  await page.getByRole('button', { name: 'Request investigation' }).click();
  found.push(...(await look('investigate')));
  await page.getByLabel('Why?').fill('It is our own test file.');
  await page.getByRole('button', { name: 'Send the request' }).click();
  await page.getByText('An investigation is open').waitFor();
  await page.getByRole('link', { name: 'Investigations' }).click();
  await page.getByText('It is our own test file.').waitFor();
  found.push(...(await look('investigations')));
  await page.getByRole('link', { name: 'Bundles and Channels' }).click();
  await page.getByRole('link', { name: 'Verify' }).waitFor();
  found.push(...(await look('channels')));
  await page.getByRole('link', { name: 'Verify' }).click();
  await page.getByRole('heading', { name: 'Parts at Zendesk' }).waitFor();
  found.push(...(await look('connection')));
  await page.goto(`${lazaret.apiUrl}/account/channels/zendesk/activate`);
  await page.getByRole('button', { name: 'Continue at Zendesk' }).waitFor();
  found.push(...(await look('activate')));
  expect(found).toEqual([]);
  // The question who is signed in is answered by 401 before the sign-in, which browsers note as an error.
  expect(complaints.filter((line) => !line.includes('401'))).toEqual([]);
}, 120_000);
