import { z } from 'zod';
import type { AuditEventRow } from '../db/audit-log';
import type { ScanRow } from '../db/scan-list';
import type { MailRow, NoteRow } from '../db/scan-story';
import { timeOrNull } from './views';

/** When each step of an item's life was done; null for one that was not, or is not needed. */
export const milestonesSchema = z
  .strictObject({
    arrived: timeOrNull,
    scanned: timeOrNull,
    sealed: timeOrNull,
    redacted: timeOrNull.describe('When the help desk took the redaction.'),
    proven: timeOrNull.describe('When neither address returned the sealed bytes any more.'),
    noted: timeOrNull,
    mailed: timeOrNull,
    released: timeOrNull,
  })
  .meta({ id: 'Milestones' });

interface Story {
  scan: ScanRow;
  events: readonly AuditEventRow[];
  notes: readonly NoteRow[];
  mails: readonly MailRow[];
}

/** The first time of each step, out of what was written down. */
export function milestonesOf({ scan, events, notes, mails }: Story): Record<string, Date | null> {
  const firstEvent = (kind: string): Date | null => events.find((event) => event.kind === kind)?.at ?? null;
  const written = notes.find((note) => note.state === 'written');
  return {
    arrived: scan.createdAt,
    scanned: scan.scannedAt,
    sealed: firstEvent('object.sealed'),
    redacted: firstEvent('item.redacted'),
    proven: scan.containedAt,
    noted: written?.finishedAt ?? null,
    mailed: mails.find((mail) => mail.state === 'sent')?.sentAt ?? null,
    released: scan.releasedAt,
  };
}
