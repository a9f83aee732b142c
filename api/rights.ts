import { ROLES } from '../domain/words';
import type { Role } from '../domain/words';

/**
 * Who may do what: the one table. Viewer and admin are people of one organisation and act inside it only; support and
 * analyst are the operator's people, belong to no organisation, and each crossing into one is audited.
 */
export const RIGHTS = {
  'me.read': ROLES,
  'organisations.list': ['support', 'analyst'],
  'organisations.create': ['support'],
  'organisations.read': ROLES,
  'bundles.list': ['support'],
  'bundles.create': ['support'],
  'bundles.assign': ['support'],
  'organisation_bundles.read': ROLES,
  'policy.read': ['admin', 'support', 'analyst'],
  'policy.write': ['admin', 'support'],
  'dashboard.read': ROLES,
  'notifications.write': ['admin', 'support'],
  'api_keys.manage': ['admin', 'support'],
  'people.manage': ['admin', 'support'],
  'connections.read': ROLES,
  'connections.activate': ['admin'],
  'connections.deactivate': ['admin', 'support'],
  'connections.verify': ['support'],
  'connections.app': ['admin', 'support'],
  'scans.read': ROLES,
  'scan_views.use': ROLES,
  'links.open': ['analyst'],
  'scans.decide': ['analyst'],
  'decisions.read': ROLES,
  'clean_file.download': ['admin'],
  'return.settle': ['admin'],
  'investigations.request': ['admin', 'support', 'analyst'],
  'investigations.read': ['admin', 'support', 'analyst'],
  'investigations.claim': ['analyst'],
  'sealed_copy.look': ['analyst'],
  'sealed_copy.download': ['analyst'],
  'lists.read': ['admin', 'support', 'analyst'],
  'lists.write': ['admin', 'support'],
  'engines.read': ['admin', 'support'],
  'audit.read': ['admin', 'support', 'analyst'],
} as const satisfies Record<string, readonly Role[]>;

export type Right = keyof typeof RIGHTS;

/** True when people of this role have this right. */
export function mayUse(role: Role, right: Right): boolean {
  const roles: readonly Role[] = RIGHTS[right];
  return roles.includes(role);
}
