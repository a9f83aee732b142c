import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { appendAuditEvent } from '../../db/audit-events';
import type { Database } from '../../db/pool';
import { createSealedArchive } from '../../quarantine/index';
import { actorOf } from '../auth';
import { idSchema } from '../fields';
import { registerRoute } from '../openapi';
import type { RouteModule } from '../openapi';
import { beginLook, copyNotKept } from '../sealed-look';
import type { OpenSealed } from './scan-file';

const LEAST_PASSWORD = 8;

const body = z.strictObject({
  password: z
    .string()
    .regex(/^[\x21-\x7e]+$/u, 'expected printable ASCII characters without spaces')
    .min(LEAST_PASSWORD)
    .max(100)
    .describe(
      'Encrypts the archive; it is not kept, so note it down. The console makes a random one; the usual word among analysts is "infected".',
    ),
});

/** The one route that gives hostile bytes out, and only encrypted: no mail filter, no desktop and no slip opens them. */
export function sealedCopyRoutes({
  database,
  openSealed,
}: {
  database: Database;
  openSealed: OpenSealed;
}): RouteModule {
  return (api) => {
    registerRoute(api, {
      method: 'post',
      path: '/api/v1/scans/{id}/sealed-copy',
      operationId: 'downloadSealedCopy',
      summary: 'Download the original in an encrypted archive',
      description:
        'A ZIP (AES-256) with one file, named by its SHA-256. Writes sealed_copy.download_started, and sealed_copy.downloaded when the last byte was sent. An archive that ends early is one whose seal did not hold.',
      tag: 'sealed copies',
      right: 'sealed_copy.download',
      params: z.strictObject({ id: idSchema }),
      body,
      answers: { 200: { description: 'The archive.', contentType: 'application/zip' } },
      handle: async ({ params: { id }, body: { password }, caller, response }) => {
        const look = { purpose: 'downloadSealedCopy', event: 'sealed_copy.download_started' };
        const scan = await beginLook(database, caller, id, look);
        const { organisationId, sha256 } = scan;
        const opened = await openSealed({ organisationId, itemId: id, sha256 });
        if (!opened) throw copyNotKept(scan);
        response.set({
          'content-type': 'application/zip',
          'content-disposition': `attachment; filename="${sha256.slice(0, 16)}.zip"`,
          'content-security-policy': "sandbox; default-src 'none'",
          'x-content-type-options': 'nosniff',
          'cache-control': 'no-store',
        });
        await pipeline(createSealedArchive(opened.body, `${sha256}.bin`, password), response);
        const actor = actorOf(caller);
        await database.withOrganisation(organisationId, (db) =>
          appendAuditEvent(db, {
            organisationId,
            kind: 'sealed_copy.downloaded',
            actor,
            itemId: id,
            detail: { sha256 },
          }),
        );
        return undefined;
      },
    });
  };
}
