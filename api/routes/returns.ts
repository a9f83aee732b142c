import { z } from 'zod';
import type { Database, Queryable } from '../../db/pool';
import { requestFollowUp, settleReturn } from '../../db/returns';
import { readScan } from '../../db/scan-list';
import type { ScanRow } from '../../db/scan-list';
import { actorOf, inOwner } from '../auth';
import { idSchema } from '../fields';
import { registerRoute } from '../openapi';
import type { RouteModule } from '../openapi';
import { conflict, notFound } from '../problems';
import { scanSchema, scanView, time } from '../views';

const params = z.strictObject({ id: idSchema });

/** What an admin may do when a clean file had nowhere to go back to. */
export function returnRoutes({ database }: { database: Database }): RouteModule {
  return (api) => {
    registerRoute(api, {
      method: 'post',
      path: '/api/v1/scans/{id}/follow-up',
      operationId: 'requestFollowUp',
      summary: 'Return the file in a follow-up of the closed ticket',
      tag: 'returns',
      right: 'return.settle',
      params,
      answers: { 202: { description: 'Under way, now or since an earlier request.', schema: scanSchema } },
      handle: async ({ params: { id }, caller }) =>
        inOwner(database, caller, { what: 'scan', id }, 'requestFollowUp', async (db, organisationId) => {
          const started = await requestFollowUp(db, { organisationId, itemId: id }, actorOf(caller));
          const scan = await scanOr404(db, id);
          const underWay = scan.state === 'releasing' && scan.stateReason === 'follow_up';
          if (!started && !underWay) throw noFollowUp(scan);
          return { status: 202, body: scanView(scan) };
        }),
    });
    registerRoute(api, {
      method: 'post',
      path: '/api/v1/scans/{id}/decline',
      operationId: 'declineReturn',
      summary: 'Decline the return of the file',
      description: 'The sealed copy is kept as long as retention says, counted from the first decline or download.',
      tag: 'returns',
      right: 'return.settle',
      params,
      answers: {
        200: { description: 'Declined, now or before.', schema: z.strictObject({ scan: scanSchema, settledAt: time }) },
      },
      handle: async ({ params: { id }, caller }) =>
        inOwner(database, caller, { what: 'scan', id }, 'declineReturn', async (db, organisationId) => {
          const request = { organisationId, itemId: id };
          const settledAt = await settleReturn(db, request, 'return.declined', actorOf(caller));
          const scan = await scanOr404(db, id);
          if (!settledAt) throw notWaiting(scan);
          return { status: 200, body: { scan: scanView(scan), settledAt } };
        }),
    });
  };
}

async function scanOr404(db: Queryable, id: string): Promise<ScanRow> {
  const scan = await readScan(db, id);
  if (!scan) throw notFound('scan');
  return scan;
}

/** 409 for a scan whose file is not one that could not go back. Shared with the download. */
export function notWaiting(scan: ScanRow) {
  const { state, stateReason, verdict } = scan;
  return conflict(
    'no_refused_release',
    'No release of this file was refused.',
    `This needs a clean file in the state release_refused; the verdict is ${verdict}, the state ${state}.`,
    'Nothing has to be done: only a file that could not go back into its ticket needs this.',
    { errors: [{ field: 'id', detail: `is in the state ${state}` }], extra: { state, stateReason, verdict } },
  );
}

function noFollowUp(scan: ScanRow) {
  if (scan.state !== 'release_refused' || scan.verdict !== 'clean') return notWaiting(scan);
  return conflict(
    'ticket_not_closed',
    'The ticket is not closed.',
    `A follow-up is opened for a closed ticket only; this release was refused because of ${scan.stateReason}.`,
    'Download the clean file and hand it on yourself.',
    { errors: [{ field: 'id', detail: `was refused because of ${scan.stateReason}` }] },
  );
}
