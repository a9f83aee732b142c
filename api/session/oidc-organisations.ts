import { readOrganisation } from '../../db/organisations';
import type { Database } from '../../db/pool';
import type { OidcRoleRule } from './oidc';

/**
 * Looks before the first sign-in whether the organisations exist that the rules name.
 * @throws Error with a sentence for whoever starts Lazaret
 */
export async function requireOidcOrganisations(database: Database, rules: readonly OidcRoleRule[]): Promise<void> {
  const named = new Set(rules.flatMap(({ organisationId }) => organisationId ?? []));
  const unknown = await database.withService(async (db) => {
    const missing: string[] = [];
    for (const id of named) if (!(await readOrganisation(db, id))) missing.push(id);
    return missing;
  });
  if (unknown.length === 0) return;
  const which = unknown.length === 1 ? 'the organisation' : 'the organisations';
  throw new Error(
    `LAZARET_OIDC_ROLES names ${which} ${unknown.join(', ')}, which this installation does not have: ` +
      'set organisationId to an id that GET /api/v1/organisations shows, or make the organisation first.',
  );
}
