import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { api, bodyOf } from '../../api/client';
import type { Scan } from '../../api/client';
import { meQuery } from '../../api/session';
import { useScanChanges } from './live';
import { queryOf } from './scan-search';
import type { ScanSearch } from './scan-search';

const PAGE = 50;

/** The list for these filters: pages that stay as they are, their rows kept up to date, and how many came since. */
export function useScans(search: ScanSearch) {
  // A span of time is fixed when the filters are set, for a cursor holds for one list only.
  const query = useMemo(() => queryOf(search, Date.now()), [search]);
  const list = useInfiniteQuery({
    queryKey: ['scans', 'pages', query],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) =>
      readPage({ ...query, limit: PAGE, ...(pageParam !== undefined && { cursor: pageParam }) }),
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  });
  const newest = useQuery({
    queryKey: ['scans', 'newest', query],
    queryFn: () => readPage({ ...query, limit: PAGE }),
    enabled: list.isSuccess,
  });
  const { data: me } = useQuery(meQuery);
  const refreshNewest = newest.refetch;
  const organisation = search.organisation ?? me?.organisation?.id;
  useScanChanges(
    organisation,
    useCallback(() => void refreshNewest(), [refreshNewest]),
  );
  const { rows, fresh } = useMemo(() => joined(list.data?.pages, newest.data?.scans), [list.data, newest.data]);
  return {
    list,
    rows,
    fresh,
    showFresh: () => void list.refetch(),
  };
}

function readPage(query: ReturnType<typeof queryOf> & { limit: number; cursor?: string }) {
  return bodyOf(api.GET('/api/v1/scans', { params: { query } }));
}

interface Page {
  scans: Scan[];
}

/** Rows of the pages in their newest form, and those that are not among them yet. */
function joined(pages: readonly Page[] = [], newest: readonly Scan[] = []): { rows: Scan[]; fresh: number } {
  const byId = new Map(newest.map((scan) => [scan.id, scan]));
  const shown = pages.flatMap((page) => page.scans);
  const ids = new Set(shown.map((scan) => scan.id));
  const first = shown[0]?.createdAt ?? '';
  const fresh = newest.filter((scan) => !ids.has(scan.id) && scan.createdAt >= first).length;
  return { rows: shown.map((scan) => byId.get(scan.id) ?? scan), fresh };
}
