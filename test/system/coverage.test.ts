import { setTimeout as pause } from 'node:timers/promises';
import { eicar } from '../../embedded/demo-files';
import { until } from '../../embedded/lazaret-client';
import { deskOf } from '../support/desk';
import type { Desk } from '../support/desk';
import { startLazaret } from '../support/lazaret';
import type { Lazaret } from '../support/lazaret';

jest.setTimeout(120_000);

const PATIENCE_MS = 40_000;

interface Coverage {
  complete: boolean;
  listed: { comments: number; attachments: number; texts: number };
  accounted: { comments: number; attachments: number; texts: number };
  problem: string | null;
  oldestOpen: object | null;
  gaps: { cause: string; comments: number; healedAt: string | null }[];
}

let lazaret: Lazaret;
let desk: Desk;
let ended = 0;

beforeAll(async () => {
  lazaret = await startLazaret({
    waits: { reconcile: { every: 600_000, lag: 0 } },
    switches: { incremental: { holeSeconds: 0 }, rateLimits: { incrementalPerMinute: 600 } },
  });
  desk = deskOf(lazaret);
});
afterAll(() => lazaret.stop());

const coverage = (): Promise<Coverage> =>
  lazaret.viewer.call('GET', `/api/v1/organisations/${lazaret.organisationId}/channels/zendesk/coverage`);

/** Lets one cycle run to its end. */
async function walk(): Promise<void> {
  const cycles = async () => {
    const [row] = await desk.rows<{ cycles: number }>('select cycles::int as cycles from coverage_walks', []);
    return row?.cycles ?? 0;
  };
  ended = await cycles();
  // The export works in whole seconds: what was written in this one is complete in the next.
  await pause(1000 - (Date.now() % 1000));
  // Eight requests a minute would make these tests wait for most of their time; test/activities/budget holds that limit.
  await lazaret.database.withService((db) => db.query(`delete from rate_buckets where endpoint = 'incremental'`));
  await desk.rows('update coverage_walks set deadline_at = now() returning 1', []);
  await until('the end of a cycle', async () => ((await cycles()) > ended ? true : undefined), PATIENCE_MS);
}

/** Cycles until all is accounted for. */
async function complete(): Promise<Coverage> {
  return until(
    'everything accounted for',
    async () => {
      await walk();
      const now = await coverage();
      return now.complete && now.oldestOpen === null && now.gaps.every((gap) => gap.healedAt !== null)
        ? now
        : undefined;
    },
    PATIENCE_MS,
  );
}

const found = (ticketId: number) =>
  desk.rows<{ kind: string; file_name: string; found_by: string; verdict: string; state: string }>(
    'select kind, file_name, found_by, verdict, state from items where ticket_id = $1 order by kind, file_name',
    [String(ticketId)],
  );

test('what no webhook announced is found in one cycle: files, links, subjects and images inside the text', async () => {
  await lazaret.zendeskAdmin.switches({ webhooks: { dropFraction: 1 } });
  const files = [
    { name: 'bad.com', bytes: eicar() },
    { name: 'good.txt', bytes: Buffer.from('nothing to see') },
  ];
  const { id } = await desk.send(...files);
  const { ticket } = await lazaret.agent.createTicket({
    subject: 'read https://subject.example/page',
    comment: 'and https://comment.example/page',
  });
  await walk();
  await desk.reach(id, 'clean', 'held');
  expect(await desk.said(id, 1)).toHaveLength(1);
  const links = await until(
    'both links',
    async () => {
      const rows = await found(ticket.id);
      return rows.length === 2 ? rows : undefined;
    },
    PATIENCE_MS,
  );
  expect(links.map((row) => [row.file_name, row.found_by])).toEqual([
    ['https://comment.example/page', 'export'],
    ['https://subject.example/page', 'export'],
  ]);
  const now = await complete();
  expect(now.accounted).toEqual(now.listed);
  expect(now.listed).toMatchObject({ attachments: 2, texts: 2 });
  expect(now.gaps).toMatchObject([{ cause: 'not_announced', comments: 2 }]);
  await lazaret.zendeskAdmin.switches({ webhooks: { dropFraction: 0 } });
});

test('a link that only the HTML holds is found, and the one that the event told of is kept', async () => {
  const { ticket } = await lazaret.agent.createTicket({ subject: 'help', comment: 'first words' });
  const html = '<p>See https://shown.example/a and <a href="https://hidden.example/b">our page</a></p>';
  await lazaret.agent.api('PUT', `/api/v2/tickets/${ticket.id}`, { ticket: { comment: { html_body: html } } });
  const urls = async (count: number) =>
    until(
      `${count} links`,
      async () => {
        const rows = await found(ticket.id);
        return rows.length >= count ? rows : undefined;
      },
      PATIENCE_MS,
    );
  await urls(1);
  await walk();
  expect((await urls(2)).map((row) => row.file_name)).toEqual(['https://hidden.example/b', 'https://shown.example/a']);
  const { scans } = await lazaret.admin.call<{ scans: { id: string; fileName: string }[] }>(
    'GET',
    `/api/v1/scans?ticket=${ticket.id}&kind=url`,
  );
  for (const scan of scans) {
    const full = await lazaret.analyst.call<{ url: string }>('GET', `/api/v1/scans/${scan.id}/link`);
    expect(full.url).toContain('.example/');
  }
  await complete();
});

test('cycles over what is known cost two requests and change nothing', async () => {
  await complete();
  const before = await desk.rows('select count(*) from items union all select count(*) from audit_events', []);
  await lazaret.zendeskAdmin.clearRequests();
  await walk();
  const paths = (await lazaret.zendeskAdmin.requests())
    .map((one) => one.path)
    .filter((path) => path.startsWith('/api/'));
  expect(paths.map((path) => path.replace(/\?.*/u, '')).toSorted()).toEqual([
    '/api/v2/incremental/ticket_events.json',
    '/api/v2/incremental/tickets/cursor.json',
  ]);
  expect(await desk.rows('select count(*) from items union all select count(*) from audit_events', [])).toEqual(before);
});
