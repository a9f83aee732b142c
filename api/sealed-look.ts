import { appendAuditEvent } from '../db/audit-events';
import type { Database } from '../db/pool';
import { readScan } from '../db/scan-list';
import type { ScanRow } from '../db/scan-list';
import { readSealedCopy } from '../db/scan-story';
import type { StructureSource } from '../scanners/embedded/structure/viewer';
import { actorOf, inOwner } from './auth';
import { conflict, notFound } from './problems';
import type { Problem } from './problems';
import type { Caller } from './route';
import type { OpenSealed } from './routes/scan-file';

/** A scan whose sealed copy somebody looks at; the look is written down. */
export interface SealedScan extends ScanRow {
  sha256: string;
}

/**
 * Finds the scan, makes sure that a copy is kept, and writes down that this person looks at it, and at what.
 * @param purpose the route's operationId
 * @throws Problem 404 · 409 `copy_not_kept`
 */
export async function beginLook(
  database: Database,
  caller: Caller,
  id: string,
  look: { purpose: string; event: string; detail?: Record<string, unknown> },
): Promise<SealedScan> {
  return inOwner(database, caller, { what: 'scan', id }, look.purpose, async (db, organisationId) => {
    const scan = await readScan(db, id);
    if (!scan) throw notFound('scan');
    const { sha256 } = scan;
    if (sha256 === null || !(await readSealedCopy(db, scan))?.sealed) throw copyNotKept(scan);
    await appendAuditEvent(db, {
      organisationId,
      kind: look.event,
      actor: actorOf(caller),
      itemId: id,
      detail: { sha256, ...look.detail },
    });
    return { ...scan, sha256 };
  });
}

/** Where the bytes of a scan come from, opened only when no process has them in hand. */
export function sourceOf(
  openSealed: OpenSealed,
  scan: SealedScan,
): { key: string; open: () => Promise<StructureSource | undefined> } {
  const { organisationId, sha256, fileName, id } = scan;
  const key = JSON.stringify([organisationId, sha256, fileName]);
  return {
    key,
    open: async () => {
      const opened = await openSealed({ organisationId, itemId: id, sha256 });
      return opened && { key, fileName, body: opened.body };
    },
  };
}

/** Says what kept somebody from seeing: errors of the viewer and of the sealed store, told apart by name. */
export async function orProblem<T>(scan: ScanRow, look: Promise<T | undefined>): Promise<T> {
  const seen = await look.catch((error: unknown): never => {
    throw problemOf(error);
  });
  if (seen === undefined) throw copyNotKept(scan);
  return seen;
}

function problemOf(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (error.name === 'LookFailed') return lookFailed(error);
  if (error.name === 'SealError') return sealBroken();
  return error;
}

/** 409: there are no bytes, and why. */
export function copyNotKept(scan: Pick<ScanRow, 'state' | 'verdict' | 'sha256'>): Problem {
  const why =
    scan.sha256 === null
      ? 'Its bytes were never read.'
      : scan.state === 'clean'
        ? 'Clean files are not kept: their bytes are dropped when the scan has ended.'
        : 'No sealed copy of these bytes is in the store.';
  return conflict(
    'copy_not_kept',
    'The bytes are not kept.',
    why,
    'Open an investigation: while one is open, the file is fetched again and kept, where the help desk still has it.',
    { errors: [{ field: 'id', detail: 'has no sealed copy' }], extra: { state: scan.state, verdict: scan.verdict } },
  );
}

const ENDS: Readonly<Record<string, string>> = {
  clock: 'Reading this file took too long.',
  memory: 'Reading this file took too much memory.',
  crash: 'The process that read this file died of it.',
  closed: 'The process that read this file was ended to make room.',
};

function lookFailed(error: Error): Problem {
  const end = 'end' in error && typeof error.end === 'string' ? error.end : 'crash';
  return conflict(
    'look_failed',
    'The file could not be looked into.',
    `${ENDS[end] ?? ENDS['crash'] ?? ''} Nothing else was touched.`,
    end === 'closed' ? 'Try again.' : 'Download the sealed copy as an encrypted archive and look at it elsewhere.',
    { extra: { end } },
  );
}

function sealBroken(): Problem {
  return conflict(
    'seal_broken',
    'The sealed copy does not open.',
    'The seal does not hold, or its key is not configured: nothing of the bytes is shown.',
    'Tell the operator: the sealed store or its master keys need a look.',
  );
}
