import { openStation, randomSha, seedInspection, seedItem } from './support';
import type { Station } from './support';

let station: Station;
beforeAll(async () => {
  station = await openStation({ temporalUi: 'http://temporal.test' });
});
afterAll(() => station.close());

const idsOf = (body: { scans: { id: string }[] }) => body.scans.map((scan) => scan.id);

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
