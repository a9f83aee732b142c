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

describe('one scan', () => {
  it('tells its whole story', async () => {
    const sha256 = randomSha();
    const id = await seedItem(station.database, station.a, { ticketId: '35436', sha256 });
    const copy = await seedItem(station.database, station.a, { ticketId: '99', sha256 });
    await seedItem(station.database, station.b, { ticketId: '98', sha256 });
    await seedInspection(station.database, station.a, id, ['Old']);
    await seedInspection(station.database, station.a, id, ['Macro', 'Dropper']);
    await seedMail(id);
    await station.call('POST', `/api/v1/scans/${id}/investigations`, station.a.admin, {
      opinion: 'clean',
      reason: 'ours',
    });
    await station.call('POST', `/api/v1/scans/${id}/verdict`, station.analyst, {
      verdict: 'clean',
      reason: 'a price list',
    });
    const { body } = await station.call('GET', `/api/v1/scans/${id}`, station.a.admin);
    expect(body.scan).toMatchObject({ id, verdict: 'clean', machineVerdict: 'malicious', state: 'held', size: 68 });
    expect(body.findings.map((finding: { rule: string }) => finding.rule)).toEqual(['Macro', 'Dropper']);
    expect(body.findings[0].path).toEqual(['outer.zip', 'inv⟨RLO⟩cod.exe']);
    expect(body.engines[0]).toMatchObject({ engine: 'yara', engineVersion: '1', rulesVersion: '2' });
    expect(body.inspections).toHaveLength(2);
    expect(body.decisions[0]).toMatchObject({
      verdict: 'clean',
      knownFindings: ['yara:Dropper', 'yara:Macro', 'yara:Old'],
    });
    expect(body.investigations[0]).toMatchObject({ state: 'answered', decisionId: body.decisions[0].id });
    expect(idsOf({ scans: body.copies })).toEqual([copy]);
    expect(body.copiesTotal).toBe(1);
    expect(body.sealedCopy).toMatchObject({ sealed: true, length: 68 });
    expect(body.notes[0]).toMatchObject({ kind: 'contained', state: 'written', commentId: '7' });
    expect(body.mails[0]).toMatchObject({ state: 'sent', address: 'soc@acme.example' });
    expect(body.auditEvents.map((event: { kind: string }) => event.kind)).toEqual([
      'investigation.requested',
      'decision.made',
      'investigation.answered',
    ]);
    const ticket = 'https://acme.zendesk.com/agent/tickets/35436';
    expect(body.links).toEqual({ ticket, comment: `${ticket}?comment=1`, workflow: null });
    expect(body.scan).toMatchObject({ organisationName: 'Acme', foundBy: ['yara'] });
    expect(body.people).toEqual({ [body.investigations[0].requestedBy]: 'admin of the tests' });
    expect(body.milestones).toMatchObject({ arrived: body.scan.createdAt, sealed: null, redacted: null });
    const viewed = await station.call('GET', `/api/v1/scans/${id}`, station.a.viewer);
    expect(viewed.body.mails[0].address).toBeNull();
    expect(viewed.text).not.toContain('soc@acme.example');
  });

  it('tells when each step was done and how long the sealed copy is kept', async () => {
    const id = await seedItem(station.database, station.a, { createdAt: '2026-01-01T00:00:00.000Z' });
    await station.database.withService(async (db) => {
      await db.query(`update items set contained_at = '2026-01-01T00:00:03.000Z' where id = $1`, [id]);
      for (const [second, kind] of [
        [1, 'object.sealed'],
        [2, 'item.redacted'],
      ]) {
        await db.query(
          `insert into audit_events (organisation_id, at, kind, item_id, actor_kind, actor)
           values ($1, '2026-01-01T00:00:00Z'::timestamptz + $2 * interval '1 second', $3, $4, 'lazaret', 'lazaret')`,
          [station.a.id, second, kind, id],
        );
      }
    });
    const { body } = await station.call('GET', `/api/v1/scans/${id}`, station.a.viewer);
    expect(body.milestones).toMatchObject({
      arrived: '2026-01-01T00:00:00.000Z',
      sealed: '2026-01-01T00:00:01.000Z',
      redacted: '2026-01-01T00:00:02.000Z',
      proven: '2026-01-01T00:00:03.000Z',
      noted: null,
    });
    expect(body.sealedCopy.keptUntil).toBe('2027-01-01T00:00:03.000Z');
  });

  it('links to the workflow for support only', async () => {
    const id = await seedItem(station.database, station.a);
    const forSupport = (await station.call('GET', `/api/v1/scans/${id}`, station.support)).body;
    const { connectionId, ticketId, attachmentId } = forSupport.scan;
    const workflowId = encodeURIComponent(`attachment:${connectionId}:${ticketId}:${attachmentId}`);
    expect(forSupport.links.workflow).toBe(`http://temporal.test/namespaces/default/workflows/${workflowId}`);
    for (const key of [station.a.admin, station.a.viewer, station.analyst]) {
      expect((await station.call('GET', `/api/v1/scans/${id}`, key)).body.links.workflow).toBeNull();
    }
  });

  it('tells of an item without bytes what there is', async () => {
    const id = await seedItem(station.database, station.a, { sha256: null, verdict: 'pending', state: 'pending' });
    const { status, body } = await station.call('GET', `/api/v1/scans/${id}`, station.a.viewer);
    expect(status).toBe(200);
    expect(body).toMatchObject({ sealedCopy: null, copies: [], findings: [], inspections: [] });
  });
});

async function seedMail(itemId: string): Promise<void> {
  await station.database.withService(async (db) => {
    const { rows } = await db.query<{ id: string }>(
      `insert into note_batches (organisation_id, connection_id, ticket_id, target_ticket_id, key, html, text, state, comment_id)
       values ($1, $2, '35436', '35436', $3, '', '', 'written', '7') returning id`,
      [station.a.id, station.a.connectionId, itemId],
    );
    await db.query(
      `insert into note_entries (organisation_id, connection_id, ticket_id, item_id, kind, key, batch_id)
       values ($1, $2, '35436', $3::uuid, 'contained', $3::text, $4)`,
      [station.a.id, station.a.connectionId, itemId, rows[0]?.id],
    );
    await db.query(
      `insert into email_outbox (organisation_id, batch_id, kind, address, message_id, subject, text, html, state)
       values ($1, $2, 'note', 'soc@acme.example', $3, 's', 't', 'h', 'sent')`,
      [station.a.id, rows[0]?.id, itemId],
    );
  });
}
