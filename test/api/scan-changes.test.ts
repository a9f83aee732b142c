import { parse } from 'csv-parse/sync';
import { auditOf, openStation, seedItem } from './support';
import type { Station } from './support';

let station: Station;
beforeAll(async () => {
  station = await openStation();
});
afterAll(() => station.close());

const csvOf = async (query: string, key = station.a.viewer) => station.call('GET', `/api/v1/scans.csv?${query}`, key);

describe('the export of scans', () => {
  it('holds every row of what is filtered, once, over many pages', async () => {
    await station.database.withService((db) =>
      db.query(
        `insert into items (organisation_id, connection_id, kind, ticket_id, comment_id, source_id, found_by, file_name, created_at, deadline_at)
         select $1, $2, 'attachment', '5000', '1', 'csv' || g, 'event', 'file ' || g, now() - (g / 7) * interval '1 microsecond', null
         from generate_series(1, 2345) g`,
        [station.a.id, station.a.connectionId],
      ),
    );
    const answer = await csvOf('ticket=5000');
    expect(answer.headers.get('content-type')).toContain('text/csv');
    expect(answer.headers.get('content-disposition')).toContain('lazaret-scans.csv');
    const rows = parse<Record<string, string>>(answer.text, { columns: true });
    expect(rows).toHaveLength(2345);
    expect(new Set(rows.map((row) => row['name'])).size).toBe(2345);
    expect(await auditOf(station.database, station.a.id, 'scans.exported')).toMatchObject([
      { detail: { query: { ticket: '5000' } } },
    ]);
  });

  it.each(['=cmd|calc', '@SUM(A1)', '+1', '-1', '\tx', 'a"b,c\nd'])(
    'takes %j for no formula and breaks no line',
    async (fileName) => {
      const id = await seedItem(station.database, station.a, { ticketId: '5001', fileName });
      const rows = parse<Record<string, string>>((await csvOf('ticket=5001')).text, { columns: true });
      expect(rows.find((row) => row['scan'] === id)?.['name']).toMatch(/^[^=+\-@\t\r\n]/u);
    },
  );

  it('is refused without an organisation, for another one, and with a wrong filter', async () => {
    expect((await csvOf('', station.analyst)).status).toBe(400);
    expect((await csvOf(`organisation=${station.b.id}`)).status).toBe(404);
    expect((await csvOf('verdict=fine')).status).toBe(400);
    expect((await csvOf(`organisation=${station.a.id}&ticket=5001`, station.analyst)).status).toBe(200);
  });
});

/** Reads events of a stream until `done` says so. */
async function eventsUntil(
  key: string,
  query: string,
  done: (events: { event: string; data: any }[]) => boolean, // eslint-disable-line @typescript-eslint/no-explicit-any -- events of several shapes
  onOpen: () => Promise<unknown>,
) {
  const stop = new AbortController();
  const headers = { authorization: `Bearer ${key}` };
  const response = await fetch(`${station.url}/api/v1/scan-changes?${query}`, { headers, signal: stop.signal });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  const events: { event: string; data: unknown }[] = [];
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString();
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const [, event, data] = /event: (\w+)\ndata: (.*)/u.exec(text.slice(0, end)) ?? [];
      text = text.slice(end + 2);
      if (event === undefined) continue;
      events.push({ event, data: JSON.parse(data ?? 'null') });
      if (event === 'open') await onOpen();
    }
    if (done(events)) break;
  }
  stop.abort();
  return events;
}

describe('the stream of changed scans', () => {
  it('tells of every change after it opened, once, and of no other organisation', async () => {
    const old = await seedItem(station.database, station.a, { ticketId: '6000' });
    let fresh = '';
    let theirs = '';
    const named = (events: { event: string; data: { ids: string[] } }[]): string[] =>
      events.flatMap(({ event, data }) => (event === 'scans' ? data.ids : []));
    const events = await eventsUntil(
      station.a.viewer,
      '',
      (all) => named(all).includes(fresh) && named(all).includes(old),
      async () => {
        theirs = await seedItem(station.database, station.b, { ticketId: '6000' });
        fresh = await seedItem(station.database, station.a, { ticketId: '6000' });
        await station.database.withService((db) =>
          db.query('update items set state = $2, updated_at = now() where id = $1', [old, 'held']),
        );
      },
    );
    const ids = named(events as { event: string; data: { ids: string[] } }[]);
    expect(ids.toSorted()).toEqual([old, fresh].toSorted());
    expect(ids).not.toContain(theirs);
  });

  it('tells of a row whose transaction began before the last look', async () => {
    let slow = '';
    let looked = '';
    const seen: string[] = [];
    await eventsUntil(
      station.a.viewer,
      '',
      (all) => {
        for (const { event, data } of all) if (event === 'scans') seen.push(...data.ids);
        return slow !== '' && seen.includes(slow) && seen.includes(looked);
      },
      async () => {
        await station.database.withService(async (db) => {
          slow = await seedIn(db, 'slow');
          // Another row is made, and told of, while this one is not to be seen yet.
          looked = await seedItem(station.database, station.a, { ticketId: '6001' });
        });
      },
    );
    expect(seen).toContain(slow);
  });

  it('is refused for another organisation, and without one', async () => {
    const path = `/api/v1/scan-changes`;
    expect((await station.call('GET', `${path}?organisation=${station.b.id}`, station.a.viewer)).status).toBe(404);
    expect((await station.call('GET', path, station.analyst)).status).toBe(400);
    expect((await station.call('GET', path)).status).toBe(401);
  });

  async function seedIn(db: Parameters<Parameters<Station['database']['withService']>[0]>[0], source: string) {
    const { rows } = await db.query<{ id: string }>(
      `insert into items (organisation_id, connection_id, kind, ticket_id, comment_id, source_id, found_by, file_name, deadline_at)
       values ($1, $2, 'attachment', '6001', '1', $3, 'event', 'slow.txt', null) returning id`,
      [station.a.id, station.a.connectionId, source],
    );
    return rows[0]?.id ?? '';
  }
});
