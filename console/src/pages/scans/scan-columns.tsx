import { Link } from '@tanstack/react-router';
import { createColumnHelper } from '@tanstack/react-table';
import styled from 'styled-components';
import type { Scan } from '../../api/client';
import { bytesText, secondsBetween } from '../../parts/figures';
import { Stack, Subtle } from '../../parts/page';
import { Untrusted } from '../../parts/untrusted';
import { ScanState, ScanVerdict } from '../../parts/verdict';
import { When } from '../../parts/when';
import { t } from '../../texts';
import { RowLink } from './row-link';
import type { ScanFeatures } from './scan-features';

/** Below this width the table shows verdict and item only, and the item tells the rest. */
export const NARROW = '@media (max-width: 760px)';
const helper = createColumnHelper<ScanFeatures, Scan>();

/** Above the link that covers the row. */
const Above = styled.span`
  position: relative;
  z-index: 1;
`;
const OnNarrow = styled(Subtle)`
  display: none;
  ${NARROW} {
    display: block;
  }
`;

/** Columns of the list of scans; `organisation` is for readers who see several. */
export const SCAN_COLUMNS = helper.columns([
  helper.display({
    id: 'verdict',
    header: t.scans.verdict,
    cell: ({ row: { original: scan } }) => (
      <Stack $gap={2}>
        <ScanVerdict scan={scan} />
        <Subtle>
          <ScanState scan={scan} />
        </Subtle>
      </Stack>
    ),
  }),
  helper.display({
    id: 'item',
    header: t.scans.item,
    cell: ({ row: { original: scan } }) => (
      <Stack $gap={2}>
        <RowLink scan={scan}>
          <Untrusted text={scan.displayName} max={80} />
        </RowLink>
        <Subtle>{aboutItem(scan)}</Subtle>
        <OnNarrow>
          #{scan.ticketId} · <When at={scan.createdAt} />
        </OnNarrow>
      </Stack>
    ),
  }),
  helper.display({
    id: 'organisation',
    header: t.scans.organisationName,
    cell: ({ row: { original: scan } }) => scan.organisationName,
  }),
  helper.display({
    id: 'ticket',
    header: t.scans.ticket,
    cell: ({ row: { original: scan } }) => (
      <Above>
        <Link to="/scans" search={{ ticket: scan.ticketId }} title={t.scans.onlyTicket(scan.ticketId)}>
          #{scan.ticketId}
        </Link>
      </Above>
    ),
  }),
  helper.display({
    id: 'author',
    header: t.scans.author,
    cell: ({ row: { original: scan } }) =>
      scan.authorId === null ? (
        '–'
      ) : (
        <Above>
          <Link to="/scans" search={{ requester: scan.authorId }} title={t.scans.onlyAuthor(scan.authorId)}>
            {scan.authorId}
          </Link>
        </Above>
      ),
  }),
  helper.display({
    id: 'found',
    header: t.scans.foundBy,
    cell: ({ row: { original: scan } }) => (
      <Stack $gap={2}>
        <span title={scan.foundBy.join(', ')}>{t.scans.engines(scan.foundBy)}</span>
        {scan.containedAt !== null && (
          <Subtle>{t.scans.tookToContain(secondsBetween(scan.createdAt, scan.containedAt))}</Subtle>
        )}
      </Stack>
    ),
  }),
  helper.display({
    id: 'when',
    header: t.scans.when,
    cell: ({ row: { original: scan } }) => <When at={scan.createdAt} />,
  }),
]);

function aboutItem(scan: Scan): string {
  if (scan.kind === 'url') return t.scans.link;
  const size = scan.size === null ? t.scans.sizeUnknown : bytesText(scan.size);
  const type = scan.detectedType ?? scan.declaredType;
  return type === null ? size : `${size} · ${type}`;
}
