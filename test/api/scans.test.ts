import { openStation, auditOf, randomSha, seedInspection, seedItem } from './support';
import type { Station } from './support';

let station: Station;
beforeAll(async () => {
  station = await openStation({ temporalUi: 'http://temporal.test' });
});
afterAll(() => station.close());

const idsOf = (body: { scans: { id: string }[] }) => body.scans.map((scan) => scan.id);
const list = async (query: string, key = station.a.viewer) =>
  (await station.call('GET', `/api/v1/scans?${query}`, key)).body;

describe('list of scans', () => {
  it('walks 250 rows without repeat or gap while rows are inserted', async () => {
    const ticketId = '250';
    const seeded: string[] = [];
    // Forty share each microsecond, and neighbours differ by one: a cursor cut to milliseconds would skip or repeat.
    for (let i = 0; i < 250; i++) {
      const createdAt = `2026-05-01T10:00:00.${String(123000 + Math.floor(i / 40)).padStart(6, '0')}Z`;
      seeded.push(await seedItem(station.database, station.a, { ticketId, createdAt }));
    }
    const walked: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: { scans: { id: string }[]; nextCursor: string | null } = await list(
        `ticket=${ticketId}&limit=37${cursor === '' ? '' : `&cursor=${cursor}`}`,
      );
      walked.push(...idsOf(page));
      cursor = page.nextCursor;
      await seedItem(station.database, station.a, { ticketId });
    }
    expect(walked).toHaveLength(250);
    expect(new Set(walked)).toEqual(new Set(seeded));
  });

  it('refuses a cursor of other filters', async () => {
    const { nextCursor } = await list('ticket=250&limit=1');
    const answer = await station.call('GET', `/api/v1/scans?limit=1&cursor=${nextCursor}`, station.a.viewer);
    expect(answer.status).toBe(400);
    expect(answer.body.errors[0].field).toBe('cursor');
  });

  it('filters by each field', async () => {
    const sha256 = randomSha();
    const id = await seedItem(station.database, station.a, {
      ticketId: '777',
      sha256,
      verdict: 'unscannable',
      reason: 'encrypted',
      state: 'noted',
      fileName: 'Quarterly 100%_report.PDF',
      createdAt: '2026-01-05T12:00:00Z',
    });
    const clean = await seedItem(station.database, station.a, { ticketId: '777', verdict: 'clean', state: 'clean' });
    expect(idsOf(await list('ticket=777'))).toEqual([clean, id]);
    expect(idsOf(await list('ticket=777&verdict=unscannable'))).toEqual([id]);
    expect(idsOf(await list('ticket=777&verdict=clean&verdict=unscannable'))).toHaveLength(2);
    expect(idsOf(await list('ticket=777&state=noted,held'))).toEqual([id]);
    expect(idsOf(await list('ticket=777&kind=url'))).toEqual([]);
    expect(idsOf(await list('ticket=777&channel=zendesk'))).toHaveLength(2);
    expect(idsOf(await list(`sha256=${sha256}`))).toEqual([id]);
    expect(idsOf(await list('from=2026-01-05T00:00:00Z&to=2026-01-06T00:00:00%2B01:00'))).toEqual([id]);
    expect(idsOf(await list(`text=${sha256.slice(0, 12).toUpperCase()}`))).toEqual([id]);
    expect(idsOf(await list(`text=${encodeURIComponent('100%_REPORT')}`))).toEqual([id]);
    expect(idsOf(await list(`text=${encodeURIComponent('%_%_%_%_x')}`))).toEqual([]);
    expect(idsOf(await list('text=777'))).toEqual(expect.arrayContaining([id, clean]));
  });

  it('filters by what was found, by type and by who wrote the comment', async () => {
    const ticketId = '778';
    const found = await seedItem(station.database, station.a, { ticketId, fileName: 'a.pdf' });
    const other = await seedItem(station.database, station.a, { ticketId, fileName: 'b.zip' });
    await seedInspection(station.database, station.a, found, ['Win.Test-1']);
    await station.database.withService((db) =>
      db.query(`update items set detected_type = 'application/pdf', author_id = '77' where id = $1`, [found]),
    );
    const both = [other, found];
    for (const [query, expected] of [
      ['engine=yara', [found]],
      ['engine=yara,icap', [found]],
      ['engine=icap', []],
      ['rule=Win.Test-1', [found]],
      ['rule=Other', []],
      ['type=application/pdf', [found]],
      ['type=application/zip', []],
      ['requester=77', [found]],
      ['requester=78', []],
      ['channel=zendesk', both],
      ['channel=zendesk&verdict=malicious', both],
    ] as const) {
      expect([query, idsOf(await list(`ticket=${ticketId}&${query}`))]).toEqual([query, expected]);
    }
  });

  it('gives scans by their ids, and a link by its URL with secrets in it', async () => {
    const ticketId = '781';
    const [one, , three] = [
      await seedItem(station.database, station.a, { ticketId }),
      await seedItem(station.database, station.a, { ticketId }),
      await seedItem(station.database, station.a, { ticketId }),
    ];
    const theirs = await seedItem(station.database, station.b, { ticketId });
    expect(idsOf(await list(`id=${one},${theirs},${three}`))).toEqual([three, one]);
    const fileName = 'https://pay.example/reset/…?…';
    const link = await seedItem(station.database, station.a, { ticketId: '782', kind: 'url', fileName });
    for (const text of [
      'https://pay.example/reset/0123456789abcdef0123456789abcdef?user=1#x',
      'hxxps[:]//pay[.]example/reset',
      'https://pay.example/',
      'pay.example',
    ]) {
      expect([text, idsOf(await list(`text=${encodeURIComponent(text)}`))]).toEqual([text, [link]]);
    }
  });

  it.each([
    ['text=ab', 'text'],
    ['id=7', 'id.0'],
    ['engine=a%20b', 'engine.0'],
    ['requester=x', 'requester'],
    ['from=2026-05-02T00:00:00Z&to=2026-05-01T00:00:00Z', 'to'],
  ])('refuses %p and names the field', async (query, field) => {
    const answer = await station.call('GET', `/api/v1/scans?${query}`, station.a.viewer);
    expect(answer.status).toBe(400);
    expect(answer.body.errors.map((one: { field: string }) => one.field)).toContain(field);
  });

  it('never shows rows of another organisation through a text', async () => {
    await seedItem(station.database, station.b, { ticketId: '779', fileName: 'theirs-alone.pdf' });
    expect(idsOf(await list('text=theirs-alone'))).toEqual([]);
    const { rows } = await station.database.withOrganisation(station.a.id, (db) =>
      db.query(`select from scan_items where organisation_id = $1`, [station.b.id]),
    );
    expect(rows).toEqual([]);
  });

  it.each([
    "'; drop table items; --",
    '%',
    '_',
    '\\',
    '<script>alert(1)</script>',
    '{{ticket.requester.email}}',
    '\u202ecod.exe',
    '😀'.repeat(100),
    '\u0001\u0002',
    '=cmd|calc',
  ])('takes %p as a text like any other', async (text) => {
    const fileName = `hostile ${text} name.exe`;
    const id = await seedItem(station.database, station.a, { ticketId: '666', fileName });
    const { scans } = await list(`ticket=666&text=${encodeURIComponent(`hostile ${text}`)}`);
    const found = scans.filter((scan: { id: string }) => scan.id === id);
    expect(found).toHaveLength(1);
    expect(found[0].fileName).toBe(fileName);
    expect(found[0].displayName).not.toMatch(/[\u0000-\u001f\u202a-\u202e\u2066-\u2069]/u);
  });

  it('shows a name of 10,000 characters cut, with its end', async () => {
    const fileName = `${'a'.repeat(9996)}.exe`;
    await seedItem(station.database, station.a, { ticketId: '10000', fileName });
    const { scans } = await list('ticket=10000');
    expect(scans[0].fileName).toHaveLength(10_000);
    expect([...scans[0].displayName]).toHaveLength(120);
    expect(scans[0].displayName).toMatch(/^a+…a+\.exe$/u);
  });

  it('answers one page with one query', async () => {
    const queries: string[] = [];
    const original = station.database.withOrganisation.bind(station.database);
    station.database.withOrganisation = (id, work) =>
      original(id, (db) =>
        work({
          query: (text, values) => {
            queries.push(text);
            return db.query(text, values);
          },
        }),
      );
    await list('limit=200');
    station.database.withOrganisation = original;
    expect(queries).toHaveLength(1);
  });

  it('shows the operator every organisation, and tells each of them', async () => {
    const theirs = await seedItem(station.database, station.b, { ticketId: '4242' });
    const ours = await seedItem(station.database, station.a, { ticketId: '4242' });
    const before = (await auditOf(station.database, station.b.id, 'organisation.crossed')).length;
    expect(idsOf(await list('ticket=4242', station.analyst))).toEqual([ours, theirs]);
    const crossings = await auditOf(station.database, station.b.id, 'organisation.crossed');
    expect(crossings).toHaveLength(before + 1);
    expect(crossings.at(-1)).toMatchObject({
      actor: await station.keyId(station.analyst),
      detail: { role: 'analyst', purpose: 'listScans' },
    });
    expect(idsOf(await list(`ticket=4242&organisation=${station.b.id}`, station.support))).toEqual([theirs]);
    expect(await auditOf(station.database, station.b.id, 'organisation.crossed')).toHaveLength(before + 2);
  });
});
