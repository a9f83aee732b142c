import type { Browser, Page } from 'playwright-core';
import { TOTP } from 'otpauth';
import sharp from 'sharp';
import { createPasswords, PASSWORD_COST } from '../../api/session/passwords';
import { insertUser } from '../../db/users';
import type { Role } from '../../domain/words';
import { until } from '../../embedded/lazaret-client';
import { readCodes } from '../../scanners/embedded/images/codes';
import { startLazaret } from '../support/lazaret';
import type { Lazaret } from '../support/lazaret';
import { openChromium, signInAt } from './browser';
import { lastLook, look, untilColours } from './look';

const PASSWORD = 'a harmless ship at anchor';
const NEXT = 'Kieselweg im Juniregen 7';
const SUBDOMAIN = 'nova';

interface Account {
  admin: { email: string; password: string };
  clients: { identifier: string; secret: string }[];
}

let lazaret: Lazaret;
let browser: Browser;
let page: Page;
let nova: string;
let account: Account;
const complaints: string[] = [];
const found: string[] = [];

beforeAll(async () => {
  const env = { LAZARET_SUPPORT_ADDRESS: 'help@operator.example' };
  [lazaret, browser] = await Promise.all([startLazaret({ env }), openChromium()]);
  nova = (await lazaret.support.call<{ id: string }>('POST', '/api/v1/organisations', { name: 'Nova' })).id;
  const passwordHash = await createPasswords(PASSWORD_COST).hash(PASSWORD);
  const add = (role: Role, email: string, organisationId: string | null) =>
    lazaret.database.withService((db) => insertUser(db, { organisationId, role, email, name: role, passwordHash }));
  await add('admin', 'admin@nova.example', nova);
  await add('support', 'support@operator.example', null);
  const response = await fetch(`${lazaret.simulator.url}/_simulator/accounts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      subdomain: SUBDOMAIN,
      plan: 'enterprise',
      clients: [{ identifier: 'own', name: 'Lazaret', redirectUris: [`${lazaret.apiUrl}/oauth/zendesk/callback`] }],
    }),
  });
  account = ((await response.json()) as { account: Account }).account;
  page = await newPage();
}, 120_000);
afterAll(async () => {
  await lastLook(page, 'last-account');
  await browser.close();
  await lazaret.stop();
});
afterEach(() => {
  expect(found.splice(0)).toEqual([]);
  // Refusals that a test provokes are answers, which browsers note as errors.
  expect(complaints.splice(0).filter((line) => !/\b(401|403|404|409|422)\b/u.test(line))).toEqual([]);
});

/** A browser of its own, without cookies of others. */
async function newPage(): Promise<Page> {
  const made = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  made.setDefaultTimeout(10_000);
  made.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  made.on('pageerror', (error) => complaints.push(error.message));
  return made;
}

/** Enters the OAuth client of the account in the form of an activation. */
async function useOwnClient(): Promise<void> {
  await page.getByText('Use an OAuth client of the account').click();
  await page.getByLabel('Unique identifier').fill(account.clients[0]?.identifier ?? '');
  await page.getByLabel('Secret').fill(account.clients[0]?.secret ?? '');
}

/** Goes on from the form of an activation. */
async function goToZendesk(subdomain: string): Promise<void> {
  await page.getByLabel('Sub-domain of your Zendesk account').fill(subdomain);
  await page.getByRole('button', { name: 'Continue at Zendesk' }).click();
}

describe('an activation', () => {
  it('is not offered outside of the bundle: the card says whom to ask', async () => {
    await signInAt(page, `${lazaret.apiUrl}/account/channels`, 'admin@nova.example', PASSWORD);
    await page.getByText('Not in your bundle.').waitFor();
    expect(await page.getByRole('link', { name: 'help@operator.example' }).getAttribute('href')).toBe(
      'mailto:help@operator.example',
    );
    found.push(...(await look(page, 'channel-outside')));
    const { bundles } = await lazaret.support.call<{ bundles: { id: string }[] }>('GET', '/api/v1/bundles');
    await lazaret.support.call('PUT', `/api/v1/organisations/${nova}/bundles/${bundles[0]?.id ?? ''}`, {});
    await page.getByRole('link', { name: 'Activate' }).click();
  }, 60_000);

  it('says what is wrong with a sub-domain, and understands a pasted address', async () => {
    await useOwnClient();
    await goToZendesk('https://nova.example.com');
    await page
      .getByText(/zendesk\.com/u)
      .filter({ hasText: 'expected' })
      .or(page.getByRole('alert'))
      .first()
      .waitFor();
    found.push(...(await look(page, 'activate-refused')));
    await goToZendesk('https://nova.zendesk.com/agent/dashboard?x=1');
    await page.getByLabel('E-mail').fill(account.admin.email);
    await page.getByLabel('Password').fill(account.admin.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Allow' }).click();
  }, 60_000);

  it('asks once more, ticks its steps in the console, and leads on from there', async () => {
    await page.getByRole('heading', { name: 'Connect this Zendesk account?' }).waitFor();
    expect(await page.locator('dl').innerText()).toContain('nova.zendesk.com');
    found.push(...(await look(page, 'activation-question')));
    await page.getByRole('button', { name: 'Connect', exact: true }).click();
    await page.getByRole('heading', { name: 'Zendesk is connected' }).waitFor({ timeout: 30_000 });
    expect(page.url()).toBe(`${lazaret.apiUrl}/account/channels/zendesk/activation`);
    expect(await page.getByText(/done in/u).count()).toBe(6);
    found.push(...(await look(page, 'activation-done')));
    await page.getByRole('link', { name: 'Verify the connection' }).click();
    await page.getByText('A test event that Zendesk was asked for came back').waitFor();
    const hrefs = await page
      .getByRole('link', { name: /Open in Admin Center/u })
      .evaluateAll((links) => links.map((link) => (link as unknown as { href: string }).href));
    expect(hrefs.map((href) => href.replace(/\/[\w-]+(\/details)?$/u, '/ID$1')).toSorted()).toEqual([
      'https://nova.zendesk.com/admin/apps-integrations/actions-webhooks/webhooks/ID/details',
      'https://nova.zendesk.com/admin/apps-integrations/actions-webhooks/webhooks/ID/details',
      'https://nova.zendesk.com/admin/objects-rules/rules/triggers/ID',
    ]);
    found.push(...(await look(page, 'verify')));
  }, 90_000);

  it('leads back into the console when the person declines at Zendesk', async () => {
    await page.goto(`${lazaret.apiUrl}/account/channels/zendesk/activate?subdomain=nova`);
    await useOwnClient();
    await page.getByRole('button', { name: 'Continue at Zendesk' }).click();
    await page.getByRole('button', { name: 'Deny' }).click();
    await page.getByText('Access was declined').waitFor();
    found.push(...(await look(page, 'activation-declined')));
    await page.getByRole('link', { name: 'Start again in Lazaret' }).click();
    await page.getByRole('heading', { name: 'Activate Zendesk' }).waitFor();
  }, 60_000);

  it('is marked as verified by support, who chose the organisation at the top; its admins get a mail', async () => {
    const support = await newPage();
    await signInAt(support, `${lazaret.apiUrl}/account/channels/zendesk`, 'support@operator.example', PASSWORD);
    await support.getByText('Choose an organisation at the top').waitFor();
    await support.getByLabel('Organisation').selectOption({ label: 'Nova' });
    await support.getByRole('button', { name: 'Mark as verified' }).click();
    await support.getByText('Not verified yet').waitFor({ state: 'detached' });
    found.push(...(await look(support, 'organisation-switch')));
    await support.getByRole('link', { name: 'Users' }).click();
    await support.getByText('admin@nova.example').waitFor();
    expect(support.url()).toContain(`organisation=${nova}`);
    const mail = await until('the mail to the admin', async () =>
      (await lazaret.inbox.messages()).find((one) => one.to.includes('admin@nova.example')),
    );
    expect(mail.subject).toContain('Connection verified');
    const { auditEvents } = await lazaret.support.call<{ auditEvents: { kind: string }[] }>(
      'GET',
      `/api/v1/audit-events?organisation=${nova}&limit=200`,
    );
    expect(auditEvents.map((event) => event.kind)).toContain('organisation.crossed');
    await support.context().close();
  }, 60_000);
});

describe('users', () => {
  it('are invited by mail, accept with a password, and see what their role allows', async () => {
    await page.goto(`${lazaret.apiUrl}/account/users`);
    await page.getByRole('button', { name: 'Invite' }).click();
    await page.getByRole('button', { name: 'Send the invitation' }).click();
    await page.getByText('Enter the e-mail address.').waitFor();
    await page.getByLabel('E-mail').fill('vito@nova.example');
    found.push(...(await look(page, 'invite')));
    await page.getByRole('button', { name: 'Send the invitation' }).click();
    await page.getByRole('button', { name: 'Send the invitation of vito@nova.example again' }).click();
    const link = await until('two invitations', async () => {
      const mails = (await lazaret.inbox.messages()).filter((one) => one.to.includes('vito@nova.example'));
      return mails.length === 2 ? /http\S+#[\w-]{43}/u.exec(mails[1]?.text ?? '')?.[0] : undefined;
    });
    const viewer = await newPage();
    await viewer.goto(link);
    await viewer.getByLabel('Name').fill('Vito');
    await viewer.getByLabel('Password').fill(NEXT);
    found.push(...(await look(viewer, 'accept-invitation')));
    await viewer.getByRole('button', { name: 'Save' }).click();
    await viewer.getByText('You can sign in now').waitFor();
    await signInAt(viewer, `${lazaret.apiUrl}/account/channels`, 'vito@nova.example', NEXT);
    await viewer.getByRole('link', { name: 'Verify' }).waitFor();
    const rail = await viewer.getByRole('navigation', { name: 'Main' }).innerText();
    expect([rail.includes('Users'), rail.includes('API keys'), rail.includes('Scans')]).toEqual([false, false, true]);
    expect(await viewer.getByRole('link', { name: 'Activate' }).count()).toBe(0);
    await viewer.goto(`${lazaret.apiUrl}/account/users`);
    await viewer.getByText('This needs the role admin or support.').waitFor();
    await viewer.context().close();
  }, 90_000);

  it('change role, and are shut out at once; the last admin stays', async () => {
    await page.reload();
    await page.getByRole('button', { name: 'Change Vito' }).click();
    await page.getByText('May sign in').click();
    await page.getByRole('dialog').getByText('Admin', { exact: true }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    const row = page.getByRole('row', { name: /Vito/u });
    await row.getByText('Deactivated').waitFor();
    expect(await row.innerText()).toContain('Admin');
    await page.getByRole('button', { name: 'Change admin' }).click();
    await page.getByRole('dialog').getByText('Viewer', { exact: true }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('This is the last admin.').waitFor();
    found.push(...(await look(page, 'change-user')));
    await page.getByRole('button', { name: 'Cancel' }).click();
    found.push(...(await look(page, 'users')));
  }, 60_000);
});

it('makes an API key that is shown once and works until it is revoked', async () => {
  await page.getByRole('link', { name: 'API keys' }).click();
  await page.getByText('No API key yet').waitFor();
  await page.getByRole('button', { name: 'Make an API key' }).click();
  await page.getByRole('button', { name: 'Make the key' }).click();
  await page.getByText('Enter a name.').waitFor();
  await page.getByLabel('Name', { exact: true }).fill('nightly report');
  await page.getByRole('button', { name: 'Make the key' }).click();
  const key = await page.getByTestId('api-key').innerText();
  found.push(...(await look(page, 'api-key-once')));
  await page.getByRole('button', { name: 'I have kept it' }).click();
  const headers = { authorization: `Bearer ${key}` };
  const status = async () => (await fetch(`${lazaret.apiUrl}/api/v1/me`, { headers })).status;
  expect(await status()).toBe(200);
  await page.getByRole('row', { name: /nightly report/u }).waitFor();
  expect(await page.content()).not.toContain(key);
  await page.getByRole('button', { name: 'Revoke nightly report' }).click();
  await page.getByRole('button', { name: 'Revoke', exact: true }).click();
  await page.getByRole('cell', { name: 'Revoked' }).waitFor();
  found.push(...(await look(page, 'api-keys')));
  expect(await status()).toBe(401);
}, 60_000);

describe('the own account', () => {
  let secret: string;
  const codeIn = (ms: number) => new TOTP({ secret, digits: 6, period: 30 }).generate({ timestamp: Date.now() + ms });

  it('sets an authenticator up from a code that is drawn here', async () => {
    await page.getByRole('link', { name: 'My account' }).click();
    await page.getByRole('button', { name: 'Set up an authenticator' }).click();
    const drawn = await page.getByRole('img', { name: 'QR code for the authenticator app' }).screenshot();
    secret = await page.getByTestId('secret').innerText();
    const { data, info } = await sharp(drawn).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
    const pixels = { data: new Uint8ClampedArray(data), width: info.width, height: info.height };
    const [uri] = await readCodes(pixels, { all: false, inverted: false });
    expect(new URL(uri ?? '').searchParams.get('secret')).toBe(secret);
    found.push(...(await look(page, 'authenticator')));
    await page.getByRole('button', { name: 'Switch on' }).click();
    await page.getByText('Enter the six digits.').waitFor();
    await page.getByLabel('Code', { exact: true }).fill(codeIn(0));
    await page.getByRole('button', { name: 'Switch on' }).click();
    await page.getByRole('list', { name: 'Recovery codes' }).waitFor();
    expect(await page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem').count()).toBe(10);
    await page.getByRole('button', { name: 'I have kept them' }).click();
    await page.getByText('On: an authenticator is asked').waitFor();
  }, 60_000);

  it('changes the password, lists the sessions and ends them', async () => {
    await page.getByLabel('Current password').fill('wrong');
    await page.getByLabel('New password').fill(NEXT);
    await page.getByRole('button', { name: 'Change the password' }).click();
    await page.getByText('is not your password').waitFor();
    await page.getByLabel('Current password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Change the password' }).click();
    await page.getByText('The password is changed').waitFor();
    const phone = await newPage();
    await signInAt(phone, `${lazaret.apiUrl}/account/me`, 'admin@nova.example', NEXT);
    // One step ahead: a code counts once, and the clock of a phone may differ.
    await phone.getByLabel('Code').fill(codeIn(30_000));
    await phone.getByRole('button', { name: 'Confirm' }).click();
    await phone.getByRole('heading', { name: 'My account' }).waitFor();
    await page.reload();
    await page.getByRole('button', { name: /^End the session of/u }).click();
    await page.getByRole('button', { name: /^End the session of/u }).waitFor({ state: 'detached' });
    await phone.reload();
    await phone.getByLabel('E-mail').waitFor();
    expect(phone.url()).toContain('back=');
    await phone.context().close();
  }, 60_000);

  it('chooses appearance and time zone', async () => {
    await page.getByLabel('Time zone').selectOption('Asia/Tokyo');
    expect(await page.locator('time', { hasText: 'GMT+9' }).count()).toBeGreaterThan(0);
    found.push(...(await look(page, 'own-account')));
    await page.emulateMedia({ colorScheme: 'light' });
    await page.getByLabel('Appearance', { exact: true }).selectOption('dark');
    await untilColours(page, 'dark');
  }, 60_000);
});
