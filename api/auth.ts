import type { Request, RequestHandler } from 'express';
import { authenticateApiKey } from '../db/api-keys';
import { appendAuditEvent } from '../db/audit-events';
import type { Actor } from '../db/audit-events';
import type { Database, Queryable } from '../db/pool';
import { noteCrossing } from '../db/sessions';
import { notFound, unauthorised } from './problems';
import { asyncHandler } from './requests';
import type { Caller } from './route';
import type { SignInDeps } from './session/deps';
import { requireSession } from './session/guard';

export interface Authentication {
  authenticate: RequestHandler;
  callerOf(request: Request): Caller | undefined;
}

/**
 * Signs requests in: by `Authorization: Bearer lz_…`, else by the session of a person. A wrong, unknown or revoked key is
 * refused in the same words. A key needs no CSRF token: no other site can make a browser send that header.
 */
export function createAuthentication(deps: SignInDeps): Authentication {
  const callers = new WeakMap<Request, Caller>();
  return {
    callerOf: (request) => callers.get(request),
    authenticate: (request, response, next) => {
      const check = asyncHandler(async () => {
        callers.set(request, await identify(deps, request));
        next();
      });
      check(request, response, next);
    },
  };
}

async function identify(deps: SignInDeps, request: Request): Promise<Caller> {
  const { authorization } = request.headers;
  if (authorization !== undefined) return identifyKey(deps.database, authorization);
  if (deps.cookies.read(request, 'session') === undefined) {
    throw unauthorised('Neither an API key nor a session came with the request.');
  }
  const { session } = await requireSession(deps, request);
  const { userId, role, organisationId } = session;
  return { actorId: userId, sessionId: session.id, role, organisationId: organisationId ?? undefined };
}

async function identifyKey(database: Database, header: string): Promise<Caller> {
  const [, key] = /^Bearer ([\w-]{1,100})$/iu.exec(header) ?? [];
  if (key === undefined) throw unauthorised('The header is not "Bearer" and an API key.');
  const row = await database.withService((db) => authenticateApiKey(db, key));
  if (!row) throw unauthorised('The API key is not known, or it was revoked.');
  return { actorId: row.id, sessionId: undefined, role: row.role, organisationId: row.organisationId ?? undefined };
}

/** The person, or the holder of the key, for audit events: an id, never a name. */
export function actorOf(caller: Caller): Actor {
  return { kind: 'person', id: caller.actorId };
}

/**
 * Runs `work` inside one organisation, as Postgres enforces. People of an organisation reach their own only: another's
 * id is answered like one that does not exist. An operator's crossing is written into that organisation's audit log
 * first, and stays there when `work` fails.
 * @param purpose the route's operationId, for the audit event
 */
export async function inOrganisation<T>(
  database: Database,
  caller: Caller,
  organisationId: string,
  purpose: string,
  work: (db: Queryable) => Promise<T>,
): Promise<T> {
  if (caller.organisationId !== undefined && caller.organisationId !== organisationId) throw notFound('organisation');
  if (caller.organisationId === undefined) {
    await database.withOrganisation(organisationId, async (db) => {
      const { rowCount } = await db.query('select from organisations where id = $1', [organisationId]);
      if (rowCount !== 1) throw notFound('organisation');
      await auditCrossing(db, caller, [organisationId], purpose);
    });
  }
  return database.withOrganisation(organisationId, work);
}

/**
 * Writes one `organisation.crossed` event into the log of each organisation that an operator has looked into: a session
 * tells each once, a key each time.
 */
export async function auditCrossing(
  db: Queryable,
  caller: Caller,
  organisationIds: readonly string[],
  purpose: string,
): Promise<void> {
  for (const organisationId of new Set(organisationIds)) {
    if (caller.sessionId !== undefined && !(await noteCrossing(db, caller.sessionId, organisationId))) continue;
    const detail = { role: caller.role, purpose };
    await appendAuditEvent(db, { organisationId, kind: 'organisation.crossed', actor: actorOf(caller), detail });
  }
}

const OWNERS = {
  scan: 'items',
  person: 'users',
  invitation: 'invitations',
  investigation: 'investigations',
  decision: 'decisions',
  'API key': 'api_keys',
  connection: 'connections',
} as const;

/**
 * Runs `work` inside the organisation that owns the row with this id. Unknown ids, and ids of other organisations for
 * their people, are a 404.
 */
export async function inOwner<T>(
  database: Database,
  caller: Caller,
  row: { what: keyof typeof OWNERS; id: string },
  purpose: string,
  work: (db: Queryable, organisationId: string) => Promise<T>,
): Promise<T> {
  const own = caller.organisationId;
  const organisationId = own ?? (await ownerOf(database, row));
  if (organisationId === undefined) throw notFound(row.what);
  return inOrganisation(database, caller, organisationId, purpose, (db) => work(db, organisationId));
}

async function ownerOf(
  database: Database,
  row: { what: keyof typeof OWNERS; id: string },
): Promise<string | undefined> {
  return database.withService(async (db) => {
    const sql = `select organisation_id as "organisationId" from ${OWNERS[row.what]} where id = $1`;
    const { rows } = await db.query<{ organisationId: string | null }>(sql, [row.id]);
    return rows[0]?.organisationId ?? undefined;
  });
}
