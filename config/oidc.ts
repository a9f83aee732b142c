import { z } from 'zod';

/** Which claim of the identity provider makes whom of somebody; the first rule that fits counts. */
export interface OidcRole {
  claim: string;
  value: string;
  role: 'viewer' | 'admin' | 'support' | 'analyst';
  /** For viewer and admin. */
  organisationId?: string | undefined;
}

const text = z.string().min(1).max(200);
const rulesSchema = z
  .array(
    z.discriminatedUnion('role', [
      z.strictObject({ claim: text, value: text, role: z.enum(['viewer', 'admin']), organisationId: z.uuid() }),
      z.strictObject({ claim: text, value: text, role: z.enum(['support', 'analyst']) }),
    ]),
  )
  .min(1);

/** Reads `LAZARET_OIDC_ROLES`; undefined when it cannot be used. */
export function parseOidcRoles(json: string): readonly OidcRole[] | undefined {
  try {
    return rulesSchema.parse(JSON.parse(json));
  } catch {
    return undefined;
  }
}

/** Whether this may be an issuer: https, or http to this machine; it may have a path. */
export function isIssuer(address: string): boolean {
  if (!URL.canParse(address) || /[?#@]/.test(address)) return false;
  const { protocol, hostname } = new URL(address);
  return protocol === 'https:' || (protocol === 'http:' && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname));
}
