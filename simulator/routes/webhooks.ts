import { ulid } from 'ulid';
import type { Answer, Call, Route } from '../http';
import {
  bodyOf,
  isRecord,
  json,
  listOf,
  notFound,
  nothing,
  partOf,
  recordOf,
  Refusal,
  route,
  stamp,
  textOf,
  userOf,
} from '../http';
import type { Json, Webhook } from '../model';
import { paginate } from '../paging';
import { preciseStamp } from '../ticket-events';
import { sendWebhook, TEST_SECRET } from '../webhook-request';

/** Types that this stand-in publishes; other ticket event types are accepted and never fire. */
const EVENT_TYPE = /^zen:event-type:[a-z_]+\.[a-z_.]+$/;
const CONDITIONAL = 'conditional_ticket_events';
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
const FORMATS = ['json', 'xml', 'form_encoded'];
const AUTHENTICATION: Record<string, string[]> = {
  basic_auth: ['username', 'password'],
  bearer_token: ['token'],
  api_key: ['name', 'value'],
};

const bad = (code: string, title: string, status = 400): Refusal => new Refusal(status, { errors: [{ code, title }] });

function webhookView(hook: Webhook): Json {
  const view: Json = {
    id: hook.id,
    name: hook.name,
    status: hook.status,
    subscriptions: hook.subscriptions,
    created_at: hook.createdAt,
    created_by: String(hook.createdBy),
    endpoint: hook.endpoint,
    http_method: hook.httpMethod,
    request_format: hook.requestFormat,
  };
  if (hook.description !== null) view['description'] = hook.description;
  if (hook.customHeaders !== null) view['custom_headers'] = hook.customHeaders;
  if (hook.authentication !== null) view['authentication'] = authenticationView(hook.authentication);
  if (hook.updatedAt !== null) Object.assign(view, { updated_at: hook.updatedAt, updated_by: String(hook.updatedBy) });
  return view;
}

/** Secrets are never shown again; a user name is. */
function authenticationView(authentication: NonNullable<Webhook['authentication']>): Json {
  const { type, add_position, data } = authentication;
  return type === 'basic_auth' ? { type, add_position, data: { username: data['username'] } } : { type, add_position };
}

function endpointOf(value: unknown): string {
  const url = textOf(value) ?? '';
  if (!/^https?:\/\/[^\s/]+/.test(url) || !URL.canParse(url))
    throw bad('InvalidEndpoint', 'endpoint must be a valid URL');
  return url;
}

function oneOf(value: unknown, known: string[], field: string): string {
  const text = textOf(value) ?? '';
  if (!known.includes(text)) throw bad('InvalidValue', `${field} must be one of ${known.join(', ')}`);
  return text;
}

function authenticationOf(value: unknown): Webhook['authentication'] {
  if (!isRecord(value)) return null;
  const type = oneOf(value['type'], Object.keys(AUTHENTICATION), 'authentication.type');
  const given = recordOf(value['data']);
  const data: Record<string, string> = {};
  for (const key of AUTHENTICATION[type] ?? []) {
    const part = textOf(given[key]);
    if (part === undefined) throw bad('MissingValue', `authentication.data.${key} is required`);
    data[key] = part;
  }
  return { type, add_position: 'header', data };
}

function headersOf(value: unknown): Record<string, string> | null {
  if (!isRecord(value)) return null;
  return Object.fromEntries(Object.entries(value).map(([name, text]) => [name, String(text)]));
}

/** What may be written, checked; `before` fixes the connection method, which can never change. */
function writable(call: Call, input: Json, before: Webhook | undefined) {
  const subscriptions =
    input['subscriptions'] === undefined ? (before?.subscriptions ?? []) : listOf(input['subscriptions']).map(String);
  const httpMethod = oneOf(input['http_method'], METHODS, 'http_method');
  const requestFormat = oneOf(input['request_format'], FORMATS, 'request_format');
  const name = textOf(input['name']) ?? '';
  if (name === '') throw bad('MissingValue', 'name is required');
  checkSubscriptions(call, subscriptions, httpMethod, requestFormat);
  if (before !== undefined && before.subscriptions.includes(CONDITIONAL) !== subscriptions.includes(CONDITIONAL)) {
    throw bad('InvalidValue', 'The connection method of a webhook cannot be changed');
  }
  return {
    name,
    description: textOf(input['description']) ?? null,
    endpoint: endpointOf(input['endpoint']),
    httpMethod,
    requestFormat,
    status: oneOf(input['status'] ?? 'active', ['active', 'inactive'], 'status'),
    subscriptions,
    authentication: authenticationOf(input['authentication']),
    customHeaders: headersOf(input['custom_headers']),
  };
}

