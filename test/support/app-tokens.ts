import { createHmac, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** A key pair as Zendesk has one per app; the public half as PEM. */
export interface AppKey {
  privateKey: KeyObject;
  publicKey: string;
}

export function newAppKey(modulusLength = 2048): AppKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength });
  return { privateKey, publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
}

export interface Installation {
  subdomain: string;
  installationId: string;
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export function audienceOf({ subdomain, installationId }: Installation): string {
  return `https://${subdomain}.zendesk.com/api/v2/apps/installations/${installationId}.json`;
}

/** What a token of an installation says, for one agent, valid for some minutes from `now`. */
export function appClaims({ subdomain, installationId }: Installation, userId: string, now = Date.now()): object {
  const seconds = Math.floor(now / 1000);
  const origin = `https://${subdomain}.zendesk.com`;
  return {
    iss: `${subdomain}.zendesk.com`,
    aud: audienceOf({ subdomain, installationId }),
    sub: `${origin}/api/v2/users/${userId}.json`,
    jti: randomUUID(),
    iat: seconds,
    nbf: seconds,
    exp: seconds + 300,
    context: { product: 'support', location: 'ticket_sidebar' },
  };
}

/** Signs by hand, so that the tests do not trust the library that they test. `none` leaves the signature empty. */
export function signApp(claims: object, key: AppKey, algorithm: 'RS256' | 'HS256' | 'none' = 'RS256'): string {
  const signed = `${encoded({ alg: algorithm, typ: 'JWT' })}.${encoded(claims)}`;
  switch (algorithm) {
    case 'RS256':
      return `${signed}.${sign('sha256', Buffer.from(signed), key.privateKey).toString('base64url')}`;
    case 'HS256':
      return `${signed}.${createHmac('sha256', key.publicKey).update(signed).digest('base64url')}`;
    case 'none':
      return `${signed}.`;
  }
}
