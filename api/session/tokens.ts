import { createHmac, timingSafeEqual } from 'node:crypto';
import type { CookieOptions, Request, Response } from 'express';

/** Token that a page sends back in a header: made of the session's own, so that it ends with it. */
export function csrfToken(sessionToken: string): string {
  return createHmac('sha256', sessionToken).update('lazaret csrf').digest('base64url');
}

/** Compares a CSRF token in constant time. */
export function isCsrfToken(sessionToken: string, given: string): boolean {
  const expected = Buffer.from(csrfToken(sessionToken));
  const came = Buffer.from(given);
  return expected.length === came.length && timingSafeEqual(expected, came);
}

const TOKEN = /^[A-Za-z0-9_-]{43}$/u;
/** A browser is remembered as long as browsers keep a cookie at all. */
const BROWSER_MS = 400 * 24 * 60 * 60 * 1000;

/** Cookies of one installation: `session` signs in, `browser` says that a person has signed in here before, `oidc` is a sign-in under way. */
export type CookieName = 'session' | 'browser' | 'oidc';

export interface Cookies {
  read(request: Request, name: CookieName): string | undefined;
  write(response: Response, name: CookieName, token: string, lifeMs?: number): void;
  clear(response: Response, name: CookieName): void;
}

// `__Host-` binds a cookie to this host over TLS; a laptop without TLS cannot have it.
function cookieName(publicUrl: string, name: CookieName): string {
  return `${publicUrl.startsWith('https:') ? '__Host-' : ''}lazaret_${name}`;
}

/** Name of the cookie that signs in. */
export function sessionCookie(publicUrl: string): string {
  return cookieName(publicUrl, 'session');
}

/** The cookies of an installation under this address: out of reach of scripts, and of requests that other sites make. */
export function createCookies(publicUrl: string): Cookies {
  const secure = publicUrl.startsWith('https:');
  const nameOf = (name: CookieName): string => cookieName(publicUrl, name);
  const options: CookieOptions = { httpOnly: true, secure, sameSite: 'lax', path: '/' };
  return {
    read(request, name) {
      const prefix = `${nameOf(name)}=`;
      const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim());
      const value = pairs.find((pair) => pair.startsWith(prefix))?.slice(prefix.length);
      return value !== undefined && TOKEN.test(value) ? value : undefined;
    },
    write: (response, name, token, lifeMs = BROWSER_MS) =>
      void response.cookie(nameOf(name), token, { ...options, maxAge: lifeMs }),
    clear: (response, name) => void response.clearCookie(nameOf(name), options),
  };
}
