import { Tag } from '@zendeskgarden/react-tags';
import { Table } from '@zendeskgarden/react-tables';
import { getColor } from '@zendeskgarden/react-theming';
import styled from 'styled-components';
import type { Finding, ScanStory } from '../../api/client';
import { Card, Line, Stack, Subtle } from '../../parts/page';
import { Untrusted } from '../../parts/untrusted';
import { t } from '../../texts';
import { treeOf } from './findings-tree';
import type { FoundPart } from './findings-tree';

const HUES: Record<Finding['severity'], string> = {
  info: 'grey',
  low: 'grey',
  medium: 'yellow',
  high: 'red',
  critical: 'crimson',
};
const List = styled.ul`
  list-style: none;
  margin: 0 0 16px;
  padding: 0;
  li + li {
    margin-top: 16px;
  }
`;
const Inner = styled.div`
  margin-top: 8px;
  border-left: 2px solid ${({ theme }) => getColor({ theme, variable: 'border.default' })};
  padding-left: 14px;
`;

/** What engines found, each with the place inside containers, and how every engine answered. */
export function FindingsCard({ story }: { story: ScanStory }) {
  const { findings, engines, scan } = story;
  return (
    <Card aria-labelledby="findings">
      <h2 id="findings">{t.scans.detail.findings}</h2>
      {findings.length === 0 && (
        <p>{scan.verdict === 'pending' ? t.scans.detail.notScanned : t.scans.detail.noFindings}</p>
      )}
      <Found part={treeOf(findings)} />
      {engines.length > 0 && <Engines engines={engines} />}
    </Card>
  );
}

/** What was found in a part, and below it what was found in the parts inside. */
function Found({ part }: { part: FoundPart }) {
  if (part.findings.length + part.parts.length === 0) return null;
  return (
    <List>
      {part.findings.map((finding, at) => (
        <li key={at}>
          <OneFinding finding={finding} />
        </li>
      ))}
      {part.parts.map((inner) => (
        <li key={`in ${inner.name}`}>
          <Subtle>{t.scans.detail.inside}</Subtle>{' '}
          <strong>
            <Untrusted text={inner.name} />
          </strong>
          <Inner>
            <Found part={inner} />
          </Inner>
        </li>
      ))}
    </List>
  );
}

function OneFinding({ finding }: { finding: Finding }) {
  return (
    <Stack $gap={4}>
      <Line>
        <Tag hue={HUES[finding.severity]}>
          <span>{t.words.severity[finding.severity]}</span>
        </Tag>
        <strong>
          <Untrusted text={finding.what} max={500} />
        </strong>
      </Line>
      <Subtle>
        {finding.engine} · <code>{finding.rule}</code>
        {finding.author !== null && ` · ${finding.author}`}
        {finding.licence !== null && ` · ${finding.licence}`}
        {finding.reference !== null && (
          <>
            {' · '}
            {t.scans.detail.reference} <Untrusted text={finding.reference} max={200} />
          </>
        )}
      </Subtle>
      {finding.analyst !== null && <Subtle>{finding.analyst}</Subtle>}
    </Stack>
  );
}

function Engines({ engines }: Pick<ScanStory, 'engines'>) {
  return (
    <Table aria-label={t.scans.detail.engines} size="small">
      <Table.Head>
        <Table.HeaderRow>
          <Table.HeaderCell>{t.scans.detail.engines}</Table.HeaderCell>
          <Table.HeaderCell>{t.scans.detail.answer}</Table.HeaderCell>
          <Table.HeaderCell>{t.scans.detail.version}</Table.HeaderCell>
          <Table.HeaderCell>{t.scans.detail.ms}</Table.HeaderCell>
        </Table.HeaderRow>
      </Table.Head>
      <Table.Body>
        {engines.map((engine) => (
          <Table.Row key={engine.engine}>
            <Table.Cell>{engine.engine}</Table.Cell>
            <Table.Cell>{[engine.result, engine.reason].filter(Boolean).join(': ')}</Table.Cell>
            <Table.Cell isTruncated title={engine.rulesVersion}>
              {[engine.engineVersion, engine.rulesVersion.slice(0, 12)].filter(Boolean).join(' · ')}
            </Table.Cell>
            <Table.Cell>{`${Math.round(engine.ms).toLocaleString()} ms`}</Table.Cell>
          </Table.Row>
        ))}
      </Table.Body>
    </Table>
  );
}
