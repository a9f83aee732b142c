import { Button } from '@zendeskgarden/react-buttons';
import { useState } from 'react';
import styled from 'styled-components';
import { TextField } from '../../parts/field';
import { Card, Line } from '../../parts/page';
import { t } from '../../texts';
import type { ScanSearch } from './scan-search';

const Grid = styled.div`
  display: grid;
  grid-template-columns: repeat(auto-fill, minmax(200px, 1fr));
  gap: 12px;
  margin-bottom: 12px;
`;
const FIELDS = [
  ['ticket', t.scans.ticketNumber],
  ['sha256', t.scans.sha256],
  ['type', t.scans.type],
  ['engine', t.scans.engine],
  ['rule', t.scans.rule],
  ['requester', t.scans.requester],
  ['organisation', t.scans.organisation],
  ['from', t.scans.from],
  ['to', t.scans.to],
] as const;

/** Filters that are needed less often; they count when they are applied. */
export function MoreFilters({ search, onChange }: { search: ScanSearch; onChange: (search: ScanSearch) => void }) {
  const [typed, setTyped] = useState(search);
  return (
    <Card
      as="form"
      onSubmit={(event) => {
        event.preventDefault();
        const given = Object.entries({ ...search, ...typed }).map(([name, value]) => [name, value.trim()]);
        onChange(Object.fromEntries(given.filter(([, value]) => value !== '')) as ScanSearch);
      }}
    >
      <Grid>
        {FIELDS.map(([name, label]) => (
          <TextField
            key={name}
            label={label}
            type={name === 'from' || name === 'to' ? 'datetime-local' : 'text'}
            value={typed[name] ?? ''}
            onChange={(event) => setTyped({ ...typed, [name]: event.target.value })}
          />
        ))}
      </Grid>
      <Line>
        <Button type="submit">{t.scans.apply}</Button>
      </Line>
    </Card>
  );
}
