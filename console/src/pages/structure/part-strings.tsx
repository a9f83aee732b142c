import { useQuery } from '@tanstack/react-query';
import { Button } from '@zendeskgarden/react-buttons';
import { useState } from 'react';
import styled from 'styled-components';
import { Line, Loading, Stack } from '../../parts/page';
import { ProblemNotice } from '../../parts/problem';
import { Untrusted } from '../../parts/untrusted';
import { t } from '../../texts';
import { stringsQuery } from './queries';

const Sheet = styled.table`
  border-collapse: collapse;
  font-family: ui-monospace, monospace;
  font-size: 12px;
  th,
  td {
    padding: 2px 12px 2px 0;
    text-align: left;
    vertical-align: top;
    overflow-wrap: anywhere;
  }
`;

/** Readable text of a part with its places, page by page. It is shown, never followed: no address becomes a link. */
export function PartStrings({ scanId, sha256 }: { scanId: string; sha256: string }) {
  const [from, setFrom] = useState(0);
  const page = useQuery(stringsQuery(scanId, sha256, from));
  const { structure } = t.analysts;
  if (page.isError) return <ProblemNotice error={page.error} retry={() => void page.refetch()} />;
  if (page.isPending) return <Loading />;
  const { strings, next } = page.data;
  if (strings.length === 0) return <p>{structure.noStrings}</p>;
  return (
    <Stack $gap={8}>
      <div style={{ maxHeight: 480, overflow: 'auto' }} tabIndex={0} role="group" aria-label={structure.tabs.strings}>
        <Sheet>
          <thead>
            <tr>
              <th scope="col">{structure.offset}</th>
              <th scope="col">{structure.encoding}</th>
              <th scope="col">{structure.text}</th>
            </tr>
          </thead>
          <tbody>
            {strings.map(({ at, encoding, text }) => (
              <tr key={at}>
                <td>{at.toString(16).padStart(8, '0')}</td>
                <td>{encoding === 'ascii' ? 'ASCII' : 'UTF-16'}</td>
                <td>
                  <Untrusted text={text} max={500} />
                </td>
              </tr>
            ))}
          </tbody>
        </Sheet>
      </div>
      <Line>
        {from > 0 && (
          <Button size="small" onClick={() => setFrom(0)}>
            {structure.firstPage}
          </Button>
        )}
        {next !== null && (
          <Button size="small" onClick={() => setFrom(next)}>
            {structure.nextPage}
          </Button>
        )}
      </Line>
    </Stack>
  );
}
