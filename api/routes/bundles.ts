import { z } from 'zod';
import { assignBundle, createBundle, listAssignments, listBundles, unassignBundle } from '../../db/bundles';
import type { Database } from '../../db/pool';
import { CHANNELS } from '../../domain/words';
import { actorOf, inOrganisation } from '../auth';
import { idSchema, nameSchema, timeSchema } from '../fields';
import { registerRoute } from '../openapi';
import type { Api, RouteModule } from '../openapi';
import { conflict, invalidFields, notFound } from '../problems';
import { time, timeOrNull } from '../views';

const bundleSchema = z
  .strictObject({ id: z.uuid(), name: z.string(), channels: z.array(z.enum(CHANNELS)), createdAt: time })
  .meta({ id: 'Bundle' });

const assignmentSchema = z
  .strictObject({
    bundleId: z.uuid(),
    name: z.string(),
    channels: z.array(z.enum(CHANNELS)),
    startsAt: time,
    endsAt: timeOrNull,
    active: z.boolean(),
  })
  .meta({ id: 'BundleAssignment' });

const assignmentsSchema = z.strictObject({ bundles: z.array(assignmentSchema) });
const assignedParams = z.strictObject({ id: idSchema, bundleId: idSchema });

/** Bundles (licences) and who has them. */
export function bundleRoutes({ database, clock }: { database: Database; clock: () => Date }): RouteModule {
  return (api) => {
    addBundles(api, database);
    addAssignments(api, database, clock);
  };
}

function addBundles(api: Api, database: Database): void {
  registerRoute(api, {
    method: 'get',
    path: '/api/v1/bundles',
    operationId: 'listBundles',
    summary: 'All bundles',
    tag: 'bundles',
    right: 'bundles.list',
    answers: { 200: { description: 'By name.', schema: z.strictObject({ bundles: z.array(bundleSchema) }) } },
    handle: async () => ({ status: 200, body: { bundles: await database.withService(listBundles) } }),
  });
  registerRoute(api, {
    method: 'post',
    path: '/api/v1/bundles',
    operationId: 'createBundle',
    summary: 'Make a bundle',
    tag: 'bundles',
    right: 'bundles.create',
    body: z.strictObject({ name: nameSchema(100), channels: z.array(z.enum(CHANNELS)).min(1).max(20) }),
    answers: { 201: { description: 'Made.', schema: bundleSchema } },
    handle: async ({ body, caller }) => {
      const row = await database.withService((db) => createBundle(db, body));
      if (!row) {
        const errors = [{ field: 'name', pointer: '/name', detail: 'is taken' }];
        throw conflict('name_taken', 'There is a bundle of this name.', 'Names are unique.', 'Choose another name.', {
          errors,
        });
      }
      // Bundles belong to no organisation, so no audit log but this one can hold their making.
      api.log.info({ bundleId: row.id, actorId: caller.actorId }, 'bundle created');
      return { status: 201, body: row };
    },
  });
}

function addAssignments(api: Api, database: Database, clock: () => Date): void {
  registerRoute(api, {
    method: 'get',
    path: '/api/v1/organisations/{id}/bundles',
    operationId: 'listOrganisationBundles',
    summary: 'Bundles of one organisation, ended ones included',
    tag: 'bundles',
    right: 'organisation_bundles.read',
    params: z.strictObject({ id: idSchema }),
    answers: { 200: { description: 'By name.', schema: assignmentsSchema } },
    handle: async ({ params, caller }) => {
      const bundles = await inOrganisation(database, caller, params.id, 'listOrganisationBundles', (db) =>
        listAssignments(db, params.id),
      );
      return { status: 200, body: { bundles } };
    },
  });
  registerRoute(api, {
    method: 'put',
    path: '/api/v1/organisations/{id}/bundles/{bundleId}',
    operationId: 'assignBundle',
    summary: 'Assign a bundle to an organisation, or change its times',
    tag: 'bundles',
    right: 'bundles.assign',
    params: assignedParams,
    body: z.strictObject({ startsAt: timeSchema.optional(), endsAt: timeSchema.nullable().optional() }),
    answers: { 200: { description: 'Bundles of the organisation.', schema: assignmentsSchema } },
    handle: async ({ params, body, caller }) => {
      const starts = body.startsAt === undefined ? clock().getTime() : Date.parse(body.startsAt);
      if (typeof body.endsAt === 'string' && Date.parse(body.endsAt) <= starts) {
        throw invalidFields('body', [
          { field: 'endsAt', pointer: '/endsAt', detail: 'expected a time after startsAt.' },
        ]);
      }
      const assignment = {
        organisationId: params.id,
        bundleId: params.bundleId,
        ...(body.startsAt !== undefined && { startsAt: body.startsAt }),
        ...(body.endsAt !== undefined && { endsAt: body.endsAt }),
      };
      return inOrganisation(database, caller, params.id, 'assignBundle', async (db) => {
        if (!(await assignBundle(db, assignment, actorOf(caller)))) throw notFound('bundle', 'bundleId');
        return { status: 200, body: { bundles: await listAssignments(db, params.id) } };
      });
    },
  });
  registerRoute(api, {
    method: 'delete',
    path: '/api/v1/organisations/{id}/bundles/{bundleId}',
    operationId: 'unassignBundle',
    summary: 'End the assignment of a bundle now',
    description:
      'Connections of its channels stay and go on scanning until they are deactivated; none can be activated.',
    tag: 'bundles',
    right: 'bundles.assign',
    params: assignedParams,
    answers: { 200: { description: 'Bundles of the organisation.', schema: assignmentsSchema } },
    handle: async ({ params, caller }) =>
      inOrganisation(database, caller, params.id, 'unassignBundle', async (db) => {
        const assignment = { organisationId: params.id, bundleId: params.bundleId };
        if (!(await unassignBundle(db, assignment, actorOf(caller)))) throw notFound('running assignment', 'bundleId');
        return { status: 200, body: { bundles: await listAssignments(db, params.id) } };
      }),
  });
}
