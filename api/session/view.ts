import { z } from 'zod';
import { readOrganisation } from '../../db/organisations';
import type { SessionRow } from '../../db/sessions';
import { findUser } from '../../db/users';
import { ROLES } from '../../domain/words';
import { mayUse, RIGHTS } from '../rights';
import type { Right } from '../rights';
import { time, timeOrNull } from '../views';
import type { SignInDeps } from './deps';
import { signInNeeded } from './guard';
import { csrfToken } from './tokens';

/** A person as others of the same organisation, and the operator's people, see one. */
export const personSchema = z
  .strictObject({
    id: z.uuid(),
    organisationId: z.uuid().nullable(),
    role: z.enum(ROLES),
    email: z.string(),
    name: z.string(),
    createdAt: time,
    lastSignInAt: timeOrNull,
    disabledAt: timeOrNull,
    secondFactor: z.boolean().describe('Whether an authenticator is asked at sign-in.'),
    external: z.boolean().describe('Signs in at the identity provider.'),
  })
  .meta({ id: 'Person' });

/** Who is signed in, how far, and what the page may show. */
export const sessionSchema = z
  .strictObject({
    id: z.uuid(),
    stage: z
      .enum(['full', 'second_factor', 'enrol'])
      .describe(
        'second_factor: a code is missing. enrol: an authenticator has to be set up. Both can do nothing else.',
      ),
    csrfToken: z.string().describe('For the header X-CSRF-Token of everything that changes something.'),
    expiresAt: time,
    person: personSchema,
    organisation: z.strictObject({ id: z.uuid(), name: z.string() }).nullable(),
    rights: z.array(z.string()).describe('Empty until the sign-in is complete.'),
  })
  .meta({ id: 'Session' });

/** Renders a session for its own person. @throws Problem 401 when the person is gone */
export async function viewSession(
  deps: SignInDeps,
  session: Pick<SessionRow, 'id' | 'stage' | 'expiresAt'> & { userId: string },
  token: string,
): Promise<z.input<typeof sessionSchema>> {
  const { person, organisation } = await deps.database.withService(async (db) => {
    const found = await findUser(db, session.userId);
    const own = found?.organisationId ? await readOrganisation(db, found.organisationId) : undefined;
    return { person: found, organisation: own };
  });
  if (!person) throw signInNeeded('The session has ended.');
  const rights = (Object.keys(RIGHTS) as Right[]).filter((right) => mayUse(person.role, right));
  return {
    id: session.id,
    stage: session.stage,
    csrfToken: csrfToken(token),
    expiresAt: session.expiresAt.toISOString(),
    person: viewPerson(person),
    organisation: organisation ? { id: organisation.id, name: organisation.name } : null,
    rights: session.stage === 'full' ? rights : [],
  };
}

/** A person as JSON. */
export function viewPerson(person: NonNullable<Awaited<ReturnType<typeof findUser>>>): z.input<typeof personSchema> {
  return {
    ...person,
    createdAt: person.createdAt.toISOString(),
    lastSignInAt: person.lastSignInAt?.toISOString() ?? null,
    disabledAt: person.disabledAt?.toISOString() ?? null,
  };
}
