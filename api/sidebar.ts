import { createHash } from 'node:crypto';
import { newToken, tokenHash } from '../db/account-tokens';
import { findSidebarSession, findZendeskApp, openSidebarSession } from '../db/zendesk-apps';
import type { SidebarSession } from '../db/zendesk-apps';
import type { Database } from '../db/pool';
import type { SidebarRefusal } from '../domain/sidebar-texts';
import { AppTokenError, checkAppToken, readInstallation } from '../zendesk/app-token';
import { notFound, Problem } from './problems';

/** An agent's page may ask for so long, in milliseconds; then it is loaded again. */
export const SIDEBAR_SESSION_MS = 30 * 60_000;
/** What an agent may see is believed for so long, in milliseconds. */
export const SIGHT_MS = 60_000;
const MOST_SIGHTS = 10_000;

/** What the sidebar needs. */
export interface SidebarDeps {
  database: Database;
  clock: () => Date;
  /** Asks the help desk whether an agent may see a ticket. Rejects where it cannot be asked. */
  maySee(asked: Omit<SidebarSession, 'id'> & { ticketId: string }): Promise<boolean>;
}

/** Thrown where the page is not given out. */
export class SidebarRefused extends Error {
  override readonly name = 'SidebarRefused';
  readonly refusal: SidebarRefusal;
  constructor(refusal: SidebarRefusal) {
    super(`the sidebar is refused: ${refusal}`);
    this.refusal = refusal;
  }
}

/**
 * Opens a session for the token that Zendesk posts with the page's first request. The connection comes from the token: the
 * installation that it names, and the key that was entered for it.
 * @throws SidebarRefused
 */
export async function openSidebar(
  deps: SidebarDeps,
  token: string,
): Promise<{ bearer: string; subdomain: string; organisationId: string }> {
  if (token === '') throw new SidebarRefused('missing');
  try {
    const now = deps.clock();
    const named = await readInstallation(token);
    const app = await deps.database.withService((db) => findZendeskApp(db, named));
    if (!app) throw new SidebarRefused('unknown');
    const { userId, expiresAt } = await checkAppToken(token, named, app.publicKey, now);
    const bearer = newToken();
    const ends = new Date(Math.max(now.getTime() + SIDEBAR_SESSION_MS, expiresAt.getTime()));
    const { organisationId, connectionId } = app;
    const opened = await deps.database.withService((db) =>
      openSidebarSession(db, {
        ...{ organisationId, connectionId, userId, now, expiresAt: ends },
        hash: tokenHash(bearer),
        tokenHash: signedPartHash(token),
      }),
    );
    if (!opened) throw new SidebarRefused('used');
    return { bearer, subdomain: named.subdomain, organisationId };
  } catch (error) {
    if (error instanceof AppTokenError) throw new SidebarRefused(error.refusal);
    throw error;
  }
}

/** Of what is signed only: the same token may be written with another signature's padding. */
function signedPartHash(token: string): Buffer {
  return createHash('sha256')
    .update(token.slice(0, token.lastIndexOf('.')))
    .digest();
}

/**
 * The agent behind a request of the page.
 * @throws Problem 401 where the page has to be loaded again
 */
export async function requireAgent(deps: SidebarDeps, authorization: string | undefined): Promise<SidebarSession> {
  const bearer = /^Bearer ([\w-]{43})$/u.exec(authorization ?? '')?.[1];
  const session =
    bearer === undefined
      ? undefined
      : await deps.database.withService((db) => findSidebarSession(db, tokenHash(bearer), deps.clock()));
  if (session) return session;
  const detail = 'The page of the app was opened too long ago, or the app was entered anew meanwhile.';
  throw new Problem({
    ...{ status: 401, kind: 'sidebar_session_ended', title: 'The page has to be loaded again.', detail },
    remedy: 'Reload the app in the ticket.',
    errors: [{ field: 'Authorization', detail }],
  });
}

/** Remembers for a moment which tickets an agent may see; what he may not see is asked about each time. */
export function createSight(deps: SidebarDeps) {
  const seen = new Map<string, number>();
  /** @throws Problem 404 for whatever the agent may not see, 503 where Zendesk cannot be asked */
  return async (session: SidebarSession, ticketId: string): Promise<void> => {
    const { organisationId, connectionId, userId } = session;
    const key = `${connectionId}:${ticketId}:${userId}`;
    const now = deps.clock().getTime();
    if ((seen.get(key) ?? 0) > now) return;
    const may = await deps.maySee({ organisationId, connectionId, userId, ticketId }).catch((error: unknown) => {
      throw cannotAsk(error);
    });
    if (!may) throw notFound('ticket', 'ticketId');
    seen.delete(key);
    seen.set(key, now + SIGHT_MS);
    if (seen.size > MOST_SIGHTS) seen.delete(seen.keys().next().value ?? '');
  };
}

function cannotAsk(cause: unknown): Problem {
  return new Problem({
    status: 503,
    kind: 'temporarily_unavailable',
    title: 'Zendesk could not be asked what you may see.',
    detail: 'Without that nothing about the ticket is shown.',
    remedy: 'Look again in a moment. If it stays so, an admin looks at the connection in Lazaret.',
    headers: { 'retry-after': '10' },
    cause,
  });
}
