import { z } from 'zod';
import { appendAuditEvent } from '../../db/audit-events';
import { openLinks } from '../../db/comment-seal';
import { readCommentText } from '../../db/comment-texts';
import type { SecretSealer } from '../../db/connection-secrets';
import type { Database } from '../../db/pool';
import { readScan } from '../../db/scan-list';
import { defang } from '../../domain/text';
import { actorOf, inOwner } from '../auth';
import { idSchema } from '../fields';
import { registerRoute } from '../openapi';
import type { RouteModule } from '../openapi';
import { conflict, notFound } from '../problems';

const linkSchema = z
  .strictObject({
    scanId: z.uuid(),
    url: z.string().describe('In full. It may carry secrets of a customer, and it may be harmful: do not open it.'),
    defanged: z.string().describe('The same, made unclickable.'),
    shown: z.string().nullable().describe('What a reader of the comment sees in its place, where that differs.'),
  })
  .meta({ id: 'FullLink' });

/** The full URL behind a masked one: for analysts, and each look is written down. */
export function linkRoutes({ database, secretBox }: { database: Database; secretBox: SecretSealer }): RouteModule {
  return (api) => {
    registerRoute(api, {
      method: 'get',
      path: '/api/v1/scans/{id}/link',
      operationId: 'getFullLink',
      summary: 'The full URL of a scan of kind url',
      description: 'Writes the audit event link.opened.',
      tag: 'scans',
      right: 'links.open',
      params: z.strictObject({ id: idSchema }),
      answers: { 200: { description: 'The link.', schema: linkSchema } },
      handle: async ({ params: { id }, caller }) =>
        inOwner(database, caller, { what: 'scan', id }, 'getFullLink', async (db, organisationId) => {
          const scan = await readScan(db, id);
          if (!scan) throw notFound('scan');
          const { connectionId, ticketId, commentId } = scan;
          const ref = { organisationId, connectionId, ticketId, commentId };
          const row = scan.kind === 'url' ? await readCommentText(db, ref) : undefined;
          const link = row?.links ? (await openLinks(secretBox, ref, row.links))[id] : undefined;
          if (!link) throw noLink(scan.kind);
          await appendAuditEvent(db, { organisationId, kind: 'link.opened', actor: actorOf(caller), itemId: id });
          const { url, shown = null } = link;
          return { status: 200, body: { scanId: id, url, defanged: defang(url), shown } };
        }),
    });
  };
}

function noLink(kind: string) {
  const what = kind === 'url' ? 'No full link is kept for this scan.' : 'This scan is one of a file.';
  return conflict('no_link', 'There is no link to show.', what, 'Only scans of kind url have one.', {
    errors: [{ field: 'id', detail: 'has no link' }],
  });
}
