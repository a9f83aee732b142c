import { invalidFields } from '../problems';
import type { Caller } from '../route';

/** Roles that may be given over the network; the operator's own people are invited on the machine. */
export const GIVEN_ROLES = ['viewer', 'admin'] as const;

/** The organisation that a request is about: named, or the caller's own. @throws Problem 4xx that names the field */
export function organisationOf(caller: Caller, named: string | undefined, place: 'body' | 'query'): string {
  const organisationId = named ?? caller.organisationId;
  if (organisationId !== undefined) return organisationId;
  const field = place === 'body' ? 'organisationId' : 'organisation';
  const detail = 'is needed: you belong to no organisation.';
  throw invalidFields(place, [{ field, ...(place === 'body' && { pointer: `/${field}` }), detail }]);
}