function checkSubscriptions(call: Call, subscriptions: string[], method: string, format: string): void {
  if (subscriptions.length === 1 && subscriptions[0] === CONDITIONAL) return;
  if (subscriptions.length === 0) throw bad('MissingValue', 'subscriptions is required');
  if (!subscriptions.every((type) => EVENT_TYPE.test(type)))
    throw bad('InvalidSubscription', 'subscriptions contains an unknown event type');
  if (method !== 'POST' || format !== 'json') throw bad('InvalidValue', 'Event subscriptions need POST and json');
  const ticketEvents = subscriptions.some((type) => type.startsWith('zen:event-type:ticket.'));
  if (ticketEvents && !call.account.switches.webhooks.eventSubscriptions) {
    throw bad('InvalidSubscription', 'Ticket events are not available for this account');
  }
}

function createWebhook(call: Call): Answer {
  const user = userOf(call);
  if (call.account.switches.webhooks.refuseCreation) throw bad('Forbidden', 'Webhook limit reached', 403);
  const count = call.world.webhooks.inGroup(call.account.id).length;
  if (call.account.switches.plan === 'trial' && count >= 10)
    throw bad('Forbidden', 'Trial accounts may have 10 webhooks', 403);
  const cloned = call.query.get('clone_webhook_id');
  const now = call.world.clock();
  const made = {
    id: ulid(now),
    accountId: call.account.id,
    secret: Buffer.from(call.world.secret(36)).toString('base64'),
    createdAt: stamp(now),
    createdBy: user.id,
    updatedAt: null,
    updatedBy: null,
  };
  const source = cloned === null ? undefined : find(call, cloned);
  const content =
    source === undefined
      ? writable(call, partOf(call, 'webhook'), undefined)
      : { ...source, name: `${source.name} (copy)` };
  const hook: Webhook = { ...content, ...made };
  call.world.webhooks.put(hook.id, hook);
  return json({ webhook: { ...webhookView(hook), created_at: preciseStamp(now) } }, 201);
}

function find(call: Call, id: string): Webhook {
  const hook = call.world.webhooks.get(id);
  if (hook === undefined || hook.accountId !== call.account.id) {
    throw bad('WebhookNotFound', 'The webhook was not found', 404);
  }
  return hook;
}

const param = (call: Call): Webhook => find(call, call.params['id'] ?? '');

/** PUT replaces everything; PATCH keeps what is not named. Secrets stay when PATCH leaves the authentication out. */
function writeWebhook(call: Call): Answer {
  const before = param(call);
  const input = partOf(call, 'webhook');
  const whole =
    call.method === 'PATCH' ? { ...webhookView(before), authentication: before.authentication, ...input } : input;
  const updated = { updatedAt: stamp(call.world.clock()), updatedBy: userOf(call).id };
  call.world.webhooks.put(before.id, { ...before, ...writable(call, whole, before), ...updated });
  return nothing();
}

function listWebhooks(call: Call): Answer {
  const name = call.query.get('filter[name_contains]')?.toLowerCase() ?? '';
  const status = call.query.get('filter[status]');
  const all = call.world.webhooks
    .inGroup(call.account.id)
    .filter((hook) => hook.name.toLowerCase().includes(name) && (status === null || hook.status === status));
  const { rows, rest } = paginate(call, all, 'cursor');
  const meta = recordOf(rest['meta']);
  const more = meta['has_more'] === true;
  return json({ webhooks: rows.map(webhookView), ...(more ? rest : { meta: { has_more: false } }) });
}

function deleteWebhook(call: Call): Answer {
  const hook = param(call);
  const users = call.world.triggers
    .inGroup(call.account.id)
    .filter((trigger) => trigger.active && trigger.actions.some((action) => listOf(action.value)[0] === hook.id));
  if (users.length > 0) throw bad('WebhookInUse', 'The webhook is connected to an active trigger', 400);
  call.world.webhooks.remove(hook.id);
  return nothing();
}

const secretView = (hook: Webhook): Json => ({ signing_secret: { algorithm: 'SHA256', secret: hook.secret } });

function rotateSecret(call: Call): Answer {
  const secret = Buffer.from(call.world.secret(36)).toString('base64');
  const hook = call.world.webhooks.put(param(call).id, { ...param(call), secret });
  return json(secretView(hook), 201);
}

