import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import type { Response } from 'express';
import { z } from 'zod';
import { appendAuditEvent } from '../../db/audit-events';
import type { Database } from '../../db/pool';
import { settleReturn } from '../../db/returns';
import { readScan } from '../../db/scan-list';
import { cutMiddle, showHidden } from '../../domain/text';
import { actorOf, inOwner } from '../auth';
import { wrongMethod } from '../errors';
import { idSchema } from '../fields';
import { registerRoute } from '../openapi';
import type { RouteModule } from '../openapi';
import { conflict, notFound } from '../problems';
import { notWaiting } from './returns';

/**
 * Opens the sealed copy of an item. Undefined when none is kept. The stream fails when the seal does not hold; `length`
 * is the length that the seal authenticates, in bytes.
 */
export type OpenSealed = (item: {
  organisationId: string;
  itemId: string;
  sha256: string;
}) => Promise<{ length: number; body: Readable } | undefined>;

/** The one route that gives bytes out: a file that was decided clean and could not go back into its ticket. */
export function scanFileRoutes({ database, openSealed }: { database: Database; openSealed: OpenSealed }): RouteModule {
  return (api) => {
    registerRoute(api, {
      method: 'get',
      path: '/api/v1/scans/{id}/file',
      operationId: 'downloadCleanFile',
      summary: 'Download a clean file whose release was refused',
      description: 'Retention may run from the first complete download.',
      tag: 'returns',
      right: 'clean_file.download',
      params: z.strictObject({ id: idSchema }),
      answers: { 200: { description: 'The original bytes.', contentType: 'application/octet-stream' } },
      handle: async ({ params: { id }, caller, request, response }) => {
        // Express answers HEAD with the handler of GET; a download without bytes must not count as one.
        if (request.method !== 'GET') throw wrongMethod(['get']);
        const actor = actorOf(caller);
        const scope = { what: 'scan', id } as const;
        const scan = await inOwner(database, caller, scope, 'downloadCleanFile', async (db, organisationId) => {
          const found = await readScan(db, id);
          if (!found) throw notFound('scan');
          if (found.verdict !== 'clean' || found.state !== 'release_refused') throw notWaiting(found);
          await appendAuditEvent(db, { organisationId, kind: 'clean_file.download_started', actor, itemId: id });
          return found;
        });
        const { organisationId, sha256, fileName } = scan;
        const opened = sha256 === null ? undefined : await openSealed({ organisationId, itemId: id, sha256 });
        if (!opened) throw copyMissing();
        await sendFile(response, fileName, opened);
        await database.withOrganisation(organisationId, (db) =>
          settleReturn(db, { organisationId, itemId: id }, 'clean_file.delivered', actor),
        );
        return undefined;
      },
    });
  };
}

async function sendFile(response: Response, fileName: string, file: { length: number; body: Readable }): Promise<void> {
  response.set({
    'content-type': 'application/octet-stream',
    'content-length': String(file.length),
    'content-disposition': contentDisposition(fileName),
    'content-security-policy': "sandbox; default-src 'none'",
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  });
  await pipeline(file.body, response);
}

/**
 * `attachment` with a name that no header, shell or desktop takes for something else (RFC 6266): an ASCII fallback, and
 * the name in UTF-8 with hidden characters shown and path separators replaced.
 */
export function contentDisposition(fileName: string): string {
  const shown = cutMiddle(showHidden(fileName).replace(/[/\\:*?"<>|]/gu, '_'), 120).replace(/^[.\s]+/u, '_');
  const name = shown === '' ? 'file' : shown;
  const ascii = name.replace(/[^A-Za-z0-9 ._-]/gu, '_');
  const encoded = encodeURIComponent(name).replace(/['()*]/gu, (char) => `%${char.charCodeAt(0).toString(16)}`);
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}

function copyMissing() {
  return conflict(
    'sealed_copy_missing',
    'The sealed copy is not kept any more.',
    'No sealed copy of these bytes is in the store.',
    'Ask the sender for the file.',
    { errors: [{ field: 'id', detail: 'has no sealed copy' }] },
  );
}
