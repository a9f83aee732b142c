import { useNavigate, useSearch } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';
import { Button } from '@zendeskgarden/react-buttons';
import { useState } from 'react';
import type { Scan } from '../../api/client';
import { may, meQuery } from '../../api/session';
import { Empty, Line, Page } from '../../parts/page';
import { ProblemNotice } from '../../parts/problem';
import { useShortcut } from '../../shell/shortcuts';
import { t } from '../../texts';
import { AskDialog } from '../scan/ask-dialog';
import { DecideManyDialog } from './decide-many-dialog';
import { ListBar } from './list-bar';
import { ScanFilters } from './scan-filters';
import type { ScanSearch } from './scan-search';
import { focusedScan, focusFirstRow, ScansTable } from './scans-table';
import { useScans } from './use-scans';

/** Every scan that the reader may see, newest first; the filters stand in the address. */
export function ScansPage() {
  const search = useSearch({ from: '/inside/scans' });
  const navigate = useNavigate({ from: '/scans' });
  const { list, rows, fresh, liveness, readAgain, showFresh } = useScans(search);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const acts = useActs(rows, selected);
  const filter = (next: ScanSearch): void => void navigate({ search: next });
  const filtered = Object.keys(search).length > 0;
  const said = list.isSuccess ? t.scans.shown(rows.length, list.hasNextPage) : '';
  const close = (): void => {
    void readAgain(new Set(acts.chosen.map((scan) => scan.id)));
    setSelected(new Set());
    acts.close();
  };
  return (
    <Page title={t.scans.title} name={t.scans.title}>
      <ScanFilters search={search} onChange={filter} />
      <ListBar
        search={search}
        onChange={filter}
        said={said}
        fresh={fresh}
        showFresh={showFresh}
        liveness={liveness}
        selected={rows.filter((row) => selected.has(row.id)).length}
        onAct={(act) => (act === 'clear' ? setSelected(new Set()) : acts.open(act))}
      />
      {list.isError && (
        <ProblemNotice title={t.scans.loadFailed} error={list.error} retry={() => void list.refetch()} />
      )}
      {(list.isPending || rows.length > 0) && (
        <ScansTable rows={rows} isLoading={list.isPending} selected={selected} onSelect={setSelected} />
      )}
      {list.isSuccess && rows.length === 0 && <Nothing filtered={filtered} clear={() => filter({})} />}
      {list.hasNextPage && (
        <Line style={{ marginTop: 16 }}>
          <Button size="small" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {t.scans.more}
          </Button>
        </Line>
      )}
      {acts.dialog === 'ask' && <AskDialog scans={acts.chosen} onClose={close} />}
      {acts.dialog === 'decide' && <DecideManyDialog scans={acts.chosen} onClose={close} />}
    </Page>
  );
}

/** Dialogs about the selected rows, or the one that has the focus, and the keys of the page. */
function useActs(rows: readonly Scan[], selected: ReadonlySet<string>) {
  const { data: me } = useQuery(meQuery);
  const [dialog, setDialog] = useState<'ask' | 'decide'>();
  // As they were when the dialog was opened.
  const [chosen, setChosen] = useState<readonly Scan[]>([]);
  const open = (act: 'ask' | 'decide'): void => {
    const focused = focusedScan();
    const wanted = rows.filter((row) => (selected.size > 0 ? selected.has(row.id) : row.id === focused));
    if (wanted.length === 0) return;
    setChosen(wanted);
    setDialog(act);
  };
  useShortcut('f', t.scans.keys.filter, (event) => {
    event.preventDefault();
    document.querySelector<HTMLElement>('[data-filters] button')?.focus();
  });
  useShortcut('i', t.scans.keys.ask, (event) => {
    event.preventDefault();
    if (may(me, 'investigations.request')) open('ask');
  });
  useShortcut('ArrowDown', t.scans.keys.rows, (event) => {
    // Elsewhere the arrow scrolls, or belongs to what has the focus.
    if (document.activeElement !== document.body && !document.activeElement?.matches('h1, main')) return;
    event.preventDefault();
    focusFirstRow();
  });
  // These two the row hears by itself; here they are listed.
  useShortcut('Enter', t.scans.keys.open, () => undefined);
  useShortcut('x', t.scans.keys.select, () => undefined);
  return { dialog, chosen, open, close: () => setDialog(undefined) };
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
