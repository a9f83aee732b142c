import type { JudgedLink } from '../scanners/links/judge';
import type { LinkFinding } from '../scanners/links/link-engine';
import type { Redirected, RedirectFollower } from '../scanners/links/redirects';
import { finding } from '../scanners/links/rules';
import { isSameSite, readAddress } from '../scanners/links/address';

/** Links of one comment that are followed, and the time for all of them. */
const MOST_FOLLOWED = 50;
const FOLLOW_MS = 60_000;

/** Where links led, by link; those that were not followed are missing. Shorteners come first. Never rejects. */
export async function followLinks(
  follow: RedirectFollower,
  links: readonly JudgedLink[],
): Promise<ReadonlyMap<string, Redirected>> {
  const clock = AbortSignal.timeout(FOLLOW_MS);
  const ordered = links
    .filter(({ singleUse }) => !singleUse)
    .toSorted((a, b) => Number(isShortener(b)) - Number(isShortener(a)));
  const walks = await Promise.all(
    ordered.slice(0, MOST_FOLLOWED).map(async ({ url, target, guessed }): Promise<[string, Redirected][]> => {
      const walk = await follow(guessed[0] ?? target ?? url, clock).catch(() => undefined);
      return walk ? [[url, walk]] : [];
    }),
  );
  return new Map(walks.flat());
}

function isShortener({ findings }: JudgedLink): boolean {
  return findings.some(({ rule }) => rule === 'Link_Shortener');
}

/** What it says of a link that it led elsewhere. */
export function judgeWalk({ url, target }: JudgedLink, { leads, inside }: Redirected): LinkFinding[] {
  const end = leads.at(-1);
  if (end === undefined) return [];
  if (inside) {
    const what = 'The link led to an address inside a private network when it was followed.';
    return [finding('Link_Redirects_Inside', 'medium', what)];
  }
  if (isSameSite(readAddress(target ?? url), readAddress(end))) return [];
  return [finding('Link_Redirects_Elsewhere', 'info', 'The link led to another site when it was followed.')];
}
