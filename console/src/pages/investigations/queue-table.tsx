import { Link } from '@tanstack/react-router';
import { Table } from '@zendeskgarden/react-tables';
import type { QueuedInvestigation } from '../../api/client';
import { Stack, Subtle } from '../../parts/page';
import { Untrusted } from '../../parts/untrusted';
import { VerdictTag } from '../../parts/verdict';
import { When } from '../../parts/when';
import { t } from '../../texts';
import { AgeBar } from './age-bar';

interface Props {
  rows: QueuedInvestigation[];
  /** When the rows were read. */
  now: number;
  /** Analysts open the investigation, which takes it in hand; others see the scan. */
  isAnalyst: boolean;
}

/** The queue: whose time runs out first on top. */
export function QueueTable({ rows, now, isAnalyst }: Props) {
  return (
    <div style={{ overflowX: 'auto' }}>
      <Table aria-label={t.investigations.title} style={{ minWidth: 760 }}>
        <Table.Head>
          <Table.HeaderRow>
            <Table.HeaderCell width="15%">{t.analysts.time}</Table.HeaderCell>
            <Table.HeaderCell width="35%">{t.investigations.item}</Table.HeaderCell>
            <Table.HeaderCell width="13%">{t.analysts.organisation}</Table.HeaderCell>
            <Table.HeaderCell width="17%">{t.investigations.machine}</Table.HeaderCell>
            <Table.HeaderCell width="12%">{t.analysts.who}</Table.HeaderCell>
            <Table.HeaderCell width="8%">{t.investigations.copies}</Table.HeaderCell>
          </Table.HeaderRow>
        </Table.Head>
        <Table.Body>
          {rows.map((row) => (
            <Table.Row key={row.id}>
              <Table.Cell>
                {row.state === 'open' ? (
                  <AgeBar from={row.createdAt} due={row.dueAt} now={now} />
                ) : (
                  <Answer row={row} />
                )}
              </Table.Cell>
              <Table.Cell>
                <Asked row={row} isAnalyst={isAnalyst} />
              </Table.Cell>
              <Table.Cell>{row.organisationName}</Table.Cell>
              <Table.Cell>
                <Stack $gap={4}>
                  <VerdictTag verdict={row.machineVerdict} />
                  {row.findings[0] && <Subtle>{row.findings[0].what}</Subtle>}
                  {row.findingsTotal > 1 && <Subtle>{t.analysts.moreFindings(row.findingsTotal - 1)}</Subtle>}
                </Stack>
              </Table.Cell>
              <Table.Cell>{claimText(row)}</Table.Cell>
              <Table.Cell>{row.copies.toLocaleString()}</Table.Cell>
            </Table.Row>
          ))}
        </Table.Body>
      </Table>
    </div>
  );
}

function Asked({ row, isAnalyst }: { row: QueuedInvestigation; isAnalyst: boolean }) {
  const name = <Untrusted text={row.displayName} />;
  return (
    <Stack $gap={2}>
      {isAnalyst ? (
        <Link to="/investigations/$id" params={{ id: row.id }}>
          {name}
        </Link>
      ) : (
        <Link to="/scans/$id" params={{ id: row.scanId }}>
          {name}
        </Link>
      )}
      <Subtle>
        #{row.ticketId} · {t.words.opinion[row.opinion]}: <Untrusted text={row.reason} max={160} />
      </Subtle>
    </Stack>
  );
}

function Answer({ row }: { row: QueuedInvestigation }) {
  return (
    <Stack $gap={2}>
      <span>{t.investigations.answered}</span>
      {row.answeredAt !== null && <When at={row.answeredAt} />}
    </Stack>
  );
}

/** Who has it in hand, in words. */
export function claimText(row: QueuedInvestigation): string {
  if (row.claim === null) return t.analysts.nobody;
  return row.claim.mine ? t.analysts.you : (row.claim.name ?? t.analysts.someone);
}
