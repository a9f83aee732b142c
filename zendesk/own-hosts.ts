import { isIP } from 'node:net';
import type { Brand } from './schemas-account';

/** A host of one account. Credentials go to hosts of `*.zendesk.com` only; mapped domains are somebody else's DNS. */
export interface OwnHost {
  host: string;
  credentials: boolean;
}

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const CONTENT_DOMAIN = 'zdusercontent.com';

/**
 * All hosts under which an account's attachments may be addressed: its sub-domain, its brands' sub-domains (also of
 * brands switched off: their old tickets stay) and their mapped domains. Store it; read it again with the brands.
 */
export function ownHostsOf(subdomain: string, brands: readonly Pick<Brand, 'subdomain' | 'host_mapping'>[]): OwnHost[] {
  const hosts = new Map<string, OwnHost>();
  for (const label of [subdomain, ...brands.map((brand) => brand.subdomain)]) {
    const name = label.toLowerCase();
    if (LABEL.test(name)) hosts.set(`${name}.zendesk.com`, { host: `${name}.zendesk.com`, credentials: true });
  }
  for (const { host_mapping: mapped } of brands) {
    const host = mapped?.trim().toLowerCase() ?? '';
    if (isPublicName(host) && !hosts.has(host)) hosts.set(host, { host, credentials: false });
  }
  return [...hosts.values()];
}

/** A host name with two labels or more: no address, no zendesk.com name that the brands did not give, no content host. */
function isPublicName(host: string): boolean {
  if (host.length > 253 || isIP(host) !== 0) return false;
  const labels = host.split('.');
  if (labels.length < 2 || !labels.every((label) => LABEL.test(label))) return false;
  if (/^\d+$/.test(labels.at(-1) ?? '')) return false;
  return ![CONTENT_DOMAIN, 'zendesk.com'].some((domain) => host === domain || host.endsWith(`.${domain}`));
}

export function isOwnHost(hosts: readonly OwnHost[], host: string): boolean {
  return hosts.some((one) => one.host === host);
}

/** Whether this account's token may be sent to the host: one of its own, marked so, and of `*.zendesk.com`. */
export function mayCarryCredentials(hosts: readonly OwnHost[], host: string): boolean {
  return host.endsWith('.zendesk.com') && hosts.some((one) => one.host === host && one.credentials);
}

/** Zendesk's host of file contents, `*.zdusercontent.com`. It never gets credentials. */
export function isContentHost(host: string): boolean {
  return host.endsWith(`.${CONTENT_DOMAIN}`) && host.split('.').every((label) => LABEL.test(label));
}
