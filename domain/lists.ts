import { z } from 'zod';
import { canParseUrl } from './urls';

/** Block and allow lists of people: by hash, domain, URL pattern and sender. Pure; `api/lists-csv.ts` reads and writes tables. */

export const LIST_KINDS = ['hash', 'domain', 'url', 'sender'] as const;
export type ListKind = (typeof LIST_KINDS)[number];

export const LIST_EFFECTS = ['block', 'allow'] as const;
export type ListEffect = (typeof LIST_EFFECTS)[number];

/** One line of a list as it is kept: its value in the form that is compared. */
export interface ListEntry {
  kind: ListKind;
  effect: ListEffect;
  value: string;
  /** Who answers for the entry. */
  owner: string;
  reason: string;
  /** From then on the entry does nothing. */
  expiresAt?: Date;
}

/** What is asked about. `sender` is a mail address, `url` a whole URL. */
export interface ListSubject {
  sha256?: string;
  url?: string;
  sender?: string;
}

/** Every entry that applies, the decisive one first. */
export interface ListMatch<E extends ListEntry = ListEntry> {
  effect: ListEffect;
  entry: E;
  all: readonly E[];
}

const text = (max: number, name: string): z.ZodString =>
  z
    .string({ error: `${name} is missing` })
    .trim()
    .min(1, `${name} is missing`)
    .max(max, `${name} is longer than ${max} characters`);

/** An entry as somebody typed or uploaded it; gives a {@link ListEntry} or issues whose messages are sentences for people. */
export const listEntrySchema = z
  .object({
    kind: z.enum(LIST_KINDS, { error: `kind must be one of ${LIST_KINDS.join(', ')}` }),
    effect: z.enum(LIST_EFFECTS, { error: `effect must be one of ${LIST_EFFECTS.join(', ')}` }),
    value: text(2_000, 'value'),
    owner: text(200, 'owner'),
    reason: text(500, 'reason'),
    expiresAt: z.coerce.date({ error: 'expires must be a date such as 2027-01-31' }).optional(),
  })
  .transform((entry, context): ListEntry => {
    const normal = normaliseValue(entry.kind, entry.value);
    if ('problem' in normal) {
      context.addIssue({ code: 'custom', path: ['value'], message: normal.problem });
      return z.NEVER;
    }
    const { expiresAt, ...rest } = entry;
    return { ...rest, value: normal.value, ...(expiresAt && { expiresAt }) };
  });

type Normal = { value: string } | { problem: string };

/** Brings a value into the form that is compared, or says in one sentence why it cannot stand in a list. */
export function normaliseValue(kind: ListKind, value: string): Normal {
  const trimmed = value.trim();
  switch (kind) {
    case 'hash': {
      const hash = trimmed.toLowerCase();
      return /^[0-9a-f]{64}$/u.test(hash)
        ? { value: hash }
        : { problem: 'a hash must be a SHA-256: 64 digits 0-9, a-f' };
    }
    case 'domain':
      return normaliseDomain(trimmed);
    case 'url':
      return normalisePattern(trimmed);
    case 'sender':
      return normaliseSender(trimmed);
    default: {
      const never: never = kind;
      return never;
    }
  }
}

