import type { Response } from 'express';
import { z } from 'zod';
import type { Database } from '../../db/pool';
import { inOrganisation } from '../auth';
import { wrongMethod } from '../errors';
import { idSchema } from '../fields';
import { registerRoute } from '../openapi';
import type { RouteModule } from '../openapi';
import { invalidFields } from '../problems';
import type { ScanFeed, ScanListener, Subscription } from '../scan-feed';

const BEAT_MS = 15_000;
/** A stream ends after this and the browser opens it again, which asks for the right once more. */
const LIFE_MS = 10 * 60_000;

/** Tells pages which scans changed, so that they ask for those again: server-sent events, ids only. */
export function scanChangesRoutes({ database, scanFeed }: { database: Database; scanFeed: ScanFeed }): RouteModule {
  return (api) => {
    registerRoute(api, {
      method: 'get',
      path: '/api/v1/scan-changes',
      operationId: 'watchScans',
      summary: 'Ids of scans as they change',
      description:
        'Server-sent events named `scans` with `{"ids": […], "more": false}`; with `more` there were others. Events of the time while nobody listened do not come: read the list after the event `open`.',
      tag: 'scans',
      right: 'scans.read',
      query: z.strictObject({ organisation: idSchema.optional() }),
      answers: { 200: { description: 'The stream.', contentType: 'text/event-stream' } },
      handle: async ({ query, caller, request, response }) => {
        if (request.method !== 'GET') throw wrongMethod(['get']);
        const organisationId = query.organisation ?? caller.organisationId;
        if (organisationId === undefined) {
          throw invalidFields('query', [
            { field: 'organisation', detail: 'expected one: a stream tells of one only.' },
          ]);
        }
        await inOrganisation(database, caller, organisationId, 'watchScans', () => Promise.resolve());
        stream(response, (listener) => scanFeed.subscribe(organisationId, listener));
        return undefined;
      },
    });
  };
}

/** Sends events until the reader goes, the stream's life ends, or this process does. */
function stream(response: Response, subscribe: (listener: ScanListener) => Subscription): void {
  const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' };
  response.status(200).set(headers);
  response.flushHeaders();
  const send = (event: string, data: object): void => {
    // A reader who does not read would make us keep everything for him; he comes again and reads the list.
    if (response.writableNeedDrain) response.destroy();
    else response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  };
  const { ready, end } = subscribe({
    onScans: (ids, more) => send('scans', { ids, more }),
    onEnd: () => response.end(),
  });
  const beat = setInterval(() => response.write(': still here\n\n'), BEAT_MS).unref();
  const life = setTimeout(() => response.end(), LIFE_MS).unref();
  response.on('close', () => {
    end();
    clearInterval(beat);
    clearTimeout(life);
  });
  void ready.then(() => response.writable && send('open', {}));
}
