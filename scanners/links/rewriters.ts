import { readAddress, isSameSite } from './address';
import { canParseUrl } from '../../domain/urls';

/** What a rewriting service's link holds. `target` is the link behind it; `opaque`: it has one, but only the service knows it. */
export interface Unwrapped {
  target?: string;
  opaque: boolean;
  /** Links on the way whose own site may well ignore what they seem to wrap: no known service stands behind them. */
  guessed: string[];
}

interface Rewriter {
  /** Host or the domain above it; a leading dot wants a sub-domain. */
  host: RegExp;
  path?: RegExp;
  unwrap: (url: URL) => string | undefined;
}

const param =
  (...names: string[]) =>
  (url: URL): string | undefined =>
    names.map((name) => url.searchParams.get(name) ?? undefined).find((value) => value !== undefined && value !== '');

/** Services that put their own address before another one. Each in the form that its public documentation or decoder shows. */
const REWRITERS: readonly Rewriter[] = [
  {
    host: /(?:^|\.)safelinks\.protection\.(?:outlook\.com|office365\.us)$|\.safelinks\.o365\.cn$/u,
    unwrap: param('url'),
  },
  { host: /^statics\.teams\.cdn\.(?:office\.net|live\.net)$/u, path: /safelinks/u, unwrap: param('url') },
  { host: /^urldefense(?:\.proofpoint|\.us)?\.(?:com|us)$/u, path: /^\/v1\/url/u, unwrap: param('u') },
  { host: /^urldefense(?:\.proofpoint)?\.(?:com|us)$/u, path: /^\/v2\/url/u, unwrap: proofpointV2 },
  { host: /^urldefense(?:\.proofpoint)?\.(?:com|us)$/u, path: /^\/v3\//u, unwrap: proofpointV3 },
  { host: /(?:^|\.)google\.(?:com?\.)?[a-z]{2,3}$/u, path: /^\/url$/u, unwrap: param('q', 'url') },
  { host: /(?:^|\.)google\.(?:com?\.)?[a-z]{2,3}$/u, path: /^\/amp\/s?\/?/u, unwrap: googleAmp },
  { host: /^translate\.google\.(?:com?\.)?[a-z]{2,3}$/u, path: /^\/translate/u, unwrap: param('u') },
  { host: /^(?:www\.)?googleadservices\.com$|^adclick\.g\.doubleclick\.net$/u, unwrap: param('adurl') },
  { host: /^lm?\.(?:facebook|instagram|messenger|threads|workplace)\.(?:com|net)$/u, unwrap: param('u') },
  { host: /(?:^|\.)linkedin\.com$/u, path: /^\/(?:redir\/|safety\/go|slink)/u, unwrap: param('url') },
  { host: /^deref-(?:web\.de|gmx\.(?:net|com|at|ch)|mail\.com)$/u, unwrap: param('redirectUrl') },
  { host: /^href\.li$|^(?:www\.)?nullrefer\.com$/u, unwrap: (url) => decoded(url.search.slice(1)) },
  { host: /\.translate\.goog$/u, unwrap: googleTranslated },
  { host: /^slack-redir\.net$/u, unwrap: param('url') },
  { host: /(?:^|\.)slack\.com$/u, path: /^\/openid\/|^\/redirect/u, unwrap: param('url') },
  { host: /^clicktime\.(?:symantec|cloud\.postoffice)\.(?:com|net)$/u, unwrap: param('u') },
  { host: /^linkprotect\.cudasvc\.com$/u, unwrap: param('a') },
  { host: /^secure-web\.cisco\.com$/u, unwrap: (url) => decoded(/^\/[^/]+\/(.+)$/u.exec(url.pathname)?.[1]) },
  { host: /\.protection\.sophos\.com$/u, unwrap: (url) => base64(url.searchParams.get('u')) },
  { host: /^protect2?\.fireeye\.com$|(?:^|\.)trellix\.com$/u, unwrap: param('u') },
  { host: /^url\.avanan\.click$|\.url-protection\.com$/u, unwrap: (url) => avanan(url) ?? param('o', 'url')(url) },
  { host: /\.hornetsecurity\.com$|\.cloud-security\.net$/u, unwrap: param('url') },
  { host: /^urlsand\.(?:esvalabs\.com|com)$/u, unwrap: param('u') },
  { host: /(?:^|\.)vk\.com$/u, path: /^\/away/u, unwrap: param('to') },
  { host: /^steamcommunity\.com$/u, path: /^\/linkfilter/u, unwrap: param('url', 'u') },
  { host: /(?:^|\.)youtube\.com$/u, path: /^\/(?:redirect|attribution_link)/u, unwrap: param('q') },
  { host: /^out\.reddit\.com$/u, unwrap: param('url') },
  { host: /(?:^|\.)duckduckgo\.com$/u, path: /^\/l\//u, unwrap: param('uddg') },
  {
    host: /(?:^|\.)bing\.com$/u,
    path: /^\/ck\/a/u,
    unwrap: (url) => base64(/^a1(.+)/u.exec(url.searchParams.get('u') ?? '')?.[1]),
  },
  { host: /^r\.search\.yahoo\.com$/u, unwrap: (url) => decoded(/\/RU=([^/]+)/u.exec(url.pathname)?.[1]) },
  { host: /\.awstrack\.me$/u, unwrap: (url) => decoded(/^\/[A-Z]\d\/([^/]+)/u.exec(url.pathname)?.[1]) },
  { host: /^(?:nam|eur|apc)\d*\.links\.|(?:^|\.)disq\.us$/u, unwrap: param('url') },
];

/** Services whose links name their target to themselves only. */
const OPAQUE =
  /\.mimecast(?:protect)?\.com$|^url\d*\.mailanyone\.net$|^shared\.outlook\.inky\.com$|^url\.emailprotection\.link$|^protection\.greathorn\.com$|(?:^|\.)tmase\.trendmicro\.|\.(?:list-manage|sendgrid|mailgun|hubspotlinks|mjt|rs6|exacttarget|sparkpostmail)\.(?:com|net|lu)$/u;

/** Shares an address with others: names a URL and stays where it is. */
const SHARES =
  /^(?:www\.|m\.)?(?:facebook\.com|twitter\.com|x\.com|linkedin\.com|pinterest\.[a-z.]+|reddit\.com|t\.me|wa\.me|api\.whatsapp\.com|telegram\.me|tumblr\.com|xing\.com|validator\.w3\.org|web\.archive\.org)$/u;

const TRACKER_PATH =
  /(?:^|[/_.-])(?:clicks?|track(?:ing|er)?|trk|redirect(?:or)?|redir|rd|out|outbound|away|go|goto|links?|lnk|l|r|jump|leave|exit|forward|fwd|ct|cl|url)(?:$|[/_.-])/iu;
const TRACKER_PARAMETERS = [
  'url',
  'u',
  'redirect',
  'redirect_url',
  'redirecturl',
  'redir',
  'dest',
  'destination',
  'target',
  'to',
  'link',
  'goto',
  'q',
  'r',
  'out',
  'rurl',
  'adurl',
  'murl',
];

const MAX_LAYERS = 5;

/** Takes the known rewriters off a link, one inside another as well. Gives the innermost link that can be read. */
export function unwrapLink(text: string): Unwrapped {
  let target: string | undefined;
  let opaque = false;
  const guessed: string[] = [];
  for (let layer = 0; layer < MAX_LAYERS; layer += 1) {
    const url = target ?? text;
    const next = unwrapOnce(url);
    opaque = next.opaque;
    if (next.target === undefined || next.target === url) break;
    if (next.guess) guessed.push(url);
    target = next.target;
  }
  return { ...(target !== undefined && { target }), opaque, guessed };
}

function unwrapOnce(text: string): { target?: string; opaque: boolean; guess?: true } {
  if (!/^https?:/iu.test(text) || !canParseUrl(text)) return { opaque: false };
  const url = new URL(text);
  for (const { host, path, unwrap } of REWRITERS) {
    if (!host.test(url.hostname) || (path && !path.test(url.pathname))) continue;
    const target = asWebAddress(unwrap(url));
    if (target !== undefined) return { target, opaque: false };
  }
  const target = trackerTarget(url);
  return target !== undefined ? { target, opaque: false, guess: true } : { opaque: OPAQUE.test(url.hostname) };
}

/** Nobody's list knows every tracker: a path or host that speaks of clicks, with one parameter that is the address of another site. */
function trackerTarget(url: URL): string | undefined {
  if (SHARES.test(url.hostname) || !TRACKER_PATH.test(`${url.hostname.split('.', 1)[0] ?? ''}${url.pathname}`))
    return undefined;
  const here = readAddress(url.href);
  for (const [name, value] of url.searchParams) {
    if (!TRACKER_PARAMETERS.includes(name.toLowerCase())) continue;
    const target = asWebAddress(value);
    if (target !== undefined && !isSameSite(readAddress(target), here)) return target;
  }
  return undefined;
}

/** An absolute address of the web, with its scheme or `www.`; escaped once more than it should be, if need be. */
function asWebAddress(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  for (const text of [value, decoded(value) ?? value]) {
    const whole = /^(?:www\.[a-z0-9-]+\.|\/\/[a-z0-9-]+\.)/iu.test(text)
      ? `http://${text.replace(/^\/\//u, '')}`
      : text;
    if (/^(?:https?|ftp):\/\/./iu.test(whole) && canParseUrl(whole)) return new URL(whole).href;
  }
  return undefined;
}

function decoded(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function base64(text: string | null | undefined): string | undefined {
  return text ? Buffer.from(text, 'base64url').toString('utf8') : undefined;
}

/** `-` stands for `%` and `_` for `/`. */
function proofpointV2(url: URL): string | undefined {
  return decoded(url.searchParams.get('u')?.replaceAll('-', '%').replaceAll('_', '/'));
}

const RUN_LENGTHS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** `*` stands for the next character of the base64 part behind `__;`, `**X` for a run of them (A: two, B: three …). */
function proofpointV3(url: URL): string | undefined {
  const [, inner = '', bytes = ''] = /\/v3\/__(.+?)__;([^!]*)!/u.exec(url.href) ?? [];
  if (inner === '') return undefined;
  const characters = [...Buffer.from(bytes, 'base64url').toString('utf8')];
  let at = 0;
  const filled = inner.replace(/\*(?:\*(.))?/gu, (_whole, length?: string) => {
    const count = length === undefined ? 1 : RUN_LENGTHS.indexOf(length) + 2;
    at += count;
    return characters.slice(at - count, at).join('');
  });
  return filled.replace(/^(https?:\/)(?=[^/])/iu, '$1/');
}

function googleAmp(url: URL): string | undefined {
  const [, secure, rest] = /^\/amp\/(s\/)?(.+)$/u.exec(url.pathname) ?? [];
  return rest === undefined ? undefined : `${secure ? 'https' : 'http'}://${rest}${url.search}`;
}

/** `evil-example-com.translate.goog`: dots are hyphens, hyphens two of them. */
function googleTranslated(url: URL): string {
  const name = url.hostname.slice(0, -'.translate.goog'.length).replace(/--|-/gu, (mark) => (mark === '-' ? '.' : '-'));
  const query = [...url.searchParams].filter(([key]) => !key.startsWith('_x_tr_'));
  const search = query.length === 0 ? '' : `?${new URLSearchParams(query).toString()}`;
  return `https://${name}${url.pathname}${search}`;
}

function avanan(url: URL): string | undefined {
  return /___(https?:\/\/.+?)___/iu.exec(url.href)?.[1];
}