/** Host as a browser would ask for it, or undefined. Takes no port, path or user. */
function hostOf(name: string): string | undefined {
  if (name === '' || /[\s/\\?#@:*%]/u.test(name)) return undefined;
  if (!canParseUrl(`http://${name}/`)) return undefined;
  const host = new URL(`http://${name}/`).hostname.replace(/\.$/u, '');
  return host === '' ? undefined : host;
}

function normaliseDomain(value: string): Normal {
  const host = hostOf(value.replace(/^\*?\./u, ''));
  if (host === undefined)
    return { problem: 'a domain must be a name such as example.com, without scheme, path or port' };
  return host.includes('.')
    ? { value: host }
    : { problem: 'a domain needs a dot: a whole top-level domain cannot be listed' };
}

function normaliseSender(value: string): Normal {
  const at = value.lastIndexOf('@');
  const domain = hostOf(value.slice(at + 1));
  if (domain === undefined || !domain.includes('.')) {
    return { problem: 'a sender must be an address such as a@example.com, or @example.com for everybody there' };
  }
  const local = value.slice(0, Math.max(at, 0)).toLowerCase();
  return /[\s<>]/u.test(local)
    ? { problem: 'a sender must be a bare address, without name' }
    : { value: `${local}@${domain}` };
}

/** `host/path?query` with `*` for any run of characters in path and query, and `*.` in front of the host for its sub-domains. */
function normalisePattern(value: string): Normal {
  const bare = value.replace(/^https?:\/\//iu, '');
  const end = bare.search(/[/?#]/u);
  const [authority, rest] = end < 0 ? [bare, ''] : [bare.slice(0, end), bare.slice(end)];
  const wild = authority.startsWith('*.');
  const [name = '', port, more] = (wild ? authority.slice(2) : authority).split(':');
  const host = hostOf(name);
  if (host === undefined || more !== undefined || (port !== undefined && !/^\d{1,5}$/u.test(port))) {
    return {
      problem: 'a URL pattern must begin with a host, such as example.com/download/*; * cannot stand inside a host',
    };
  }
  if (!host.includes('.')) return { problem: 'a URL pattern needs a host with a dot' };
  if (rest.includes('#')) return { problem: 'a URL pattern cannot hold a fragment (#)' };
  const path = rest === '' ? '/' : rest.startsWith('?') ? `/${rest}` : rest;
  return { value: `${wild ? '*.' : ''}${host}${port === undefined ? '' : `:${port}`}${path}` };
}

/** Entries by what they are looked up with: made once, asked often. */
export interface ListIndex<E extends ListEntry = ListEntry> {
  byValue: ReadonlyMap<string, readonly E[]>;
  patternsByHost: ReadonlyMap<string, readonly E[]>;
}

/** @param entries whose values have been through {@link listEntrySchema} */
export function indexLists<E extends ListEntry>(entries: Iterable<E>): ListIndex<E> {
  const byValue = new Map<string, E[]>();
  const patternsByHost = new Map<string, E[]>();
  for (const entry of entries) {
    if (entry.kind === 'url') add(patternsByHost, patternHost(entry.value), entry);
    else add(byValue, `${entry.kind}:${entry.value}`, entry);
  }
  return { byValue, patternsByHost };
}

function add<E>(map: Map<string, E[]>, key: string, entry: E): void {
  const known = map.get(key);
  if (known) known.push(entry);
  else map.set(key, [entry]);
}

function patternHost(pattern: string): string {
  return (pattern.startsWith('*.') ? pattern.slice(2) : pattern).split(/[/:]/u, 1)[0] ?? '';
}

/** The most particular kind decides; between two of one kind, block; of senders, a whole address before its domain. */
const ORDER: readonly ListKind[] = ['hash', 'url', 'domain', 'sender'];

/** How little of an address a sender entry names: none of it for the address as a whole, more for each domain above. */
function breadth({ kind, value }: ListEntry): number {
  if (kind !== 'sender' || !value.startsWith('@')) return 0;
  return 1_000 - value.split('.').length;
}

/**
 * What lists say of a subject, or undefined. A hash is more particular than a URL, a URL than a domain, a domain than a
 * sender: the most particular entry decides, block before allow. A domain covers its sub-domains; expired entries do nothing.
 * @param entries entries or an index of them ({@link indexLists})
 */
export function matchLists<E extends ListEntry>(
  entries: readonly E[] | ListIndex<E>,
  subject: ListSubject,
  now: Date,
): ListMatch<E> | undefined {
  const index = 'byValue' in entries ? entries : indexLists(entries);
  const all = candidates(index, subject)
    .filter((entry) => entry.expiresAt === undefined || entry.expiresAt > now)
    .sort(
      (a, b) =>
        ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) ||
        breadth(a) - breadth(b) ||
        Number(a.effect === 'allow') - Number(b.effect === 'allow'),
    );
  const [entry] = all;
  return entry && { effect: entry.effect, entry, all };
}

function candidates<E extends ListEntry>(index: ListIndex<E>, subject: ListSubject): E[] {
  const found: E[] = [];
  const take = (key: string): void => void found.push(...(index.byValue.get(key) ?? []));
  if (subject.sha256 !== undefined) take(`hash:${subject.sha256.toLowerCase()}`);
  const url = subject.url !== undefined && canParseUrl(subject.url) ? new URL(subject.url) : undefined;
  for (const host of url ? parentsOf(url.hostname) : []) {
    take(`domain:${host}`);
    found.push(...(index.patternsByHost.get(host) ?? []).filter((entry) => url && fits(entry.value, url)));
  }
  const at = subject.sender?.lastIndexOf('@') ?? -1;
  if (subject.sender !== undefined && at >= 0) {
    const domain = hostOf(subject.sender.slice(at + 1).trim()) ?? '';
    take(`sender:${subject.sender.slice(0, at).trim().toLowerCase()}@${domain}`);
    for (const parent of parentsOf(domain)) take(`sender:@${parent}`);
  }
  return [...new Set(found)];
}

/** A host and the domains above it, down to two labels; an IP address has none above it. */
function parentsOf(host: string): string[] {
  const name = host.replace(/\.$/u, '');
  if (name.startsWith('[') || /^[\d.]+$/u.test(name)) return [name];
  const labels = name.split('.');
  return labels.slice(0, Math.max(1, labels.length - 1)).map((_label, index) => labels.slice(index).join('.'));
}

function fits(pattern: string, url: URL): boolean {
  const wild = pattern.startsWith('*.');
  const bare = wild ? pattern.slice(2) : pattern;
  const slash = bare.indexOf('/');
  const [host = '', port] = bare.slice(0, slash).split(':');
  const name = url.hostname.replace(/\.$/u, '');
  if (wild ? !name.endsWith(`.${host}`) : name !== host) return false;
  if (port !== undefined && port !== (url.port || (url.protocol === 'http:' ? '80' : '443'))) return false;
  const wanted = bare.slice(slash);
  const path = wanted.includes('?') ? `${url.pathname}${url.search}` : url.pathname;
  return glob(wanted, path) || (!wanted.endsWith('*') && glob(wanted.replace(/\/$/u, ''), path.replace(/\/$/u, '')));
}

/** `*` stands for any run of characters. Goes back to the last star only, so its work is bounded by pattern × text. */
function glob(pattern: string, value: string): boolean {
  let [at, star, resume] = [0, -1, 0];
  let index = 0;
  while (index < value.length) {
    if (pattern[at] === '*') {
      star = at;
      at += 1;
      resume = index;
    } else if (at < pattern.length && pattern[at] === value[index]) {
      at += 1;
      index += 1;
    } else if (star >= 0) {
      at = star + 1;
      resume += 1;
      index = resume;
    } else return false;
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}
