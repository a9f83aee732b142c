import { hiddenFields } from './browser';
import type { Answer, Browser } from './browser';
import { GLOBAL_CLIENT } from './zendesk-house';
import type { House } from './zendesk-house';

/** An account at the stand-in, with our OAuth client. Returns its view. */
export async function addAccount(house: House, subdomain: string, more: object = {}) {
  const client = {
    identifier: GLOBAL_CLIENT.id,
    secret: GLOBAL_CLIENT.secret,
    redirectUris: [`${house.url}/oauth/zendesk/callback`],
    global: true,
  };
  const answer = await house.control('POST', '/accounts', { subdomain, clients: [client], ...more });
  return answer.body.account as {
    id: number;
    admin: { id: number; email: string; password: string };
    agent: { id: number; email: string; password: string };
  };
}

/** Goes through the pages as a person would, up to the page that asks. */
export async function signIn(
  browser: Browser,
  startUrl: string,
  person: { email: string; password: string },
  decision = 'allow',
): Promise<Answer> {
  const start = await browser.get(startUrl);
  if (start.location === undefined) return start;
  const login = await browser.get(start.location);
  const fields = hiddenFields(login.text);
  let consent = login;
  if (fields['return_to'] !== undefined && login.text.includes('password')) {
    const signedIn = await browser.post(new URL('/access/login', start.location).href, { ...fields, ...person });
    if (signedIn.location === undefined) return signedIn;
    consent = await browser.get(signedIn.location);
  }
  const form = { ...hiddenFields(consent.text), decision };
  const decided = await browser.post(new URL('/oauth/authorizations', start.location).href, form);
  if (decided.location === undefined) return decided;
  const back = await browser.get(decided.location);
  return back.location === undefined ? back : browser.get(back.location);
}

/** Presses "Connect" on the page that asks. */
export function pressConnect(house: House, browser: Browser, page: Answer): Promise<Answer> {
  const action = /action="([^"]+\/confirm)"/u.exec(page.text)?.[1] ?? '/missing';
  return browser.post(`${house.url}${action}`, { csrf: hiddenFields(page.text)['csrf'] ?? '' });
}

/** Opens a sign-in for an organisation. */
export async function openSignIn(
  house: House,
  organisation: { id: string; admin: string },
  subdomain: string,
): Promise<Answer> {
  const path = `/api/v1/organisations/${organisation.id}/channels/zendesk/activation`;
  return house.call('POST', path, organisation.admin, { subdomain });
}

export interface Activated {
  organisation: { id: string; admin: string };
  connectionId: string;
  outcome: unknown;
  page: Answer;
}

/** Goes the whole way: sign-in, question, workflow to its end. */
export async function activate(
  house: House,
  subdomain: string,
  account: { admin: { email: string; password: string } },
  organisation?: { id: string; admin: string },
  beforeConfirming?: () => void,
): Promise<Activated> {
  const owner = organisation ?? (await house.organisation(`Organisation of ${subdomain}`));
  const opened = await openSignIn(house, owner, subdomain);
  expect(opened.status).toBe(201);
  const browser = house.browser();
  const page = await signIn(browser, opened.body.startUrl, account.admin);
  expect(page.status).toBe(200);
  beforeConfirming?.();
  expect((await pressConnect(house, browser, page)).status).toBe(303);
  const outcome = await house.ended(`activation:${opened.body.connectionId}`);
  return { organisation: owner, connectionId: opened.body.connectionId, outcome, page };
}
