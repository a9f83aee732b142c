import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Button } from '@zendeskgarden/react-buttons';
import { Table } from '@zendeskgarden/react-tables';
import { api, bodyOf } from '../../api/client';
import type { QueuedInvestigation } from '../../api/client';
import { Empty, Line, Loading, Page, Stack, Subtle } from '../../parts/page';
import { ProblemNotice } from '../../parts/problem';
import { Untrusted } from '../../parts/untrusted';
import { VerdictTag } from '../../parts/verdict';
import { When } from '../../parts/when';
import { t } from '../../texts';

const EVERY_MS = 15_000;

/** What analysts were asked to look at again, the oldest first. */
export function QueuePage() {
  const { all } = useSearch({ from: '/inside/investigations' });
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
      {rows.length > 0 && <Queue rows={rows} />}
      {list.hasNextPage && (
        <Line style={{ marginTop: 16 }}>
          <Button onClick={() => void list.fetchNextPage()}>{t.investigations.more}</Button>
        </Line>
      )}
    </Page>
  );
}

function Queue({ rows }: { rows: QueuedInvestigation[] }) {
  return (
    <div style={{ overflowX: 'auto' }}>
      <Table aria-label={t.investigations.title} style={{ minWidth: 640 }}>
        <Table.Head>
          <Table.HeaderRow>
            <Table.HeaderCell width="14%">{t.investigations.age}</Table.HeaderCell>
            <Table.HeaderCell width="46%">{t.investigations.item}</Table.HeaderCell>
            <Table.HeaderCell width="16%">{t.investigations.machine}</Table.HeaderCell>
            <Table.HeaderCell width="14%">{t.investigations.opinion}</Table.HeaderCell>
            <Table.HeaderCell width="10%">{t.investigations.copies}</Table.HeaderCell>
          </Table.HeaderRow>
        </Table.Head>
        <Table.Body>
          {rows.map((row) => (
            <Table.Row key={row.id}>
              <Table.Cell>
                <Stack $gap={2}>
                  <When at={row.createdAt} />
                  <Subtle>{row.state === 'open' ? t.investigations.open : t.investigations.answered}</Subtle>
                </Stack>
              </Table.Cell>
              <Table.Cell>
                <Stack $gap={2}>
                  <Link to="/scans/$id" params={{ id: row.scanId }}>
                    <Untrusted text={row.displayName} />
                  </Link>
                  <Subtle>
                    #{row.ticketId} · <Untrusted text={row.reason} max={160} />
                  </Subtle>
                </Stack>
              </Table.Cell>
              <Table.Cell>
                <VerdictTag verdict={row.machineVerdict} />
              </Table.Cell>
              <Table.Cell>{t.words.opinion[row.opinion]}</Table.Cell>
              <Table.Cell>{row.copies.toLocaleString()}</Table.Cell>
            </Table.Row>
          ))}
        </Table.Body>
      </Table>
    </div>
  );
}
