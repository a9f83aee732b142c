import { useTable } from '@tanstack/react-table';
import { Table } from '@zendeskgarden/react-tables';
import type { KeyboardEvent } from 'react';
import styled from 'styled-components';
import type { Scan } from '../../api/client';
import { t } from '../../texts';
import { SCAN_COLUMNS } from './scan-columns';
import { scanFeatures } from './scan-features';

const Scroll = styled.div`
  overflow-x: auto;
`;
const Grid = styled(Table)`
  min-width: 640px;
  @media (max-width: 760px) {
    min-width: 0;
    td:nth-child(n + 3),
    th:nth-child(n + 3) {
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

/** One row per scan. Arrow keys go from row to row, Enter opens. */
export function ScansTable({ rows }: { rows: Scan[] }) {
  const table = useTable({ features: scanFeatures, columns: SCAN_COLUMNS, data: rows, getRowId: (scan) => scan.id });
  return (
    <Scroll>
      <Grid aria-label={t.scans.title} onKeyDown={moveByArrows}>
        <Table.Head>
          {table.getHeaderGroups().map((group) => (
            <Table.HeaderRow key={group.id}>
              {group.headers.map((header) => (
                <Table.HeaderCell key={header.id} width={WIDTHS[header.column.id]}>
                  <table.FlexRender header={header} />
                </Table.HeaderCell>
              ))}
            </Table.HeaderRow>
          ))}
        </Table.Head>
        <Table.Body>
          {table.getRowModel().rows.map((row) => (
            <Row key={row.id}>
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

const WIDTHS: Record<string, string> = { verdict: '24%', item: '40%', ticket: '11%', contained: '12%', when: '13%' };

function moveByArrows(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-row-link]')];
  const at = links.indexOf(event.target as HTMLElement);
  const next = links[at + step];
  if (at < 0 || !next) return;
  event.preventDefault();
  next.focus();
}
