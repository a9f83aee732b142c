import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, FrameLocator, Page } from 'playwright-core';
import { deskOf } from '../support/desk';
import { appClaims, newAppKey, signApp } from '../support/app-tokens';
import { startLazaret } from '../support/lazaret';
import type { Lazaret } from '../support/lazaret';
import { openChromium } from './browser';

const SCREENSHOTS = process.env['LAZARET_SCREENSHOTS'] ?? join(__dirname, '../../.lazaret/screenshots');
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const FRAMEWORK = 'https://static.zdassets.com/**';
/** Zendesk's pages load apps over https only; what is asked here goes to the API of the test. */
const LAZARET = 'https://lazaret.example';
const key = newAppKey();
const eicar = Buffer.from(
  ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD', '-ANTIVIRUS-TEST-FILE!$H+H*'].join(''),
  'latin1',
);

let lazaret: Lazaret;
let browser: Browser;
let page: Page;
let subdomain: string;
let ticketId: number;
let userId: string;
const complaints: string[] = [];

beforeAll(async () => {
  mkdirSync(SCREENSHOTS, { recursive: true });
  [lazaret, browser] = await Promise.all([startLazaret(), openChromium()]);
  const { admin, organisationId } = lazaret;
  const zendesk = `/api/v1/organisations/${organisationId}/channels/zendesk`;
  subdomain = (await admin.call<{ subdomain: string }>('GET', `${zendesk}/connection`)).subdomain;
  await admin.call('PUT', `${zendesk}/app`, { installationId: '4711', publicKey: key.publicKey });
  const desk = deskOf(lazaret);
  const file = { name: 'invoice\u202ecod.<img src=x onerror=alert(1)>.pdf', bytes: eicar };
  const ticket = await desk.send({ ...file, contentType: 'application/pdf' });
  ticketId = ticket.id;
  await desk.reach(ticketId, 'held');
  const { user } = await lazaret.agent.api<{ user: { id: number } }>('GET', '/api/v2/users/me');
  userId = String(user.id);
  page = await (await browser.newContext({ viewport: { width: 300, height: 700 } })).newPage();
  page.setDefaultTimeout(15_000);
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
}, 120_000);
afterAll(async () => {
  await browser.close();
  await lazaret.stop();
});

/** What Zendesk's page does: it posts the signed token into a frame, and its framework tells which ticket is on display. */
async function openTicket(host: string, id = ticketId): Promise<FrameLocator> {
  const token = signApp(appClaims({ subdomain, installationId: '4711' }, userId), key);
  const html = `<!doctype html><html lang="en"><title>Ticket</title><main><h1>Ticket</h1>
    <form method="post" target="app" action="${LAZARET}/app/sidebar?origin=${host}&app_guid=g">
    <input type="hidden" name="token" value="${token}"></form><iframe name="app" title="Lazaret" width="280" height="600"></iframe>
    </main><script>document.forms[0].submit()</script></html>`;
  const framework = `window.ZAFClient = { init: () => ({ on() {}, invoke: async () => {}, get: async () => ({ 'ticket.id': ${id} }) }) };`;
  await page.unrouteAll();
  await page.route(`${host}/**`, (route) => route.fulfill({ contentType: 'text/html', body: html }));
  await page.route(`${LAZARET}/**`, async (route) => {
    const asked = new URL(route.request().url());
    await route.fulfill({ response: await route.fetch({ url: `${lazaret.apiUrl}${asked.pathname}${asked.search}` }) });
  });
  await page.route(FRAMEWORK, (route) => route.fulfill({ contentType: 'text/javascript', body: framework }));
  await page.goto(`${host}/agent/tickets/${id}`);
  return page.frameLocator('iframe');
}

const inside = () => page.frames().find((one) => one.url().includes('/app/sidebar'));

/** Violations that axe finds in the frame, in both appearances. */
async function look(name: string): Promise<string[]> {
  const frame = inside();
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: join(SCREENSHOTS, `${name}-${colorScheme}.png`) });
    await frame?.evaluate(AXE);
    const violations = await frame?.evaluate(async () => {
      const { axe } = globalThis as unknown as {
        axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
      };
      return (await axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
    });
    found.push(...(violations ?? ['no frame']));
  }
  return found;
}

it('shows the files of a ticket in its sidebar, takes a request for an investigation, and shows the answer by itself', async () => {
  const frame = await openTicket(`https://${subdomain}.zendesk.com`);
  await frame.getByText('Malicious', { exact: true }).waitFor();
  expect(await frame.locator('.name').innerText()).toBe('invoice⟨RLO⟩cod.<img src=x onerror=alert(1)>.pdf');
  expect(await frame.locator('img').count()).toBe(0);
  expect(await frame.getByText('kept in quarantine').count()).toBe(1);
  expect(await frame.locator('body').getAttribute('data-bearer')).toBeNull();
  const wide = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
  expect(await inside()?.evaluate<number>(wide)).toBe(0);
  const found = await look('sidebar');

  await frame.getByRole('button', { name: /Request an investigation/u }).click();
  await frame.getByRole('button', { name: 'Send' }).click();
  await frame.getByRole('alert').getByText('Write a sentence').waitFor();
  found.push(...(await look('sidebar-request')));
  await frame.getByLabel('Clean').check();
  await frame.getByLabel('Why?').fill('Our own test file.');
  await frame.getByRole('button', { name: 'Send' }).click();
  await frame.getByText('Analysts were asked to look again.').waitFor();

  const [scan] = await deskOf(lazaret).reach(ticketId, 'held');
  if (!scan) throw new Error('the scan is gone');
  await deskOf(lazaret).decide(scan, 'malicious');
  await frame.getByText('Analysts: Malicious. Looked at.').waitFor();
  expect(found).toEqual([]);
  expect(complaints).toEqual([]);
}, 60_000);

it('says one sentence for a ticket that the agent may not see', async () => {
  const frame = await openTicket(`https://${subdomain}.zendesk.com`, 99_999_999);
  await frame.getByText('There is nothing to show for this ticket.').waitFor();
});

it('is shown in no frame of anybody else', async () => {
  complaints.length = 0;
  await openTicket('https://evil.zendesk.com');
  await expect(page.frameLocator('iframe').getByText('Malicious').waitFor({ timeout: 2000 })).rejects.toThrow();
  expect(complaints.join()).toContain('frame-ancestors');
});
