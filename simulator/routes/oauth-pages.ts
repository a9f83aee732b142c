import type { Answer, Call, Route } from '../http';
import { bodyOf, html, redirect, route, textOf } from '../http';
import type { Json, OAuthClient, User } from '../model';
import { escapeHtml } from '../ticket-changes';
import { clientFor } from './oauth';

const COOKIE = '_zendesk_session';
const FIELDS = [
  'response_type',
  'client_id',
  'redirect_uri',
  'scope',
  'state',
  'code_challenge',
  'code_challenge_method',
] as const;

function page(title: string, content: string, status = 200): Answer {
  const style =
    'body{font:16px system-ui;max-width:28rem;margin:4rem auto;padding:0 1rem}label,input,button{display:block;width:100%;margin:.4rem 0;box-sizing:border-box}input,button{padding:.5rem;font:inherit}';
  const markup = `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title><style>${style}</style></head><body><h1>${escapeHtml(title)}</h1>${content}</body></html>`;
  return html(markup, status, { 'cache-control': 'no-store', 'x-frame-options': 'DENY' });
}

const hidden = (name: string, value: string): string =>
  `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`;

function signedIn(call: Call): { user: User; sessionId: string } | undefined {
  const match = new RegExp(`(?:^|;\\s*)${COOKIE}=([A-Za-z0-9]+)`).exec(call.headers.cookie ?? '');
  const session = call.world.sessions.get(match?.[1] ?? '');
  if (session?.accountId !== call.account.id) return undefined;
  const user = call.world.users.get(session.userId);
  return user === undefined || user.suspended ? undefined : { user, sessionId: session.id };
}

function loginForm(call: Call, returnTo: string, problem = ''): Answer {
  const form = `${problem === '' ? '' : `<p role="alert">${escapeHtml(problem)}</p>`}<form method="post" action="/access/login">${hidden('return_to', returnTo)}
<label for="email">E-mail</label><input id="email" name="email" type="email" autocomplete="username" required>
<label for="password">Password</label><input id="password" name="password" type="password" autocomplete="current-password" required>
<button type="submit">Sign in</button></form>`;
  return page(`Sign in to ${call.account.name}`, form, problem === '' ? 200 : 401);
}

/** Only a path of this host may follow a sign-in. */
function safeReturn(value: string | null | undefined): string {
  return value?.startsWith('/') === true && !value.startsWith('//') && !value.includes('\\') ? value : '/';
}

function login(call: Call): Answer {
  const input = bodyOf(call);
  const returnTo = safeReturn(textOf(input['return_to']));
  const email = textOf(input['email'])?.toLowerCase();
  const user = call.world.users.inGroup(call.account.id).find((row) => row.email === email);
  if (user === undefined || user.suspended || user.password !== textOf(input['password'])) {
    return loginForm(call, returnTo, 'The e-mail or password is not right.');
  }
  const id = call.world.secret(32);
  call.world.sessions.put(id, { id, accountId: call.account.id, userId: user.id });
  return redirect(returnTo, { 'set-cookie': `${COOKIE}=${id}; Path=/; HttpOnly; SameSite=Lax` });
}

interface Request {
  client: OAuthClient;
  fields: Record<(typeof FIELDS)[number], string>;
}

/** A request that cannot be trusted is shown to the user and never redirected. */
function checked(call: Call, read: (name: string) => string | undefined): Request | string {
  const fields = {
    response_type: '',
    client_id: '',
    redirect_uri: '',
    scope: '',
    state: '',
    code_challenge: '',
    code_challenge_method: '',
  };
  for (const name of FIELDS) fields[name] = read(name) ?? '';
  const client = clientFor(call.world, call.account, fields.client_id);
  if (client === undefined) return 'invalid_client: The client identifier provided is invalid.';
  if (!client.redirectUris.includes(fields.redirect_uri))
    return 'invalid_request: The redirect URI does not match the client.';
  if (fields.response_type !== 'code') return 'unsupported_response_type: Only code is supported.';
  if (fields.code_challenge !== '' && fields.code_challenge_method !== 'S256')
    return 'invalid_request: Only S256 is supported.';
  if (client.public && fields.code_challenge === '') return 'invalid_request: A public client must use PKCE.';
  return { client, fields };
}

const refusalPage = (problem: string): Answer =>
  page('Invalid authorization request', `<p>${escapeHtml(problem)}</p>`, 400);

function consentForm(call: Call): Answer {
  const request = checked(call, (name) => call.query.get(name) ?? undefined);
  if (typeof request === 'string') return refusalPage(request);
  const session = signedIn(call);
  if (session === undefined) return loginForm(call, `${call.path}?${call.query.toString()}`);
  const { client, fields } = request;
  const form = `<p><strong>${escapeHtml(client.name)}</strong> asks for access to ${escapeHtml(call.account.subdomain)}.zendesk.com as ${escapeHtml(session.user.email)}.</p>
<p>Scopes: <code>${escapeHtml(fields.scope)}</code></p><form method="post" action="/oauth/authorizations">
${hidden('authenticity_token', session.sessionId)}${FIELDS.map((name) => hidden(name, fields[name])).join('')}
<button type="submit" name="decision" value="allow">Allow</button><button type="submit" name="decision" value="deny">Deny</button></form>
<form method="post" action="/access/logout">${hidden('return_to', `${call.path}?${call.query.toString()}`)}<button type="submit">Use another user</button></form>`;
  return page('Allow access?', form);
}

function withParameters(uri: string, parameters: Record<string, string>): string {
  const url = new URL(uri);
  for (const [name, value] of Object.entries(parameters)) if (value !== '') url.searchParams.set(name, value);
  return url.toString();
}

function decide(call: Call): Answer {
  const input: Json = bodyOf(call);
  const request = checked(call, (name) => textOf(input[name]));
  if (typeof request === 'string') return refusalPage(request);
  const session = signedIn(call);
  if (session === undefined || input['authenticity_token'] !== session.sessionId)
    return refusalPage('Your session has ended. Start again.');
  const { client, fields } = request;
  if (input['decision'] !== 'allow') {
    const error_description = 'The end-user or authorization server denied the request.';
    return redirect(
      withParameters(fields.redirect_uri, { error: 'access_denied', error_description, state: fields.state }),
    );
  }
  const code = call.world.secret(40);
  call.world.grants.put(code, {
    code,
    accountId: call.account.id,
    clientId: client.id,
    userId: session.user.id,
    redirectUri: fields.redirect_uri,
    scope: fields.scope === '' ? 'read write' : fields.scope,
    codeChallenge: fields.code_challenge === '' ? null : fields.code_challenge,
    expiresAt: call.world.clock() + call.account.switches.oauth.codeSeconds * 1000,
    used: false,
  });
  return redirect(withParameters(fields.redirect_uri, { code, state: fields.state }));
}

function logout(call: Call): Answer {
  const session = signedIn(call);
  if (session !== undefined) call.world.sessions.remove(session.sessionId);
  return redirect(safeReturn(textOf(bodyOf(call)['return_to'])), { 'set-cookie': `${COOKIE}=; Path=/; Max-Age=0` });
}

export const oauthPageRoutes: Route[] = [
  route('GET', '/oauth/authorizations/new', 'anonymous', undefined, consentForm),
  route('POST', '/oauth/authorizations', 'anonymous', undefined, decide),
  route('GET', '/access/login', 'anonymous', undefined, (call) =>
    loginForm(call, safeReturn(call.query.get('return_to'))),
  ),
  route('POST', '/access/login', 'anonymous', undefined, login),
  route('POST', '/access/logout', 'anonymous', undefined, logout),
];
