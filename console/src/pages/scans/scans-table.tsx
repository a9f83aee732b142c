import { useQuery } from '@tanstack/react-query';
import { useTable } from '@tanstack/react-table';
import { Checkbox, Field } from '@zendeskgarden/react-forms';
import { Skeleton } from '@zendeskgarden/react-loaders';
import { Table } from '@zendeskgarden/react-tables';
import type { KeyboardEvent } from 'react';
import styled from 'styled-components';
import type { Scan } from '../../api/client';
import { meQuery } from '../../api/session';
import { showHidden } from '../../../../domain/text';
import { t } from '../../texts';
import { NARROW, SCAN_COLUMNS } from './scan-columns';
import { scanFeatures } from './scan-features';

const Scroll = styled.div`
  overflow-x: auto;
`;
const Grid = styled(Table)`
  min-width: 860px;
  ${NARROW} {
    min-width: 0;
    td:nth-child(n + 4),
    th:nth-child(n + 4) {
      display: none;
    }
  }
`;
/** What the link of the row is laid over. */
const Row = styled(Table.Row)`
  position: relative;
  td {
    vertical-align: middle;
  }
`;
/** Above the link of the row. */
const Above = styled.div`
  position: relative;
  z-index: 1;
  width: 24px;
`;
const SKELETONS = 8;
const WIDTHS: Record<string, string> = {
  verdict: '20%',
  organisation: '11%',
  ticket: '9%',
  author: '12%',
  found: '12%',
  when: '10%',
};

interface Props {
  rows: Scan[];
  isLoading: boolean;
  selected: ReadonlySet<string>;
  onSelect: (ids: ReadonlySet<string>) => void;
}

/** One row per scan. Arrow keys go from row to row, Enter opens, x selects. While it loads it has its header already. */
export function ScansTable({ rows, isLoading, selected, onSelect }: Props) {
  const { data: me } = useQuery(meQuery);
  const crosses = me !== undefined && me !== null && me.organisation === null;
  const columns = crosses ? SCAN_COLUMNS : COLUMNS_OF_ONE;
  const table = useTable({ features: scanFeatures, columns, data: rows, getRowId: (scan) => scan.id });
  const choose = (id: string): void => {
    const next = new Set(selected);
    if (!next.delete(id)) next.add(id);
    onSelect(next);
  };
  const all = rows.length > 0 && rows.every((row) => selected.has(row.id));
  const chooseAll = (): void => onSelect(all ? new Set() : new Set(rows.map((row) => row.id)));
  return (
    <Scroll>
      <Grid aria-label={t.scans.title} aria-busy={isLoading} onKeyDown={(event) => onKey(event, choose)}>
        <Table.Head>
          {table.getHeaderGroups().map((group) => (
            <Table.HeaderRow key={group.id}>
              <Table.HeaderCell width="48px">
                <Box name={t.scans.selectAll} checked={all} onChange={chooseAll} />
              </Table.HeaderCell>
              {group.headers.map((header) => (
                <Table.HeaderCell key={header.id} width={WIDTHS[header.column.id]}>
                  <table.FlexRender header={header} />
                </Table.HeaderCell>
              ))}
            </Table.HeaderRow>
          ))}
        </Table.Head>
        <Table.Body>
          {isLoading && <Skeletons columns={columns.length + 1} />}
          {table.getRowModel().rows.map((row) => (
            <Row key={row.id} isSelected={selected.has(row.id)} data-scan={row.id}>
              <Table.Cell>
                <Above>
                  <Box
                    name={t.scans.select(showHidden(row.original.displayName))}
                    checked={selected.has(row.id)}
                    onChange={() => choose(row.id)}
                  />
                </Above>
              </Table.Cell>
              {row.getAllCells().map((cell) => (
                <Table.Cell key={cell.id}>
                  <table.FlexRender cell={cell} />
                </Table.Cell>
              ))}
            </Row>
          ))}
        </Table.Body>
      </Grid>
    </Scroll>
  );
}

const COLUMNS_OF_ONE = SCAN_COLUMNS.filter((column) => column.id !== 'organisation');

function Box({ name, checked, onChange }: { name: string; checked: boolean; onChange: () => void }) {
  return (
    <Field>
      <Checkbox checked={checked} onChange={onChange}>
        <Field.Label hidden>{name}</Field.Label>
      </Checkbox>
    </Field>
  );
}

/** Rows of the height that rows will have. */
function Skeletons({ columns }: { columns: number }) {
  return Array.from({ length: SKELETONS }, (_, row) => (
    <Row key={row}>
      {Array.from({ length: columns }, (__, column) => (
        <Table.Cell key={column}>
          <Skeleton height="36px" />
        </Table.Cell>
      ))}
    </Row>
  ));
}

const LINK = '[data-row-link] a, a[data-row-link]';

/** The scan of the row that has the focus. */
export function focusedScan(): string | undefined {
  return document.activeElement?.closest<HTMLElement>('[data-scan]')?.dataset['scan'];
}

/** Puts the focus on the first row. */
export function focusFirstRow(): void {
  document.querySelector<HTMLElement>(LINK)?.focus();
}

function onKey(event: KeyboardEvent<HTMLElement>, choose: (id: string) => void): void {
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>(LINK)];
  const row = (event.target as HTMLElement).closest('[data-scan]');
  const at = links.findIndex((link) => row?.contains(link));
  const id = focusedScan();
  if (event.key === 'x' && id !== undefined) {
    event.preventDefault();
    return choose(id);
  }
  const next = { ArrowDown: links[at + 1], ArrowUp: links[at - 1], Home: links[0], End: links.at(-1) }[event.key];
  if (at < 0 || !next) return;
  event.preventDefault();
  next.focus();
}
