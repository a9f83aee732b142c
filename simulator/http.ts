import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { Account, Brand, Json, OAuthClient, Token, User } from './model';
import type { World } from './world';

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Buffer | string;
  /** Writes the body in another way than at once (cut, slow, with a wrong length). */
  write?: (response: ServerResponse) => void;
}

/** Who is calling, as the Authorization header says. */
export interface Identity {
  user: User;
  kind: 'oauth' | 'api_token' | 'password';
  token?: Token;
  client?: OAuthClient;
  /** `undefined` means every right that the user has. */
  scopes?: string[];
}

export interface Call {
  world: World;
  account: Account;
  /** The brand whose host was called, where it is not the account's own. */
  brand: Brand | undefined;
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: Buffer;
  params: Record<string, string>;
  /** Scheme and host as the caller wrote them, for the addresses in the answer. */
  origin: string;
  /** True when called under a real Zendesk name. */
  realHost: boolean;
  contentOrigin: string;
  webhookTarget: string | undefined;
  identity: Identity | undefined;
  /** Headers that rate limits and warnings add to whatever the route answers. */
  extraHeaders: Record<string, string>;
}

export type Access = 'anonymous' | 'end-user' | 'agent' | 'admin' | 'webhook-manager';

export interface Route {
  method: string;
  pattern: RegExp;
  access: Access;
  /** The resource of `resource:read|write` that covers the route; `none` needs the global scope; absent needs no scope. */
  scope: string | undefined;
  handle: (call: Call) => Answer | Promise<Answer>;
}

/** Zendesk's way to say no: a status and a body, thrown by any rule. */
export class Refusal extends Error {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Record<string, string>;
  constructor(status: number, body: unknown, headers: Record<string, string> = {}) {
    super(typeof body === 'string' ? body : JSON.stringify(body));
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

/** Makes a route; `:name` in the path takes one segment, and `.json` at the end is always optional. */
export function route(
  method: string,
  path: string,
  access: Access,
  scope: string | undefined,
  handle: Route['handle'],
): Route {
  const pattern = new RegExp(`^${path.replaceAll(/:(\w+)/g, '(?<$1>[^/]+?)')}(?:\\.json)?/?$`);
  return { method, pattern, access, scope, handle };
}

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(body),
  };
}

export function html(body: string, status = 200, headers: Record<string, string> = {}): Answer {
  return { status, headers: { 'content-type': 'text/html; charset=utf-8', ...headers }, body };
}

export function redirect(location: string, headers: Record<string, string> = {}): Answer {
  return html('<html><body>You are being redirected.</body></html>', 302, { location, ...headers });
}

export const nothing = (): Answer => ({ status: 204, headers: {}, body: '' });

export const notFound = (): Refusal => new Refusal(404, { error: 'RecordNotFound', description: 'Not found' });

/** A validation refusal in Zendesk's shape (fact sheet §10). */
export function invalid(field: string, description: string, error?: string): Refusal {
  const detail = error === undefined ? { description } : { description, error };
  return new Refusal(422, {
    error: 'RecordInvalid',
    description: 'Record validation errors',
    details: { [field]: [detail] },
  });
}

export const forbidden = (): Refusal =>
  new Refusal(403, {
    error: {
      title: 'Forbidden',
      message:
        'You do not have access to this page. Please contact the account owner of this help desk for further help.',
    },
  });

export function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The JSON object in the body; an empty body is an empty object. Refuses anything else with 400. */
export function bodyOf(call: Call): Json {
  if (call.body.length === 0) return {};
  const type = call.headers['content-type'] ?? '';
  if (type.startsWith('application/x-www-form-urlencoded')) {
    return Object.fromEntries(new URLSearchParams(call.body.toString('utf8')));
  }
  try {
    const parsed: unknown = JSON.parse(call.body.toString('utf8'));
    if (isRecord(parsed)) return parsed;
  } catch {
    throw new Refusal(400, { error: 'InvalidValue', description: 'The request body is not valid JSON' });
  }
  throw new Refusal(400, { error: 'InvalidValue', description: 'The request body must be a JSON object' });
}

/** The object under a key, which Zendesk's bodies always have around the attributes. */
export function partOf(call: Call, key: string): Json {
  const part = bodyOf(call)[key];
  if (isRecord(part)) return part;
  throw new Refusal(400, { error: `Parameter ${key} is required`, description: `Parameter ${key} is required` });
}

export const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
export const flagOf = (value: unknown): boolean | undefined => (typeof value === 'boolean' ? value : undefined);
export const recordOf = (value: unknown): Json => (isRecord(value) ? value : {});
export const listOf = (value: unknown): unknown[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value];

/** A whole number from JSON or a path, or undefined. */
export function idOf(value: unknown): number | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  if (value === '') return undefined;
  const id = Number(value);
  return Number.isSafeInteger(id) && id >= 0 ? id : undefined;
}

/** A numeric path parameter; anything else names no record. */
export function idParam(call: Call, name: string): number {
  const id = idOf(call.params[name]);
  if (id === undefined) throw notFound();
  return id;
}

/** Zendesk's times: seconds, UTC, no fraction. */
export const stamp = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** The user behind a call to a route that needs one. */
export function userOf(call: Call): User {
  if (call.identity === undefined) throw new Refusal(401, { error: "Couldn't authenticate you" });
  return call.identity.user;
}
