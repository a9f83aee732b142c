import { z } from 'zod';
import { newToken, tokenHash } from '../../db/account-tokens';
import { appendAuditEvent } from '../../db/audit-events';
import { insertInvitation, listInvitations, revokeInvitation } from '../../db/invitations';
import type { InvitationRow } from '../../db/invitations';
import { readOrganisation } from '../../db/organisations';
import type { Queryable } from '../../db/pool';
import { INVITATION_MS, INVITATION_PAGE, linkWith } from '../../domain/sign-in';
import { invitationMail } from '../../domain/sign-in-mails';
import { ROLES } from '../../domain/words';
import { actorOf, inOrganisation, inOwner } from '../auth';
import { idSchema } from '../fields';
import { registerRoute } from '../openapi';
import type { Api, Caller, RouteModule } from '../openapi';
import { notFound } from '../problems';
import type { SignInDeps } from '../session/deps';
import { queueSignInMail } from '../session/mails';
import { GIVEN_ROLES, organisationOf } from '../session/organisation';
import { time } from '../views';

const TAG = 'people';
const invitationSchema = z
  .strictObject({
    id: z.uuid(),
    organisationId: z.uuid(),
    role: z.enum(ROLES),
    email: z.string(),
    createdAt: time,
    expiresAt: time,
  })
  .meta({ id: 'Invitation' });

const newInvitation = z.strictObject({
  email: z.email().max(254),
  role: z.enum(GIVEN_ROLES),
  organisationId: idSchema.optional().describe('Needed for support; an admin invites into the own organisation only.'),
});

/** Invitations: by mail, for a week, once. Whether an address has an account elsewhere is told to its holder alone. */
export function invitationRoutes(deps: SignInDeps): RouteModule {
  return (api) => {
    addInvite(api, deps);
    addList(api, deps);
    addRevoke(api, deps);
  };
}

function view({ id, organisationId, role, email, createdAt, expiresAt }: InvitationRow) {
  return { id, organisationId, role, email, createdAt: createdAt.toISOString(), expiresAt: expiresAt.toISOString() };
}

function addInvite(api: Api, deps: SignInDeps): void {
  registerRoute(api, {
    method: 'post',
    path: '/api/v1/invitations',
    operationId: 'invite',
    summary: 'Invite somebody by mail',
    description: 'An open invitation of the same address to the same organisation ends; the newest link counts.',
    tag: TAG,
    right: 'people.manage',
    body: newInvitation,
    answers: { 201: { description: 'The mail is queued.', schema: invitationSchema } },
    handle: async ({ body, caller }) => {
      const organisationId = organisationOf(caller, body.organisationId, 'body');
      const row = await inOrganisation(deps.database, caller, organisationId, 'invite', (db) =>
        invite(deps, db, caller, { ...body, organisationId }),
      );
      return { status: 201, body: view(row) };
    },
  });
}

async function invite(
  deps: SignInDeps,
  db: Queryable,
  caller: Caller,
  { email, role, organisationId }: { email: string; role: InvitationRow['role']; organisationId: string },
): Promise<InvitationRow> {
  const now = deps.clock();
  const token = newToken();
  const expiresAt = new Date(now.getTime() + INVITATION_MS);
  const invitation = { organisationId, role, email, hash: tokenHash(token), invitedBy: caller.actorId, expiresAt };
  const row = await insertInvitation(db, invitation, now);
  const organisation = await readOrganisation(db, organisationId);
  const mail = invitationMail(role, organisation?.name);
  await queueSignInMail(
    deps,
    db,
    { address: email, organisationId },
    mail,
    linkWith(deps.publicUrl, INVITATION_PAGE, token),
  );
  const detail = { invitationId: row.id, role };
  await appendAuditEvent(db, { organisationId, kind: 'invitation.sent', actor: actorOf(caller), detail });
  return row;
}

function addList(api: Api, deps: SignInDeps): void {
  registerRoute(api, {
    method: 'get',
    path: '/api/v1/invitations',
    operationId: 'listInvitations',
    summary: 'Open invitations of one organisation, newest first',
    tag: TAG,
    right: 'people.manage',
    query: z.strictObject({ organisation: idSchema.optional() }),
    answers: {
      200: {
        description: 'Those that may still be accepted.',
        schema: z.strictObject({ invitations: z.array(invitationSchema) }),
      },
    },
    handle: async ({ query, caller }) => {
      const organisationId = organisationOf(caller, query.organisation, 'query');
      const rows = await inOrganisation(deps.database, caller, organisationId, 'listInvitations', (db) =>
        listInvitations(db, organisationId, deps.clock()),
      );
      return { status: 200, body: { invitations: rows.map(view) } };
    },
  });
}

function addRevoke(api: Api, deps: SignInDeps): void {
  registerRoute(api, {
    method: 'delete',
    path: '/api/v1/invitations/{id}',
    operationId: 'revokeInvitation',
    summary: 'Take an open invitation back',
    tag: TAG,
    right: 'people.manage',
    params: z.strictObject({ id: idSchema }),
    answers: { 204: { description: 'Its link works no more.' } },
    handle: async ({ params: { id }, caller }) => {
      const row = { what: 'invitation', id } as const;
      await inOwner(deps.database, caller, row, 'revokeInvitation', async (db, organisationId) => {
        const revoked = await revokeInvitation(db, id, deps.clock());
        if (!revoked) throw notFound('invitation');
        const detail = { invitationId: id };
        await appendAuditEvent(db, { organisationId, kind: 'invitation.revoked', actor: actorOf(caller), detail });
      });
      return { status: 204 };
    },
  });
}
