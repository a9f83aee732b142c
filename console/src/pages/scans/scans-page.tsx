import { useNavigate, useSearch } from '@tanstack/react-router';
import { Button } from '@zendeskgarden/react-buttons';
import { Empty, Line, Loading, Page, Subtle } from '../../parts/page';
import { ProblemNotice } from '../../parts/problem';
import { t } from '../../texts';
import { ScanFilters } from './scan-filters';
import type { ScanSearch } from './scan-search';
import { ScansTable } from './scans-table';
import { useScans } from './use-scans';

/** Every scan that the reader may see, newest first; the filters stand in the address. */
export function ScansPage() {
  const search = useSearch({ from: '/inside/scans' });
  const navigate = useNavigate({ from: '/scans' });
  const { list, rows, fresh, showFresh } = useScans(search);
  const filter = (next: ScanSearch): void => void navigate({ search: next });
  const filtered = Object.keys(search).length > 0;
  const beside = fresh > 0 && (
    <Button isPrimary isPill size="small" onClick={showFresh}>
      {t.scans.fresh(fresh)}
    </Button>
  );
  return (
    <Page title={t.scans.title} name={t.scans.title} beside={beside}>
      <ScanFilters search={search} onChange={filter} />
      {list.isError && (
        <ProblemNotice title={t.scans.loadFailed} error={list.error} retry={() => void list.refetch()} />
      )}
      {list.isPending && <Loading lines={10} />}
      {list.isSuccess && rows.length === 0 && <Nothing filtered={filtered} clear={() => filter({})} />}
      {rows.length > 0 && (
        <>
          <ScansTable rows={rows} />
          <Line style={{ marginTop: 16 }}>
            <Subtle>{t.scans.shown(rows.length, list.hasNextPage)}</Subtle>
            {list.hasNextPage && (
              <Button size="small" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
                {t.scans.more}
              </Button>
            )}
          </Line>
        </>
      )}
    </Page>
  );
}

function Nothing({ filtered, clear }: { filtered: boolean; clear: () => void }) {
  if (!filtered) {
    return (
      <Empty>
        <strong>{t.scans.empty}</strong>
        <p>{t.scans.emptyWhat}</p>
      </Empty>
    );
  }
  return (
    <Empty>
      <strong>{t.scans.emptyFiltered}</strong>
      <p>{t.scans.emptyFilteredWhat}</p>
      <Button onClick={clear}>{t.scans.clear}</Button>
    </Empty>
  );
}
