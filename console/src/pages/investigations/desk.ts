import { queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '../../api/client';
import type { QueuedInvestigation } from '../../api/client';

const EVERY_MS = 5_000;

/** One investigation, read again and again: somebody else may take it or answer it. */
export const investigationQuery = (id: string) =>
  queryOptions({
    queryKey: ['investigation', id],
    refetchInterval: EVERY_MS,
    queryFn: () => bodyOf(api.GET('/api/v1/investigations/{id}', { params: { path: { id } } })),
  });

/** What each decision about a scan's bytes would do, and the decision that there is. Null where there are no bytes. */
export const effectsQuery = (scanId: string) =>
  queryOptions({
    queryKey: ['effects', scanId],
    // `bodyOf` takes an empty answer for an error, and null is one here.
    queryFn: async () =>
      (await api.GET('/api/v1/scans/{id}/decision-effects', { params: { path: { id: scanId } } })).data ?? null,
  });

/** The next investigation that nobody else has in hand; undefined when the queue is empty. */
export async function findNext(than: string): Promise<QueuedInvestigation | undefined> {
  const query = { state: ['open' as const], limit: 100 };
  const { investigations } = await bodyOf(api.GET('/api/v1/investigations', { params: { query } }));
  return investigations.find(({ id, claim }) => id !== than && (claim === null || claim.mine));
}
