import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { Tag } from '@zendeskgarden/react-tags';
import styled from 'styled-components';
import type { QueuedInvestigation } from '../../api/client';
import { bytesText } from '../../parts/figures';
import { Card, Facts, Line, Loading, Page, Stack, Subtle } from '../../parts/page';
import { ProblemNotice } from '../../parts/problem';
import { Untrusted } from '../../parts/untrusted';
import { VerdictTag } from '../../parts/verdict';
import { When } from '../../parts/when';
import { t } from '../../texts';
import { StructureView } from '../structure/structure-view';
import { AgeBar } from './age-bar';
import { ClaimNotice } from './claim-notice';
import { DecidePanel } from './decide-panel';
import { findNext, investigationQuery } from './desk';
import { UndoNotice } from './undo-notice';

const Columns = styled.div`
  display: grid;
  grid-template-columns: minmax(0, 2fr) minmax(280px, 1fr);
  gap: 20px;
  align-items: start;
  @media (max-width: 900px) {
    grid-template-columns: minmax(0, 1fr);
  }
`;
const Side = styled.div`
  position: sticky;
  top: 16px;
  @media (max-width: 900px) {
    position: static;
  }
`;

/** One investigation: what is asked, the evidence, what the file is made of, and the decision; then the next one. */
export function DeskPage() {
  const { id } = useParams({ from: '/inside/investigations/$id' });
  const { undo } = useSearch({ from: '/inside/investigations/$id' });
  const investigation = useQuery(investigationQuery(id));
  const toNext = useNext(id);
  if (investigation.isError) {
    return (
      <Page title={t.analysts.desk.title} name={t.analysts.desk.title}>
        <ProblemNotice
          title={t.analysts.desk.loadFailed}
          error={investigation.error}
          retry={() => void investigation.refetch()}
        />
      </Page>
    );
  }
  if (investigation.isPending) return <Loading lines={10} />;
  const row = investigation.data;
  return (
    <Page
      key={id}
      title={<Untrusted text={row.displayName} />}
      name={row.displayName}
      beside={<Link to="/investigations">{t.analysts.desk.back}</Link>}
    >
      {undo !== undefined && undo !== row.scanId && <UndoNotice scanId={undo} />}
      <ClaimNotice row={row} onNext={() => void toNext()} />
      <Columns>
        <div>
          <AskedCard row={row} now={investigation.dataUpdatedAt} />
          {row.sha256 !== null && <StructureView scanId={row.scanId} />}
        </div>
        <Side>
          <DecidePanel row={row} onDecided={() => void toNext(row.scanId)} />
        </Side>
      </Columns>
    </Page>
  );
}

/** Opens the next investigation at once; where there is none, the queue. What was decided last can be taken back there. */
function useNext(id: string): (decidedScan?: string) => Promise<void> {
  const navigate = useNavigate();
  const queries = useQueryClient();
  return async (decidedScan) => {
    await queries.invalidateQueries({ queryKey: ['investigations'] });
    const next = await findNext(id).catch(() => undefined);
    const search = decidedScan === undefined ? {} : { undo: decidedScan };
    if (next) await navigate({ to: '/investigations/$id', params: { id: next.id }, search });
    else await navigate({ to: '/investigations', search });
  };
}

function AskedCard({ row, now }: { row: QueuedInvestigation; now: number }) {
  const who = row.requestedByName ?? row.requestedByRole;
  const { desk } = t.analysts;
  return (
    <Card aria-labelledby="asked">
      <h2 id="asked">{desk.facts}</h2>
      <Stack $gap={12}>
        <strong>
          {row.requestedByRole === 'lazaret' ? desk.machineAsked : desk.asked(t.words.opinion[row.opinion], who)}
        </strong>
        <Untrusted text={row.reason} max={2000} />
        <Facts>
          <dt>{t.analysts.time}</dt>
          <dd>
            {row.state === 'open' ? (
              <AgeBar from={row.createdAt} due={row.dueAt} now={now} />
            ) : (
              row.answeredAt !== null && <When at={row.answeredAt} />
            )}
          </dd>
          <dt>{t.analysts.organisation}</dt>
          <dd>{row.organisationName}</dd>
          <dt>{t.scans.ticket}</dt>
          <dd>#{row.ticketId}</dd>
          <dt>{t.investigations.machine}</dt>
          <dd>
            <VerdictTag verdict={row.machineVerdict} />
          </dd>
          <dt>{t.scans.item}</dt>
          <dd>
            {[row.detectedType, row.size === null ? null : bytesText(row.size), desk.copies(row.copies)]
              .filter((text) => text !== null)
              .join(' · ')}
          </dd>
        </Facts>
        <FoundList row={row} />
        <Link to="/scans/$id" params={{ id: row.scanId }}>
          {desk.scan}
        </Link>
      </Stack>
    </Card>
  );
}

function FoundList({ row }: { row: QueuedInvestigation }) {
  if (row.findings.length === 0) return <Subtle>{t.analysts.desk.noFindings}</Subtle>;
  return (
    <Stack $gap={4} aria-label={t.analysts.desk.findings} role="group">
      {row.findings.map((finding) => (
        <Line key={`${finding.engine} ${finding.rule}`}>
          <Tag>
            <span>{t.words.severity[finding.severity]}</span>
          </Tag>
          <span>{finding.what}</span>
          <Subtle>
            {finding.engine} · <code>{finding.rule}</code>
          </Subtle>
        </Line>
      ))}
      {row.findingsTotal > row.findings.length && (
        <Subtle>{t.analysts.moreFindings(row.findingsTotal - row.findings.length)}</Subtle>
      )}
    </Stack>
  );
}
