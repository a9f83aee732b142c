import { addAccount, openSignIn } from './activating';
import { hiddenFields } from './browser';
import type { Answer, Browser } from './browser';
import type { House } from './zendesk-house';

let count = 0;
/** A sub-domain that no other test of the file uses. */
export const next = (): string => `page${(count += 1)}`;

export interface Started {
  subdomain: string;
  account: Awaited<ReturnType<typeof addAccount>>;
  organisation: { id: string; admin: string };
  connectionId: string;
  attemptId: string;
  startUrl: string;
  browser: Browser;
}

export async function start(house: House): Promise<Started> {
  const subdomain = next();
  const account = await addAccount(house, subdomain);
  const organisation = await house.organisation(`<b>Org</b> of ${subdomain}`);
  const { body, status } = await openSignIn(house, organisation, subdomain);
  expect(status).toBe(201);
  const attemptId = /activation\/([^/]+)\/start$/u.exec(body.startUrl)?.[1] ?? '';
  return { subdomain, account, organisation, ...body, attemptId, browser: house.browser() };
}

/** Zendesk's answer for this sign-in, not yet opened: the address with code and state. */
export async function answerOf(one: Started): Promise<string> {
  const begun = await one.browser.get(one.startUrl);
  const login = await one.browser.get(begun.location ?? '');
  const { email, password } = one.account.admin;
  const signedIn = await one.browser.post(new URL('/access/login', begun.location).href, {
    ...hiddenFields(login.text),
    email,
    password,
  });
  const consent = await one.browser.get(signedIn.location ?? '');
  const form = { ...hiddenFields(consent.text), decision: 'allow' };
  const decided = await one.browser.post(new URL('/oauth/authorizations', begun.location).href, form);
  return decided.location ?? '';
}

/** The page's status, and its sentence as a problem document. */
export async function problem(answer: Promise<Answer>): Promise<[number, string]> {
  const { status, body } = await answer;
  return [status, String(body?.type).replace('urn:lazaret:problem:', '')];
}
export const asJson = { accept: 'application/json' };
export const tokensOf = (house: House, one: Started) =>
  house.simulator.world.tokens.inGroup(one.account.id).filter((token) => !token.accessDead);
