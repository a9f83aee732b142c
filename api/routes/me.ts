import { z } from 'zod';
import { readOrganisation } from '../../db/organisations';
import type { Database } from '../../db/pool';
import { ROLES } from '../../domain/words';
import { registerRoute } from '../openapi';
import type { RouteModule } from '../openapi';
import { mayUse, RIGHTS } from '../rights';
import type { Right } from '../rights';

const meSchema = z
  .strictObject({
    apiKeyId: z.uuid().nullable().describe('null for a person with a session.'),
    userId: z.uuid().nullable().describe('null for an API key.'),
    role: z.enum(ROLES),
    organisation: z.strictObject({ id: z.uuid(), name: z.string() }).nullable(),
    rights: z.array(z.string()),
  })
  .meta({ id: 'Me' });

/** Who calls, by API key or session, and what it may do. */
export function meRoutes({ database }: { database: Database }): RouteModule {
  return (api) => {
    registerRoute(api, {
      method: 'get',
      path: '/api/v1/me',
      operationId: 'getMe',
      summary: 'Who calls, and what the caller may do',
      tag: 'me',
      right: 'me.read',
      answers: { 200: { description: 'The caller.', schema: meSchema } },
      handle: async ({ caller }) => {
        const id = caller.organisationId;
        const own =
          id === undefined ? undefined : await database.withOrganisation(id, (db) => readOrganisation(db, id));
        const rights = (Object.keys(RIGHTS) as Right[]).filter((right) => mayUse(caller.role, right));
        const organisation = own ? { id: own.id, name: own.name } : null;
        const ofPerson = caller.sessionId !== undefined;
        const who = { apiKeyId: ofPerson ? null : caller.actorId, userId: ofPerson ? caller.actorId : null };
        return { status: 200, body: { ...who, role: caller.role, organisation, rights } };
      },
    });
  };
}
