import { Router } from 'express';
import { isUuid } from '../../db/pool';
import { page, PAGE_POLICY, text } from '../html';

/**
 * Where the links of notes and mails lead: says how to read the scan and how to ask for an investigation. It shows
 * nothing of the scan itself, because whoever opens a link has not signed in.
 */
export function createScanPages(publicUrl: string): Router {
  const router = Router({ caseSensitive: true });
  router.get(['/scans/:id', '/scans/:id/investigate'], (request, response, next) => {
    const id: unknown = request.params['id'];
    if (typeof id !== 'string' || !isUuid(id)) {
      next();
      return;
    }
    response.set({
      'cache-control': 'no-store',
      'content-security-policy': PAGE_POLICY,
      'referrer-policy': 'no-referrer',
    });
    response.type('html').send(scanPage(publicUrl, id));
  });
  return router;
}

function scanPage(publicUrl: string, id: string): string {
  const scan = `${publicUrl}/api/v1/scans/${id}`;
  const ask = `curl -X POST ${scan}/investigations -H 'Authorization: Bearer YOUR_KEY' -H 'Content-Type: application/json' -d '{"opinion":"clean","reason":"why you think so"}'`;
  return page(
    `Scan ${id.slice(-4).toUpperCase()}`,
    `<p>Everything about this scan, with an API key of your organisation:</p><p><code>${text(`curl ${scan} -H 'Authorization: Bearer YOUR_KEY'`)}</code></p>
<p>Ask the analysts to look again (an admin's key; <code>opinion</code> is clean, malicious or not_sure):</p><p><code>${text(ask)}</code></p>
<p>Without a key, ask the person who looks after Lazaret in your organisation and name the scan <code>${text(id)}</code>.</p>`,
  );
}