async function testWebhook(call: Call): Promise<Answer> {
  const saved = call.query.get('webhook_id');
  const hook = saved === null ? undefined : find(call, saved);
  const given = recordOf(bodyOf(call)['request']);
  const input = { ...(hook === undefined ? {} : webhookView(hook)), ...given };
  const own = hook !== undefined && call.account.switches.webhooks.testSecret === 'own';
  const outcome = await sendWebhook({
    account: call.account,
    webhook: {
      id: hook?.id ?? ulid(call.world.clock()),
      endpoint: endpointOf(input['endpoint']),
      httpMethod: oneOf(input['http_method'] ?? 'POST', METHODS, 'http_method'),
      requestFormat: oneOf(input['request_format'] ?? 'json', FORMATS, 'request_format'),
      authentication: hook?.authentication ?? authenticationOf(given['authentication']),
      customHeaders: hook?.customHeaders ?? headersOf(given['custom_headers']),
    },
    secret: own ? hook.secret : TEST_SECRET,
    invocationId: ulid(call.world.clock()),
    payload: textOf(given['payload']) ?? '',
    nowMs: call.world.clock(),
    target: call.webhookTarget,
    timeoutMs: call.account.switches.webhooks.timeoutMs,
  });
  const headers = Object.entries(outcome.headers).map(([key, value]) => ({ key, value }));
  const status_code = outcome.statusCode === 0 ? 504 : outcome.statusCode;
  return json({ response: { status_code, headers, payload: outcome.payload } });
}

function listInvocations(call: Call): Answer {
  const hook = param(call);
  const status = call.query.get('filter[status]');
  const from = Date.parse(call.query.get('filter[from_ts]') ?? '') || 0;
  const to = Date.parse(call.query.get('filter[to_ts]') ?? '') || Number.POSITIVE_INFINITY;
  const all = call.world.invocations
    .inGroup(hook.id)
    .filter((row) => (status === null || row.status === status) && row.createdAt >= from && row.createdAt <= to);
  const { rows, rest } = paginate(call, all, 'cursor');
  const invocations = rows.map((row) => ({
    id: row.id,
    status: row.status,
    status_code: row.statusCode,
    latest_completed_at: row.completedAt,
  }));
  return json({ invocations, ...rest });
}

function listAttempts(call: Call): Answer {
  const hook = param(call);
  const invocation = call.world.invocations.get(call.params['invocation'] ?? '');
  if (invocation?.webhookId !== hook.id) throw notFound();
  const pairs = (headers: Record<string, string>) => Object.entries(headers).map(([key, value]) => ({ key, value }));
  const attempts = invocation.attempts.map((attempt) => ({
    id: attempt.id,
    invocation_id: invocation.id,
    status: attempt.status,
    status_code: attempt.statusCode,
    completed_at: attempt.completedAt,
    request: { headers: pairs(attempt.requestHeaders), payload: attempt.requestPayload },
    response: { headers: pairs(attempt.responseHeaders), payload: attempt.responsePayload },
  }));
  return json({ attempts });
}

const ACCESS = 'webhook-manager';

export const webhookRoutes: Route[] = [
  route('POST', '/api/v2/webhooks/test', ACCESS, 'webhooks', testWebhook),
  route('GET', '/api/v2/webhooks', ACCESS, 'webhooks', listWebhooks),
  route('POST', '/api/v2/webhooks', ACCESS, 'webhooks', createWebhook),
  route('GET', '/api/v2/webhooks/:id', ACCESS, 'webhooks', (call) => json({ webhook: webhookView(param(call)) })),
  route('PUT', '/api/v2/webhooks/:id', ACCESS, 'webhooks', writeWebhook),
  route('PATCH', '/api/v2/webhooks/:id', ACCESS, 'webhooks', writeWebhook),
  route('DELETE', '/api/v2/webhooks/:id', ACCESS, 'webhooks', deleteWebhook),
  route('GET', '/api/v2/webhooks/:id/signing_secret', ACCESS, 'webhooks', (call) => json(secretView(param(call)))),
  route('POST', '/api/v2/webhooks/:id/signing_secret', ACCESS, 'webhooks', rotateSecret),
  route('GET', '/api/v2/webhooks/:id/invocations', ACCESS, 'webhooks', listInvocations),
  route('GET', '/api/v2/webhooks/:id/invocations/:invocation/attempts', ACCESS, 'webhooks', listAttempts),
];
