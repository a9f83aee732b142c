import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { api, bodyOf } from '../../api/client';
import type { Scan } from '../../api/client';
import { meQuery } from '../../api/session';
import { useScanChanges } from './live';
import type { Changed } from './live';
import { queryOf } from './scan-search';
import type { ScanSearch } from './scan-search';

const PAGE = 50;
/** Most rows that are asked for again at once. */
const MOST = 200;

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
  const shown = useMemo(() => list.data?.pages.flatMap((page) => page.scans) ?? [], [list.data]);
  const [again, readAgain] = useRowsAgain(shown);
  const refreshNewest = newest.refetch;
  const organisation = search.organisation ?? me?.organisation?.id;
  const liveness = useScanChanges(
    organisation,
    useCallback(
      (which: Changed) => {
        void refreshNewest();
        void readAgain(which);
      },
      [refreshNewest, readAgain],
    ),
  );
  const newestScans = newest.data?.scans;
  const { rows, fresh } = useMemo(() => joined(shown, newestScans, again), [shown, newestScans, again]);
  return { list, rows, fresh, liveness, readAgain, showFresh: () => void list.refetch() };
}

/**
 * Rows that were read once more because they changed, by id: also those that do not fit the filters any more, for a row
 * that keeps its old words would be a lie, and one that vanishes under the reader's hand a nuisance.
 */
function useRowsAgain(shown: readonly Scan[]) {
  const [again, setAgain] = useState<ReadonlyMap<string, Scan>>(new Map());
  const rows = useRef(shown);
  useEffect(() => {
    rows.current = shown;
    setAgain(new Map());
  }, [shown]);
  const readAgain = useCallback(async (which: Changed) => {
    const ids = rows.current.map((scan) => scan.id).filter((id) => which === 'all' || which.has(id));
    if (ids.length === 0) return;
    try {
      const { scans } = await readPage({ id: ids.slice(0, MOST), limit: MOST });
      setAgain((before) => new Map([...before, ...scans.map((scan) => [scan.id, scan] as const)]));
    } catch {
      // The frame says that the server is out of reach; the next change, or its return, asks again.
    }
  }, []);
  return [again, readAgain] as const;
}

function readPage(query: ReturnType<typeof queryOf> & { id?: string[]; limit: number; cursor?: string }) {
  return bodyOf(api.GET('/api/v1/scans', { params: { query } }));
}

/** Rows of the pages in their newest form, and those that are not among them yet. */
function joined(shown: readonly Scan[], newest: readonly Scan[] = [], again: ReadonlyMap<string, Scan>) {
  const byId = new Map([...newest.map((scan) => [scan.id, scan] as const), ...again]);
  const ids = new Set(shown.map((scan) => scan.id));
  const first = shown[0]?.createdAt ?? '';
  const fresh = newest.filter((scan) => !ids.has(scan.id) && scan.createdAt >= first).length;
  return { rows: shown.map((scan) => byId.get(scan.id) ?? scan), fresh };
}
