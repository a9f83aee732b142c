import { createColumnHelper } from '@tanstack/react-table';
import type { Scan } from '../../api/client';
import { bytesText, secondsBetween } from '../../parts/figures';
import { Stack, Subtle } from '../../parts/page';
import { Untrusted } from '../../parts/untrusted';
import { ScanState, ScanVerdict } from '../../parts/verdict';
import { When } from '../../parts/when';
import { t } from '../../texts';
import { RowLink } from './row-link';
import type { ScanFeatures } from './scan-features';

const helper = createColumnHelper<ScanFeatures, Scan>();

/** Columns of the list of scans. */
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
          <Untrusted text={scan.displayName} />
        </RowLink>
        <Subtle>{aboutItem(scan)}</Subtle>
      </Stack>
    ),
  }),
  helper.display({ id: 'ticket', header: t.scans.ticket, cell: ({ row: { original: scan } }) => `#${scan.ticketId}` }),
  helper.display({
    id: 'contained',
    header: t.scans.contained,
    cell: ({ row: { original: scan } }) =>
      scan.containedAt === null ? '–' : t.scans.took(secondsBetween(scan.createdAt, scan.containedAt)),
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
