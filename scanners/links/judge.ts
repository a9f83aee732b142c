import { SEVERITIES } from '../../domain/words';
import { readAddress, type Address } from './address';
import { judgeHost, namesToProtect, type Names } from './host-rules';
import type { LinkFinding } from './link-engine';
import { judgeShown } from './mismatch';
import { unwrapLink } from './rewriters';
import { finding } from './rules';
import { isSingleUse } from './single-use';
import { judgeUrl } from './url-rules';

/** A link with what the passive checks say of it. Nothing was asked of anybody. */
export interface JudgedLink extends Address {
  shown?: string;
  /** Where it leads when known rewriters are taken off; look-ups ask about both. */
  target?: string;
  /** Links on the way to the target, itself among them, that need not lead there: looked up and judged as well. */
  guessed: readonly string[];
  /** Never to be fetched. */
  singleUse: boolean;
  /** Worst first. */
  findings: LinkFinding[];
}

/** Every address that a link names, each once: itself, what it wraps, and what stands between. */
export function addressesOf({ url, guessed, target }: Pick<JudgedLink, 'url' | 'guessed' | 'target'>): string[] {
  return [...new Set([url, ...guessed, ...(target === undefined ? [] : [target])])];
}

/** Makes the passive checks. @param ownDomains domains of the organisation, whose imitation matters most to it */
export function createJudge(ownDomains: readonly string[] = []): (link: { url: string; shown?: string }) => JudgedLink {
  const names = namesToProtect(ownDomains);
  return (link) => judge(link, names);
}

function judge({ url, shown }: { url: string; shown?: string }, names: Names): JudgedLink {
  const address = readAddress(url);
  const { target, opaque, guessed } = unwrapLink(address.url);
  const end = target === undefined ? address : readAddress(target);
  const written = shown !== undefined && /^[a-z]+:\/\//iu.test(shown) ? shown : url;
  const findings = [
    ...judgeShown(shown, address, end, opaque, names),
    ...judgeUrl(end, target ?? written),
    ...judgeHost(end, names),
    ...guessed.flatMap((one) => [...judgeUrl(readAddress(one), one), ...judgeHost(readAddress(one), names)]),
    ...(opaque
      ? [finding('Link_Is_Wrapped', 'info', 'The link goes through a service that alone knows where it leads.')]
      : []),
  ];
  findings.sort((a, b) => SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity));
  return {
    ...address,
    ...(shown !== undefined && { shown }),
    ...(target !== undefined && { target }),
    guessed,
    singleUse: isSingleUse(address.url),
    findings,
  };
}
