import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerContent, contentRoutes } from './content-host';
import type { Controlled } from './control';
import { answerControl } from './control';
import type { Fault } from './faults';
import { answersItself } from './faults';
import { resolveHost } from './hosts';
import type { Host } from './hosts';
import type { Answer, Call, Identity, Route } from './http';
import { html, json, Refusal } from './http';
import { authorise, identify } from './identity';
import { countAgainstLimits } from './rate-limits';
import { accountRoutes } from './routes/account';
import { commentRoutes } from './routes/comments';
import { incrementalRoutes } from './routes/incremental';
import { mergeRoutes } from './routes/merge';
import { oauthPageRoutes } from './routes/oauth-pages';
import { oauthRoutes } from './routes/oauth';
import { redactionRoutes } from './routes/redactions';
import { ticketRoutes } from './routes/tickets';
import { triggerRoutes } from './routes/triggers';
import { uploadRoutes } from './routes/uploads';
import { webhookRoutes } from './routes/webhooks';

const ROUTES: Route[] = [
  ...ticketRoutes,
  ...mergeRoutes,
  ...commentRoutes,
  ...redactionRoutes,
  ...uploadRoutes,
  ...contentRoutes,
  ...webhookRoutes,
  ...triggerRoutes,
  ...incrementalRoutes,
  ...oauthRoutes,
  ...oauthPageRoutes,
  ...accountRoutes,
];

const BODY_LIMIT = 128 * 1024 * 1024;
const KEPT_REQUESTS = 20_000;

export interface Served extends Controlled {
  webhookTarget: string | undefined;
  ports: { main: number; content: number };
}

interface Seen {
  account: string | null;
  who: string;
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    length += bytes.length;
    if (length > BODY_LIMIT)
      throw new Refusal(413, { error: 'RequestTooLarge', description: 'The request is too large.' });
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

export function refusalAnswer(refusal: Refusal): Answer {
  if (typeof refusal.body === 'string') {
    return {
      status: refusal.status,
      headers: { 'content-type': 'text/plain; charset=utf-8', ...refusal.headers },
      body: refusal.body,
    };
  }
  return json(refusal.body, refusal.status, refusal.headers);
}

function noHelpDesk(host: Host): Refusal {
  const name = host.kind === 'unknown' ? host.name : 'this address';
  return new Refusal(404, {
    error: {
      title: `No help desk at ${name}`,
      message:
        'There is no help desk configured at this address. This means that the address is available and that you can claim it.',
    },
  });
}

function whoIs(identity: Identity | undefined): string {
  if (identity === undefined) return 'anonymous';
  return identity.client === undefined
    ? `${identity.kind}:${identity.user.email}`
    : `oauth:${identity.client.identifier}:${identity.user.email}`;
}

/** On users/me wrong Basic credentials make an anonymous visitor, not a refusal (fact sheet §0.12). */
function identityFor(served: Served, call: Omit<Call, 'identity'>): Identity | undefined {
  const header = call.headers.authorization;
  try {
    return identify(served.world, call.account, header, call.path);
  } catch (error) {
    const tolerant =
      /^\/api\/v2\/users\/me(?:\.json)?$/.test(call.path) && header?.toLowerCase().startsWith('basic') === true;
    if (tolerant) return undefined;
    throw error;
  }
}

/** Handles one request for an account's host. */
async function answerAccount(
  served: Served,
  request: IncomingMessage,
  url: URL,
  body: Buffer,
  host: Host,
  seen: Seen,
): Promise<Answer> {
  if (host.kind !== 'account') throw noHelpDesk(host);
  seen.account = host.account.subdomain;
  const extraHeaders: Record<string, string> = {};
  const base = {
    world: served.world,
    account: host.account,
    brand: host.brand,
    method: request.method === 'HEAD' ? 'GET' : (request.method ?? 'GET'),
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    body,
    params: {},
    origin: host.origin,
    realHost: host.realHost,
    contentOrigin: host.realHost ? 'https://p1.zdusercontent.com' : `http://127.0.0.1:${served.ports.content}`,
    webhookTarget: served.webhookTarget,
    extraHeaders,
  };
  const call: Call = { ...base, identity: identityFor(served, base) };
  seen.who = whoIs(call.identity);
  const found = ROUTES.find((route) => route.method === call.method && route.pattern.test(call.path));
  if (found === undefined) throw new Refusal(404, { error: 'InvalidEndpoint', description: 'Not found' });
  call.params = decodeParams(found.pattern.exec(call.path)?.groups ?? {});
  authorise(call, found);
  countAgainstLimits(call, served.limits);
  const answer = await handle(found, call);
  return { ...answer, headers: { ...extraHeaders, ...answer.headers } };
}

async function handle(route: Route, call: Call): Promise<Answer> {
  try {
    return await route.handle(call);
  } catch (error) {
    if (error instanceof Refusal)
      throw new Refusal(error.status, error.body, { ...call.extraHeaders, ...error.headers });
    throw error;
  }
}

function decodeParams(groups: Record<string, string>): Record<string, string> {
  const decoded: Record<string, string> = {};
  for (const [name, value] of Object.entries(groups)) {
    try {
      decoded[name] = decodeURIComponent(value);
    } catch {
      decoded[name] = value;
    }
  }
  return decoded;
}

function faultAnswer(fault: Fault): Answer {
  const status = fault.status ?? 200;
  const headers: Record<string, string> = fault.retryAfter === null ? {} : { 'retry-after': fault.retryAfter };
  if (fault.html !== null) return html(fault.html, status, headers);
  if (fault.body !== null) return json(fault.body, status, headers);
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers }, body: fault.bodyText ?? '' };
}

