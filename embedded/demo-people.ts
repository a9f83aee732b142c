import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { secretFile } from '../config/secrets';
import { newToken, tokenHash } from '../db/account-tokens';
import { insertInvitation } from '../db/invitations';
import { openDatabase } from '../db/pool';
import type { Database } from '../db/pool';
import { findByEmail } from '../db/users';
import { INVITATION_MS } from '../domain/sign-in';
import type { SeedContext, Seeded } from './seed-context';

type Person = Seeded['signIn']['people'][number];

const ADDRESSES = [
  ['admin', 'admin@acme.example'],
  ['viewer', 'viewer@acme.example'],
  ['support', 'support@lazaret.example'],
  ['analyst', 'analyst@lazaret.example'],
] as const;
const NAMES = { admin: 'Ada Admin', viewer: 'Vito Viewer', support: 'Sam Support', analyst: 'Anna Analyst' } as const;

/**
 * Makes sure that each role has a person who can sign in. Passwords are made once and kept beside the data, mode 0600,
 * before the first account is made: a start that is cut short goes on with the same ones.
 */
export async function ensurePeople(context: SeedContext, organisationId: string): Promise<Seeded['signIn']> {
  const file = join(context.dataDir, 'secrets', 'sign-in.json');
  const made = () =>
    ADDRESSES.map(([role, email]) => ({ role, email, password: randomBytes(15).toString('base64url') }));
  const people = JSON.parse(secretFile(file, () => JSON.stringify(made()))) as Person[];
  const database = openDatabase(context.databaseUrl, { size: 1 });
  try {
    for (const person of people) await ensurePerson(context, database, person, organisationId);
  } finally {
    await database.close();
  }
  return { url: `${context.apiUrl}/sign-in`, people };
}

/** By an invitation that is accepted over the API, as everybody else's account is made. */
async function ensurePerson(
  context: SeedContext,
  database: Database,
  { role, email, password }: Person,
  organisationId: string,
): Promise<void> {
  const token = newToken();
  const isMissing = await database.withService(async (db) => {
    if (await findByEmail(db, email)) return false;
    const now = new Date();
    const expiresAt = new Date(now.getTime() + INVITATION_MS);
    const place = role === 'admin' || role === 'viewer' ? organisationId : null;
    const invitedBy = 'demonstration';
    await insertInvitation(
      db,
      { organisationId: place, role, email, hash: tokenHash(token), invitedBy, expiresAt },
      now,
    );
    return true;
  });
  if (!isMissing) return;
  const response = await fetch(`${context.apiUrl}/api/v1/invitation-acceptances`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: new URL(context.apiUrl).origin },
    body: JSON.stringify({ token, name: NAMES[role], password }),
  });
  if (!response.ok) throw new Error(`the account of the ${role} was refused: ${await response.text()}`);
}
