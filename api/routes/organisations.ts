import { z } from 'zod';
import { createOrganisation, listOrganisations, readOrganisation } from '../../db/organisations';
import type { OrganisationRow } from '../../db/organisations';
import type { Database } from '../../db/pool';
import { actorOf, inOrganisation } from '../auth';
import { cursorSchema, decodeCursor, encodeCursor, idSchema, limitSchema, nameSchema } from '../fields';
import { registerRoute } from '../openapi';
import type { Api, RouteModule } from '../openapi';
import { notFound } from '../problems';
import { pageOf, time } from '../views';

const organisationSchema = z
  .strictObject({ id: z.uuid(), name: z.string(), createdAt: time })
  .meta({ id: 'Organisation' });

const view = ({ id, name, createdAt }: OrganisationRow) => ({ id, name, createdAt });

/** Organisations: the operator's people list and make them; everybody reads their own. */
export function organisationRoutes({ database }: { database: Database }): RouteModule {
  return (api) => {
    addList(api, database);
    registerRoute(api, {
      method: 'post',
      path: '/api/v1/organisations',
      operationId: 'createOrganisation',
      summary: 'Make an organisation',
      tag: 'organisations',
      right: 'organisations.create',
      body: z.strictObject({ name: nameSchema(200) }),
      answers: { 201: { description: 'Made.', schema: organisationSchema } },
      handle: async ({ body, caller }) => {
        const row = await database.withService((db) => createOrganisation(db, body.name, actorOf(caller)));
        return { status: 201, body: view(row), headers: { location: `/api/v1/organisations/${row.id}` } };
      },
    });
    registerRoute(api, {
      method: 'get',
      path: '/api/v1/organisations/{id}',
      operationId: 'getOrganisation',
      summary: 'One organisation',
      tag: 'organisations',
      right: 'organisations.read',
      params: z.strictObject({ id: idSchema }),
      answers: { 200: { description: 'The organisation.', schema: organisationSchema } },
      handle: async ({ params, caller }) => {
        const row = await inOrganisation(database, caller, params.id, 'getOrganisation', (db) =>
          readOrganisation(db, params.id),
        );
        if (!row) throw notFound('organisation');
        return { status: 200, body: view(row) };
      },
    });
  };
}

function addList(api: Api, database: Database): void {
  registerRoute(api, {
    method: 'get',
    path: '/api/v1/organisations',
    operationId: 'listOrganisations',
    summary: 'Organisations, oldest first',
    tag: 'organisations',
    right: 'organisations.list',
    query: z.strictObject({ limit: limitSchema, cursor: cursorSchema }),
    answers: {
      200: {
        description: 'One page.',
        schema: z.strictObject({ organisations: z.array(organisationSchema), nextCursor: z.string().nullable() }),
      },
    },
    handle: async ({ query }) => {
      const after = decodeCursor('organisations', query.cursor);
      const rows = await database.withService((db) => listOrganisations(db, { limit: query.limit + 1, after }));
      const { shown, nextCursor } = pageOf(rows, query.limit, (last) => encodeCursor('organisations', last));
      return { status: 200, body: { organisations: shown.map(view), nextCursor } };
    },
  });
}