async function answerFor(
  served: Served,
  request: IncomingMessage,
  url: URL,
  body: Buffer,
  host: Host,
  seen: Seen,
): Promise<Answer> {
  try {
    if (url.pathname.startsWith('/_simulator/')) return answerControl(served, request.method ?? 'GET', url, body);
    if (host.kind === 'content')
      return answerContent(served.world, request.method ?? 'GET', url, request.headers.authorization);
    return await answerAccount(served, request, url, body, host, seen);
  } catch (error) {
    if (error instanceof Refusal) return refusalAnswer(error);
    const problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
    served.world.violation(`The stand-in itself failed: ${problem}`, seen.account, request.method ?? '', url.pathname);
    return html('<h1>Internal Server Error</h1>', 500);
  }
}

function send(response: ServerResponse, answer: Answer, truncateAt: number | null): void {
  const body = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body;
  const headers: Record<string, string> = { 'x-zendesk-request-id': `${Date.now()}`, ...answer.headers };
  const hasLength = answer.write !== undefined || answer.status === 204;
  response.writeHead(answer.status, hasLength ? headers : { 'content-length': String(body.length), ...headers });
  if (truncateAt !== null) {
    response.write(body.subarray(0, Math.floor(body.length * truncateAt)), () =>
      setImmediate(() => response.destroy()),
    );
  } else if (answer.write === undefined) response.end(body);
  else answer.write(response);
}

/** A client that cannot set Host (fetch) names the account through `X-Forwarded-Host`. */
function hostHeader(request: IncomingMessage): string | undefined {
  const forwarded = request.headers['x-forwarded-host'];
  return typeof forwarded === 'string' ? forwarded : request.headers.host;
}

async function serve(
  served: Served,
  request: IncomingMessage,
  response: ServerResponse,
  fixed: Host | undefined,
): Promise<void> {
  const started = performance.now();
  const url = new URL(request.url ?? '/', 'http://localhost');
  const host = fixed ?? resolveHost(served.world, hostHeader(request), served.ports.main);
  const seen: Seen = { account: host.kind === 'account' ? host.account.subdomain : null, who: 'anonymous' };
  const control = url.pathname.startsWith('/_simulator/');
  const method = request.method ?? 'GET';
  const fault = control ? undefined : served.faults.take(seen.account, method, url.pathname + url.search);
  const log = (status: number): void => {
    if (control) return;
    record(served, {
      account: seen.account,
      method,
      path: url.pathname + url.search,
      status,
      ms: performance.now() - started,
      who: seen.who,
    });
  };
  if (fault !== undefined && fault.delayMs > 0) await sleep(fault.delayMs);
  if (fault?.dropConnection === true) {
    log(0);
    request.socket.destroy();
    return;
  }
  const body = await readBody(request).catch((error: unknown) => (error instanceof Refusal ? error : undefined));
  if (body === undefined) return;
  const spoilt = fault !== undefined && answersItself(fault) && !fault.dropConnectionAfterHandling;
  const answer =
    body instanceof Refusal
      ? refusalAnswer(body)
      : spoilt
        ? faultAnswer(fault)
        : await answerFor(served, request, url, body, host, seen);
  if (fault !== undefined && fault.delayAnswerMs > 0) await sleep(fault.delayAnswerMs);
  if (fault?.dropConnectionAfterHandling === true) {
    log(0);
    request.socket.destroy();
    return;
  }
  log(answer.status);
  send(response, answer, fault?.truncateAt ?? null);
}

let sequence = 0;

function record(served: Served, entry: Omit<Served['world']['requests'][number], 'seq' | 'time'>): void {
  sequence += 1;
  const time = new Date(served.world.clock()).toISOString();
  served.world.requests.push({ seq: sequence, time, ...entry, ms: Math.round(entry.ms * 10) / 10 });
  if (served.world.requests.length > KEPT_REQUESTS) served.world.requests.splice(0, KEPT_REQUESTS / 10);
}

/** Opens one listener; `fixed` makes it the content host whatever name is called. */
export async function listen(
  served: Served,
  host: string,
  port: number,
  fixed: Host | undefined,
): Promise<{ server: Server; port: number }> {
  const server = createServer((request, response) => {
    serve(served, request, response, fixed).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  return { server, port: address.port };
}
