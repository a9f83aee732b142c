import { ZendeskError } from './errors';

interface CursorPage {
  meta?: { has_more: boolean; after_cursor?: string | null | undefined } | null | undefined;
}

/**
 * Reads cursor pages to the last one, by `meta.has_more` alone (fact sheet §2.1).
 * @param take handles one page; returns true to stop early
 * @throws ZendeskError `malformed_answer` when Zendesk says "more" without a new cursor: a list cut short is no list
 */
export async function readPages<P extends CursorPage>(
  operation: string,
  read: (after: string | undefined) => Promise<P>,
  take: (page: P) => boolean | void,
): Promise<void> {
  const seen = new Set<string>();
  let after: string | undefined;
  for (;;) {
    const page = await read(after);
    if (take(page) === true || page.meta?.has_more !== true) return;
    after = page.meta.after_cursor ?? undefined;
    if (after === undefined || seen.has(after)) {
      throw new ZendeskError({ kind: 'malformed_answer', operation, detail: 'more pages without a new cursor' });
    }
    seen.add(after);
  }
}
