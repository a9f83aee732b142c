import { domainToUnicode } from 'node:url';
import { readHost, type Address } from './address';
import { BRAND_BY_DOMAIN, BRANDS, INNOCENT, LOGIN_WORDS, type Brand } from './brands';
import { isInsideAddress } from './ip-ranges';
import type { LinkFinding } from './link-engine';
import { finding } from './rules';
import { editDistance, farApart, latinLook, lettersOf, mixesScripts, skeleton } from './skeleton';

/** What a name is compared with: well-known brands and the organisation's own domains. */
export interface Names {
  brands: readonly Known[];
  byDomain: ReadonlyMap<string, Brand>;
}

interface Known extends Brand {
  skeleton: string;
  letters: number;
}

/** @param ownDomains domains of the organisation, such as `acme.com`; imitations of them weigh like those of a bank */
export function namesToProtect(ownDomains: readonly string[] = []): Names {
  const own = ownDomains.flatMap((domain): Brand[] => {
    const { domain: registered, suffix } = readHost(domain.toLowerCase());
    if (registered === undefined || suffix === undefined) return [];
    return [{ name: registered.slice(0, -suffix.length - 1), kind: 'money', domains: new Set([registered]) }];
  });
  return {
    brands: [...own, ...BRANDS].map((brand) => ({
      ...brand,
      skeleton: skeleton(brand.name),
      letters: lettersOf(brand.name),
    })),
    byDomain: new Map([
      ...BRAND_BY_DOMAIN,
      ...own.map((brand): [string, Brand] => [[...brand.domains][0] ?? '', brand]),
    ]),
  };
}

/** Networks whose hosts carry the name of the site they serve. */
const CARRIERS =
  /(?:^|\.)(?:edgekey\.net|edgesuite\.net|akadns\.net|akamai(?:zed|edge|hd)?\.net|cloudfront\.net|cdn\.cloudflare\.net|fastly\.net|azureedge\.net|azurefd\.net|trafficmanager\.net|translate\.goog|cdn\.ampproject\.org|incapdns\.net|impervadns\.net|sharepoint\.com|zendesk\.com|statuspage\.io|archive\.org|wikipedia\.org|trustpilot\.com|onmicrosoft\.com|okta\.com|salesforce\.com|force\.com)$/u;

/** What the host of a link shows by itself. `login`: whether the rest of the address speaks of accounts or payments. */
export function judgeHost(address: Address, names: Names): LinkFinding[] {
  if (address.host === '') return [];
  if (address.isIp) return [addressFinding(address.host)];
  if (address.domain === undefined || address.suffix === undefined || ownerOf(address.host, names)) return [];
  const label = domainToUnicode(address.domain).split('.', 1)[0] ?? '';
  return [...internationalName(address, label, names), ...borrowedName(address, label, names), ...shapeOfHost(address)];
}

/** Whose domain a host is under; private suffixes do not hide it (`x.blob.core.windows.net`). */
export function ownerOf(host: string, names: Names): Brand | undefined {
  const labels = host.split('.');
  for (let at = 0; at < labels.length - 1; at += 1) {
    const brand = names.byDomain.get(labels.slice(at).join('.'));
    // A customer's place under a shared suffix (github.io) is not its owner's.
    if (brand) return readHost(host).sharedHosting ? undefined : brand;
  }
  return undefined;
}

function addressFinding(host: string): LinkFinding {
  return isInsideAddress(host)
    ? finding('Link_Private_Address', 'info', 'The link leads to an address inside a private network.')
    : finding(
        'Link_Raw_Address',
        'low',
        'The link leads to a number instead of a name: nobody says whose machine it is.',
      );
}

function internationalName(address: Address, label: string, names: Names): LinkFinding[] {
  const shown = domainToUnicode(address.host);
  if (shown === address.host) return [];
  // Every part of the host can imitate one: the registered name, or all of it in front of an unknown domain.
  const [look, copy] = [latinLook(label), skeleton(label)];
  const copied = names.brands.find(
    (brand) => brand.name.length >= 4 && (look === brand.name || copy === brand.skeleton),
  );
  if (copied) {
    return [
      finding(
        'Link_Host_Imitates_Brand',
        'high',
        'The name of the site is written with foreign letters that look like those of a well-known one.',
      ),
    ];
  }
  if (shown.split('.').some(mixesScripts)) {
    return [
      finding(
        'Link_Host_Mixes_Scripts',
        'medium',
        'The name of the site mixes alphabets that no language mixes, as imitations do.',
      ),
    ];
  }
  return [finding('Link_International_Host', 'info', 'The name of the site uses letters beyond plain Latin ones.')];
}

function borrowedName(address: Address, label: string, names: Names): LinkFinding[] {
  const found = resembles(address, label, names) ?? inFront(address, names) ?? besideWords(address, label, names);
  return found ? [found] : [];
}

