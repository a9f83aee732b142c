import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import type { ItemRow } from '../db/items';
import type { Channel, ListedAttachment } from '../domain/channel';
import { ZendeskError } from '../zendesk/errors';
import type { ActivityDeps } from './deps';
import { RetryLater } from './failures';
import { currentContext, sleep } from './sleep';

/**
 * Proves by bytes that a file is gone: neither the recorded address nor the one now listed returns the sealed SHA-256.
 * Names prove nothing. Looks again, with growing pauses, before it says that the file is still there.
 * @throws RetryLater `NotProvenYet` when an address could not be read at all, which proves nothing either way
 */
export async function provenGone(
  deps: ActivityDeps,
  channel: Channel,
  item: ItemRow,
  listed: ListedAttachment | undefined,
): Promise<boolean> {
  // Nothing and nothing are the same bytes: an empty file's placeholder proves neither, and there is nothing to leak.
  if (item.length === 0) return true;
  const addresses = new Set([item.content_url, listed?.contentUrl].filter((url) => typeof url === 'string'));
  let unread = false;
  for (const pause of deps.settings.waits.proof) {
    if (pause > 0) await sleep(pause);
    const looks = await Promise.all([...addresses].map((contentUrl) => look(deps, channel, item, contentUrl)));
    if (looks.every((one) => one === 'gone')) return true;
    unread = looks.includes('unread') && !looks.includes('live');
  }
  const tries = currentContext()?.info.attempt ?? 1;
  if (unread && tries <= TRIES)
    throw new RetryLater('NotProvenYet', 'an address of the redacted file could not be read to its end');
  return false;
}

/** Attempts of the activity after which an address that cannot be read counts as one that is still live. */
const TRIES = 8;

type Look = 'gone' | 'live' | 'unread';

async function look(deps: ActivityDeps, channel: Channel, item: ItemRow, contentUrl: string): Promise<Look> {
  const maxBytes = Math.max(deps.settings.maxFileBytes, item.length ?? 0);
  try {
    const fetched = await channel.fetchBytes({ attachmentId: item.source_id, contentUrl, lane: 'redact', maxBytes });
    if (fetched.outcome === 'gone') return 'gone';
    // A page in place of the file is not the file, unless the file is such a page itself.
    const isPage = fetched.outcome === 'refused' && fetched.reason === 'page';
    if (isPage && item.detected_type !== 'text/html') return 'gone';
    if (fetched.outcome !== 'bytes') return 'unread';
    if (fetched.length !== item.length) {
      fetched.body.destroy();
      return 'gone';
    }
    const hash = createHash('sha256');
    await pipeline(fetched.body, hash);
    return hash.digest('hex') === item.sha256 ? 'live' : 'gone';
  } catch (error) {
    if (error instanceof ZendeskError && error.kind === 'truncated') return 'unread';
    throw error;
  }
}
