import { parse } from 'tldts';
import { canParseUrl } from '../../domain/urls';

/** A link in the form in which it is compared, looked up and stored. */
export interface Address {
  /** WHATWG form: punycode host, plain IPv4, no default port. The text itself where it is no URL. */
  url: string;
  /** Lower case, as a browser asks for it, IPv6 in brackets; empty where there is none (`javascript:`). */
  host: string;
  /** The part that somebody registered, private suffixes (github.io) counted as suffixes; undefined for IP addresses and bare names. */
  domain?: string;
  /** `co.uk`, `github.io`. */
  suffix?: string;
  /** Whether the suffix belongs to a company that lets anybody have a name under it. */
  sharedHosting: boolean;
  isIp: boolean;
  /** Whether the host ends in a top-level domain of ICANN. */
  isPublicName: boolean;
}

const OPTIONS = { allowPrivateDomains: true, extractHostname: false, validateHostname: false } as const;

/** Reads a link as a browser does. Never throws. */
export function readAddress(text: string): Address {
  const url = canParseUrl(text) ? new URL(text) : undefined;
  if (!url) return { url: text, host: '', sharedHosting: false, isIp: false, isPublicName: false };
  return { url: url.href, ...readHost(url.hostname.toLowerCase()) };
}

/** What is known of a host's name by itself. */
export function readHost(host: string): Omit<Address, 'url'> {
  const bare = host.replace(/\.$/u, '');
  const isIp = bare.startsWith('[') || /^\d{1,3}(?:\.\d{1,3}){3}$/u.test(bare);
  if (isIp || bare === '') return { host: bare, sharedHosting: false, isIp, isPublicName: false };
  const { domain, publicSuffix, isIcann, isPrivate } = parse(bare, OPTIONS);
  return {
    host: bare,
    ...(domain && { domain }),
    ...(publicSuffix && { suffix: publicSuffix }),
    sharedHosting: isPrivate === true,
    isIp: false,
    isPublicName: isIcann === true || isPrivate === true,
  };
}

/** Whether two addresses belong to one owner as far as names tell. */
export function isSameSite(a: Pick<Address, 'host' | 'domain'>, b: Pick<Address, 'host' | 'domain'>): boolean {
  return a.domain !== undefined && b.domain !== undefined ? a.domain === b.domain : a.host === b.host;
}
