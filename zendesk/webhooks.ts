import type { z } from 'zod';
import type { Lane } from '../domain/words';
import type { BudgetEndpoint } from './budget';
import { readPages } from './paging';
import { pathId, type ApiRequest, type ZendeskApi } from './request';
import {
  AttemptsAnswer,
  InvocationsPage,
  SigningSecretAnswer,
  WebhookAnswer,
  WebhooksPage,
  WebhookTestAnswer,
  type Invocation,
  type InvocationAttempt,
  type Webhook,
} from './schemas-account';

/** Event types Lazaret subscribes to. Order and number of deliveries are not guaranteed (fact sheet §4.5). */
export const TICKET_EVENT_SUBSCRIPTIONS = [
  'zen:event-type:ticket.created',
  'zen:event-type:ticket.comment_added',
  'zen:event-type:ticket.attachment_linked_to_comment',
  'zen:event-type:ticket.attachment_redacted_from_comment',
  'zen:event-type:ticket.comment_redacted',
  'zen:event-type:ticket.merged',
  'zen:event-type:ticket.status_changed',
  'zen:event-type:ticket.soft_deleted',
  'zen:event-type:ticket.undeleted',
] as const;

/** The only subscription of a webhook that triggers call. */
export const TRIGGER_SUBSCRIPTION = 'conditional_ticket_events';

/** A webhook as Lazaret makes it: always POST and JSON, active. How it is connected can never be changed later. */
export interface WebhookDraft {
  name: string;
  description: string;
  endpoint: string;
  subscriptions: readonly string[];
}

export interface SigningSecret {
  algorithm: string;
  secret: string;
}

export interface Webhooks {
  list(lane: Lane, nameContains?: string): Promise<Webhook[]>;
  get(webhookId: string, lane: Lane): Promise<Webhook>;
  create(draft: WebhookDraft, lane: Lane): Promise<Webhook>;
  /** Replaces the webhook as a whole (fact sheet §4.1). */
  replace(webhookId: string, draft: WebhookDraft, lane: Lane): Promise<void>;
  setStatus(webhookId: string, status: 'active' | 'inactive', lane: Lane): Promise<void>;
  delete(webhookId: string, lane: Lane): Promise<void>;
  /** Lets Zendesk send `payload` to the endpoint now; the status our endpoint answered, if it did. */
  test(webhookId: string, endpoint: string, payload: string, lane: Lane): Promise<{ status: number | undefined }>;
  signingSecret(webhookId: string, lane: Lane): Promise<SigningSecret>;
  /** Makes a new secret. Keep the old one for a while: whether both sign during the change is unconfirmed. */
  rotateSigningSecret(webhookId: string, lane: Lane): Promise<SigningSecret>;
  /** What Zendesk delivered since `fromTs` (ISO), at most of the last seven days, to the last page. */
  invocations(webhookId: string, lane: Lane, filter?: { fromTs?: string; status?: string }): Promise<Invocation[]>;
  /** How Zendesk sent one of these, as it recorded it. */
  attempts(webhookId: string, invocationId: string, lane: Lane): Promise<InvocationAttempt[]>;
}

const ENDPOINTS: readonly BudgetEndpoint[] = ['webhooks'];

/** Calls about webhooks (fact sheet §4). */
export function createWebhooks(api: ZendeskApi): Webhooks {
  const base = '/api/v2/webhooks';
  const one = (id: string): string => `${base}/${pathId(id, 'webhooks')}`;
  const call = <S extends z.ZodType>(
    request: Pick<ApiRequest, 'operation' | 'method' | 'path' | 'lane'> & Partial<ApiRequest>,
    schema: S,
  ): Promise<z.output<S>> => api.call({ ...request, endpoints: ENDPOINTS }, schema);
  const run = (operation: string, method: ApiRequest['method'], path: string, lane: Lane, json?: unknown) =>
    api.run({ operation, method, path, lane, json, endpoints: ENDPOINTS });
  const secret = async (operation: string, method: 'GET' | 'POST', id: string, lane: Lane): Promise<SigningSecret> =>
    (await call({ operation, method, path: `${one(id)}/signing_secret`, lane }, SigningSecretAnswer)).signing_secret;

  return {
    list: (lane, nameContains) => listWebhooks(api, lane, nameContains),
    get: async (id, lane) =>
      (await call({ operation: 'webhooks.get', method: 'GET', path: one(id), lane }, WebhookAnswer)).webhook,
    create: async (draft, lane) => {
      const request = { operation: 'webhooks.create', method: 'POST', path: base, json: body(draft), lane } as const;
      return (await call(request, WebhookAnswer)).webhook;
    },
    replace: (id, draft, lane) => run('webhooks.replace', 'PUT', one(id), lane, body(draft)),
    setStatus: (id, status, lane) => run('webhooks.status', 'PATCH', one(id), lane, { webhook: { status } }),
    delete: (id, lane) => run('webhooks.delete', 'DELETE', one(id), lane),
    test: async (id, endpoint, payload, lane) => {
      const json = { request: { endpoint, http_method: 'POST', request_format: 'json', payload } };
      const query = { webhook_id: pathId(id, 'webhooks.test') };
      const request = { operation: 'webhooks.test', method: 'POST', path: `${base}/test`, query, json, lane } as const;
      return { status: (await call(request, WebhookTestAnswer)).response.status_code ?? undefined };
    },
    signingSecret: (id, lane) => secret('webhooks.secret', 'GET', id, lane),
    rotateSigningSecret: (id, lane) => secret('webhooks.rotate_secret', 'POST', id, lane),
    attempts: async (id, invocationId, lane) => {
      const operation = 'webhooks.attempts';
      const path = `${one(id)}/invocations/${pathId(invocationId, operation)}/attempts`;
      return (await call({ operation, method: 'GET', path, lane }, AttemptsAnswer)).attempts;
    },
    invocations: (id, lane, filter) => listInvocations(api, `${one(id)}/invocations`, lane, filter),
  };
}

function body(draft: WebhookDraft): { webhook: Record<string, unknown> } {
  return { webhook: { ...draft, http_method: 'POST', request_format: 'json', status: 'active' } };
}

async function listWebhooks(api: ZendeskApi, lane: Lane, nameContains?: string): Promise<Webhook[]> {
  const operation = 'webhooks.list';
  const all: Webhook[] = [];
  await readPages(
    operation,
    (after) => {
      const query = { 'filter[name_contains]': nameContains, 'page[size]': '100', 'page[after]': after };
      const path = '/api/v2/webhooks';
      return api.call({ operation, method: 'GET', path, query, lane, endpoints: ENDPOINTS }, WebhooksPage);
    },
    (page) => {
      all.push(...page.webhooks);
    },
  );
  return all;
}

async function listInvocations(
  api: ZendeskApi,
  path: string,
  lane: Lane,
  filter: { fromTs?: string; status?: string } = {},
): Promise<Invocation[]> {
  const operation = 'webhooks.invocations';
  const all: Invocation[] = [];
  await readPages(
    operation,
    (after) => {
      const query = {
        'filter[from_ts]': filter.fromTs,
        'filter[status]': filter.status,
        'page[size]': '100',
        'page[after]': after,
      };
      return api.call({ operation, method: 'GET', path, query, lane, endpoints: ENDPOINTS }, InvocationsPage);
    },
    (page) => {
      all.push(...page.invocations);
    },
  );
  return all;
}
