import { Field, Select } from '@zendeskgarden/react-forms';
import styled from 'styled-components';
import { t } from '../../texts';

const Box = styled.div`
  width: 150px;
`;

/** How far back the list goes. */
export function TimeFilter({ chosen, onChange }: { chosen: string; onChange: (span: string) => void }) {
  return (
    <Box>
      <Field>
        <Field.Label hidden>{t.scans.time}</Field.Label>
        <Select value={chosen} onChange={(event) => onChange(event.target.value)}>
          {Object.entries(t.scans.times).map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </Select>
      </Field>
    </Box>
  );
}
