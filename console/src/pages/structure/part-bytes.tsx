import { useQuery } from '@tanstack/react-query';
import { Button } from '@zendeskgarden/react-buttons';
import { useState } from 'react';
import styled from 'styled-components';
import { Line, Loading, Stack, Subtle } from '../../parts/page';
import { ProblemNotice } from '../../parts/problem';
import { t } from '../../texts';
import { bytesQuery, PAGE_BYTES } from './queries';

const ROW = 16;
const Sheet = styled.table`
  border-collapse: collapse;
  font-family: ui-monospace, monospace;
  font-size: 12px;
  white-space: pre;
  th,
  td {
    padding: 1px 12px 1px 0;
    text-align: left;
    font-weight: 400;
  }
  thead th {
    font-weight: 600;
  }
`;

/** Bytes of a part in rows of sixteen, page by page. */
export function PartBytes({ scanId, sha256 }: { scanId: string; sha256: string }) {
  const [offset, setOffset] = useState(0);
  const page = useQuery(bytesQuery(scanId, sha256, offset));
  if (page.isError) return <ProblemNotice error={page.error} retry={() => void page.refetch()} />;
  if (page.isPending) return <Loading />;
  const { hex, size } = page.data;
  if (size === 0) return <p>{t.analysts.structure.empty}</p>;
  const end = page.data.offset + hex.length / 2;
  return (
    <Stack $gap={8}>
      <Line>
        <Subtle>{t.analysts.structure.range(page.data.offset, end, size)}</Subtle>
        {offset > 0 && (
          <Button size="small" onClick={() => setOffset(0)}>
            {t.analysts.structure.firstPage}
          </Button>
        )}
        {end < size && (
          <Button size="small" onClick={() => setOffset(offset + PAGE_BYTES)}>
            {t.analysts.structure.nextPage}
          </Button>
        )}
      </Line>
      <div style={{ overflowX: 'auto' }} tabIndex={0} role="group" aria-label={t.analysts.structure.tabs.bytes}>
        <Sheet>
          <thead>
            <tr>
              <th scope="col">{t.analysts.structure.offset}</th>
              <th scope="col">{t.analysts.structure.hex}</th>
              <th scope="col">{t.analysts.structure.text}</th>
            </tr>
          </thead>
          <tbody>
            {rowsOf(hex).map((row, at) => (
              <tr key={at}>
                <td>{(page.data.offset + at * ROW).toString(16).padStart(8, '0')}</td>
                <td>{row.join(' ')}</td>
                <td>{row.map(readable).join('')}</td>
              </tr>
            ))}
          </tbody>
        </Sheet>
      </div>
    </Stack>
  );
}

function rowsOf(hex: string): string[][] {
  const bytes = hex.match(/../gu) ?? [];
  return Array.from({ length: Math.ceil(bytes.length / ROW) }, (_, at) => bytes.slice(at * ROW, (at + 1) * ROW));
}

/** ASCII only: everything else could be taken for something that it is not. */
function readable(byte: string): string {
  const code = Number.parseInt(byte, 16);
  return code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : '.';
}
