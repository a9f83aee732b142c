import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Button } from '@zendeskgarden/react-buttons';
import { api, bodyOf } from '../../api/client';
import { may, meQuery } from '../../api/session';
import { Empty, Line, Loading, Page } from '../../parts/page';
import { ProblemNotice } from '../../parts/problem';
import { t } from '../../texts';
import { QueueTable } from './queue-table';
import { UndoNotice } from './undo-notice';

const EVERY_MS = 15_000;

/** What analysts were asked to look at again: whose time to be answered runs out first comes first. */
export function QueuePage() {
  const { all, undo } = useSearch({ from: '/inside/investigations' });
  const { data: me } = useQuery(meQuery);
  const navigate = useNavigate({ from: '/investigations' });
  const list = useInfiniteQuery({
    queryKey: ['investigations', all],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam: cursor }) => {
      const query = { ...(all === undefined && { state: ['open' as const] }), ...(cursor !== undefined && { cursor }) };
      return bodyOf(api.GET('/api/v1/investigations', { params: { query } }));
    },
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    refetchInterval: EVERY_MS,
  });
  const rows = list.data?.pages.flatMap((page) => page.investigations) ?? [];
  const switchAll = (): void => void navigate({ search: all === undefined ? { all: 'yes' } : {} });
  const beside = (
    <Button size="small" onClick={switchAll}>
      {all === undefined ? t.investigations.showAll : t.investigations.showOpen}
    </Button>
  );
  return (
    <Page title={t.investigations.title} name={t.investigations.title} beside={beside}>
      {undo !== undefined && <UndoNotice scanId={undo} />}
      {list.isError && (
        <ProblemNotice title={t.investigations.loadFailed} error={list.error} retry={() => void list.refetch()} />
      )}
      {list.isPending && <Loading />}
      {list.isSuccess && rows.length === 0 && (
        <Empty>
          <strong>{t.investigations.empty}</strong>
          <p>{t.investigations.emptyWhat}</p>
        </Empty>
      )}
      {rows.length > 0 && (
        <QueueTable rows={rows} now={list.dataUpdatedAt} isAnalyst={may(me, 'investigations.claim')} />
      )}
      {list.hasNextPage && (
        <Line style={{ marginTop: 16 }}>
          <Button onClick={() => void list.fetchNextPage()}>{t.investigations.more}</Button>
        </Line>
      )}
    </Page>
  );
}
