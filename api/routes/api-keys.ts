import { z } from 'zod';
import { createApiKey, listApiKeys, revokeApiKey } from '../../db/api-keys';
import type { Database } from '../../db/pool';
import { ROLES } from '../../domain/words';
import { actorOf, inOrganisation, inOwner } from '../auth';
import { idSchema, nameSchema } from '../fields';
import { registerRoute } from '../openapi';
import type { Api, Caller, RouteModule } from '../openapi';
import { invalidFields, notFound } from '../problems';
import { time, timeOrNull } from '../views';

const keySchema = z
  .strictObject({
    id: z.uuid(),
    organisationId: z.uuid().nullable(),
    role: z.enum(ROLES),
    name: z.string(),
    createdAt: time,
    lastUsedAt: timeOrNull.describe('To the minute.'),
    revokedAt: timeOrNull,
  })
  .meta({ id: 'ApiKey' });

const newKeySchema = z.strictObject({
  name: nameSchema(100),
  role: z.enum(['viewer', 'admin']),
  organisationId: idSchema.optional().describe('Needed for support; an admin makes keys of the own organisation only.'),
});

/** API keys of organisations. Keys of the operator's own people are made on the machine, never over the network. */
export function apiKeyRoutes({ database }: { database: Database }): RouteModule {
  return (api) => {
    addList(api, database);
    registerRoute(api, {
      method: 'post',
      path: '/api/v1/api-keys',
      operationId: 'createApiKey',
      summary: 'Make an API key; it is shown this once',
      tag: 'api keys',
      right: 'api_keys.manage',
      body: newKeySchema,
      answers: {
        201: { description: 'Made.', schema: z.strictObject({ key: z.string(), apiKey: keySchema }) },
      },
      handle: async ({ body, caller }) => {
        const organisationId = organisationFor(caller, body.organisationId, 'body');
        const made = await inOrganisation(database, caller, organisationId, 'createApiKey', (db) =>
          createApiKey(db, { organisationId, role: body.role, name: body.name }, actorOf(caller)),
        );
        return { status: 201, body: { key: made.key, apiKey: made.row } };
      },
    });
    registerRoute(api, {
      method: 'delete',
      path: '/api/v1/api-keys/{id}',
      operationId: 'revokeApiKey',
      summary: 'Revoke an API key for good',
      tag: 'api keys',
      right: 'api_keys.manage',
      params: z.strictObject({ id: idSchema }),
      answers: { 200: { description: 'Revoked, now or before.', schema: keySchema } },
      handle: async ({ params: { id }, caller }) => {
        const row = await inOwner(database, caller, { what: 'API key', id }, 'revokeApiKey', (db) =>
          revokeApiKey(db, id, actorOf(caller)),
        );
        if (!row) throw notFound('API key');
        return { status: 200, body: row };
      },
    });
  };
}

function addList(api: Api, database: Database): void {
  registerRoute(api, {
    method: 'get',
    path: '/api/v1/api-keys',
    operationId: 'listApiKeys',
    summary: 'API keys of one organisation, newest first',
    tag: 'api keys',
    right: 'api_keys.manage',
    query: z.strictObject({ organisation: idSchema.optional() }),
    answers: {
      200: { description: 'Without the keys.', schema: z.strictObject({ apiKeys: z.array(keySchema) }) },
    },
    handle: async ({ query, caller }) => {
      const organisationId = organisationFor(caller, query.organisation, 'query');
      const apiKeys = await inOrganisation(database, caller, organisationId, 'listApiKeys', (db) =>
        listApiKeys(db, organisationId),
      );
      return { status: 200, body: { apiKeys } };
    },
  });
}

function organisationFor(caller: Caller, named: string | undefined, place: 'body' | 'query'): string {
  const organisationId = named ?? caller.organisationId;
  if (organisationId !== undefined) return organisationId;
  const field = place === 'body' ? 'organisationId' : 'organisation';
  const detail = 'is needed: this API key belongs to no organisation.';
  throw invalidFields(place, [{ field, ...(place === 'body' && { pointer: `/${field}` }), detail }]);
}