/** `paypa1.com`, `gooogle.com`: almost a well-known name. */
function resembles({ host, url }: Address, label: string, names: Names): LinkFinding | undefined {
  if (INNOCENT.has(label) || host !== domainToUnicode(host)) return undefined;
  const copy = skeleton(label);
  const same = names.brands.find((brand) => brand.skeleton === copy && brand.name !== label && label.length >= 4);
  if (same) {
    const severity = same.name.length >= 6 ? 'high' : 'medium';
    return finding(
      'Link_Host_Imitates_Brand',
      severity,
      'The name of the site is a well-known one with letters exchanged for similar ones.',
    );
  }
  if (names.brands.some(({ name }) => name === label)) return undefined;
  const letters = lettersOf(label);
  const near = names.brands.find((brand) => {
    const max = brand.name.length >= 10 ? 2 : 1;
    if (brand.name.length < 6 || farApart(letters, brand.letters, max)) return false;
    return editDistance(label, brand.name, max) <= max;
  });
  if (!near) return undefined;
  const severity = isTypo(label, near.name) || LOGIN_WORDS.test(url) ? 'medium' : 'low';
  return finding(
    'Link_Host_Resembles_Brand',
    severity,
    'The name of the site differs by a letter or two from a well-known one.',
  );
}

/** A letter doubled, left out in a pair or swapped with its neighbour: what an eye corrects by itself. */
function isTypo(label: string, brand: string): boolean {
  const collapse = (text: string): string => text.replace(/(.)\1+/gu, '$1');
  return collapse(label) === collapse(brand) || [...label].sort().join('') === [...brand].sort().join('');
}

/** `paypal.com.account.example`: the domain of somebody else in front of the real one. */
function inFront({ host, domain = '', url }: Address, names: Names): LinkFinding | undefined {
  if (CARRIERS.test(host)) return undefined;
  const front = host
    .slice(0, -domain.length)
    .replace(/\.$/u, '')
    .replace(/^www\./u, '');
  const labels = front.split(/[.-]/u);
  for (let at = 0; at < labels.length - 1; at += 1) {
    const brand =
      names.byDomain.get(`${labels[at] ?? ''}.${labels[at + 1] ?? ''}`) ??
      names.byDomain.get(labels.slice(at, at + 3).join('.'));
    if (!brand) continue;
    const severity = LOGIN_WORDS.test(url) || brand.kind === 'money' ? 'high' : 'medium';
    return finding(
      'Link_Brand_In_Front_Of_Host',
      severity,
      'The address begins like that of a well-known site but belongs to another one.',
    );
  }
  return undefined;
}

/** `paypal-login.example`, `secure-microsoft.pages.dev`. */
function besideWords(address: Address, label: string, names: Names): LinkFinding | undefined {
  const place = address.sharedHosting ? address.host.slice(0, -(address.suffix?.length ?? 0) - 1) : label;
  const words = place.split(/[-.\d_]+/u);
  const brand = names.brands.find(
    ({ name }) =>
      (name.length >= 4 && words.includes(name)) ||
      (name.length >= 6 && (place.startsWith(name) || place.endsWith(name))) ||
      (name.length >= 5 && words.some((word) => word.startsWith(name) && LOGIN_WORDS.test(word.slice(name.length)))),
  );
  if (brand && brand.name !== place) {
    const rest = place.replace(brand.name, '');
    const wants = LOGIN_WORDS.test(rest) || (address.sharedHosting && LOGIN_WORDS.test(address.url));
    if (wants) {
      return finding(
        'Link_Brand_Beside_Login_Words',
        'medium',
        "The name of the site joins a well-known name with words of accounts or payments and is not that company's.",
      );
    }
    return finding(
      'Link_Brand_In_Host',
      'info',
      "A well-known name is part of the name of a site that is not that company's.",
    );
  }
  if (
    brand &&
    (LOGIN_WORDS.test(address.url.slice(address.url.indexOf(place) + place.length)) || address.sharedHosting)
  ) {
    return finding(
      'Link_Brand_Under_Other_Suffix',
      'low',
      'A well-known name stands under an ending that its owner is not known to use.',
    );
  }
  if (address.sharedHosting && LOGIN_WORDS.test(place)) {
    return finding(
      'Link_Login_On_Free_Hosting',
      'low',
      'A place where anybody can publish pages has a name with words of accounts or payments.',
    );
  }
  return undefined;
}

/** Top-level domains that look like endings of files in a text. */
const FILE_LIKE = /\.(?:zip|mov)$/u;

function shapeOfHost({ host, domain = '' }: Address): LinkFinding[] {
  const found: LinkFinding[] = [];
  const depth = host.slice(0, -domain.length).split('.').length - 1;
  if (depth >= 5)
    found.push(finding('Link_Host_Is_Very_Deep', 'low', 'The name of the site has an unusual number of parts.'));
  if (FILE_LIKE.test(host)) {
    found.push(finding('Link_Host_Looks_Like_A_File', 'low', 'The name of the site ends like the name of a file.'));
  }
  return found;
}
