import { randomBytes } from 'node:crypto';
import { keepOrganisationKey, readOrganisationKey } from '../db/organisation-keys';
import type { Database } from '../db/pool';
import { sealedTextContext } from '../db/sealed-texts';
import type { SecretBox } from '../quarantine/index';

/** Gives the key with which an organisation's links and questions are hashed: 32 random bytes, made at the first need. */
export type OrganisationKeys = (organisationId: string) => Promise<Buffer>;

/** Keys of organisations from Postgres, each opened once in this process. */
export function createOrganisationKeys(deps: { database: Database; secretBox: SecretBox }): OrganisationKeys {
  const known = new Map<string, Promise<Buffer>>();
  const load = async (organisationId: string): Promise<Buffer> => {
    const context = sealedTextContext('organisation_key', {
      organisationId,
      connectionId: '',
      ticketId: '',
      commentId: '',
    });
    const sealed = await deps.database.withOrganisation(organisationId, async (db) => {
      const kept = await readOrganisationKey(db, organisationId);
      return kept ?? keepOrganisationKey(db, organisationId, await deps.secretBox.seal(randomBytes(32), context));
    });
    return deps.secretBox.open(sealed, context);
  };
  return (organisationId) => {
    const key = known.get(organisationId) ?? load(organisationId);
    known.set(organisationId, key);
    key.catch(() => known.delete(organisationId));
    return key;
  };
}
