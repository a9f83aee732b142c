import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '../../api/client';

/** Bytes of one page of the hexadecimal view. */
export const PAGE_BYTES = 1024;

/** Each look is an audit event, so nothing is read again by itself. */
const ONCE = { staleTime: Infinity, retry: false, refetchOnWindowFocus: false, refetchOnReconnect: false } as const;

/** The parts of a sealed file. */
export const structureQuery = (id: string) =>
  queryOptions({
    ...ONCE,
    queryKey: ['structure', id],
    queryFn: () => bodyOf(api.GET('/api/v1/scans/{id}/structure', { params: { path: { id } } })),
  });

/** What one part says about itself. */
export const factsQuery = (id: string, sha256: string) =>
  queryOptions({
    ...ONCE,
    queryKey: ['part-facts', id, sha256],
    queryFn: () => bodyOf(api.GET('/api/v1/scans/{id}/parts/{sha256}/facts', { params: { path: { id, sha256 } } })),
  });

/** Readable runs of one part, from a place on. */
export const stringsQuery = (id: string, sha256: string, from: number) =>
  queryOptions({
    ...ONCE,
    queryKey: ['part-strings', id, sha256, from],
    placeholderData: keepPreviousData,
    queryFn: () =>
      bodyOf(
        api.GET('/api/v1/scans/{id}/parts/{sha256}/strings', { params: { path: { id, sha256 }, query: { from } } }),
      ),
  });

/** Bytes of one part, from a place on. */
export const bytesQuery = (id: string, sha256: string, offset: number) =>
  queryOptions({
    ...ONCE,
    queryKey: ['part-bytes', id, sha256, offset],
    placeholderData: keepPreviousData,
    queryFn: () =>
      bodyOf(
        api.GET('/api/v1/scans/{id}/parts/{sha256}/bytes', {
          params: { path: { id, sha256 }, query: { offset, length: PAGE_BYTES } },
        }),
      ),
  });
