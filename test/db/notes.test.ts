import { randomUUID } from 'node:crypto';
import * as notes from '../../db/notes';
import type { Queryable } from '../../db/pool';
import { nextId, openTenants } from './tenants';
import type { Tenant, Tenants } from './tenants';

let tenants: Tenants;
let one: Tenant;
beforeAll(async () => {
  tenants = await openTenants();
  one = await tenants.tenant();
});
afterAll(() => tenants.close());

const inside = <T>(work: (db: Queryable) => Promise<T>) => tenants.database.withOrganisation(one.organisationId, work);
const service = <T>(work: (db: Queryable) => Promise<T>) => tenants.database.withService(work);

async function entry(ticketId: string, kind: notes.NewNoteEntry['kind'] = 'contained', key: string = randomUUID()) {
  const itemId = await tenants.item(one, { ticketId });
  const row = { ...one, ticketId, itemId, kind, key };
  await inside((db) => notes.insertNoteEntry(db, row));
  return row;
}

const openOn = (ticketId: string, limit = 50) =>
  inside((db) => notes.lockOpenEntries(db, one.connectionId, ticketId, limit));

async function freeze(ticketId: string, entryIds?: string[]): Promise<string> {
  const id = randomUUID();
  const ids = entryIds ?? (await openOn(ticketId)).map((row) => row.id);
  const names = { id, organisation_id: one.organisationId, connection_id: one.connectionId, ticket_id: ticketId };
  const batch = { ...names, target_ticket_id: ticketId, key: `note:${id}`, html: '<p>said</p>', text: 'said' };
  await inside((db) => notes.insertNoteBatch(db, batch, ids));
  return id;
}

describe('note entries', () => {
  it('are said once per key, however often and however concurrently they are reported', async () => {
    const ticketId = nextId();
    const row = await entry(ticketId, 'contained', `contained:${ticketId}:machine`);
    await Promise.all(Array.from({ length: 20 }, () => inside((db) => notes.insertNoteEntry(db, row))));
    expect(await openOn(ticketId)).toHaveLength(1);
  });

  it('are not said again after their note is written', async () => {
    const ticketId = nextId();
    const row = await entry(ticketId);
    const batchId = await freeze(ticketId);
    await inside((db) => notes.finishNoteBatch(db, batchId, { state: 'written' }));
    await inside((db) => notes.insertNoteEntry(db, row));
    expect(await openOn(ticketId)).toEqual([]);
  });

  it('come in the order in which they happened, as many as a note holds', async () => {
    const ticketId = nextId();
    const rows = [await entry(ticketId), await entry(ticketId), await entry(ticketId)];
    expect((await openOn(ticketId, 2)).map((row) => row.item_id)).toEqual(rows.slice(0, 2).map((row) => row.itemId));
  });

  it('of other tickets stay out of a note', async () => {
    const ticketId = nextId();
    await entry(ticketId);
    await entry(nextId());
    expect(await openOn(ticketId)).toHaveLength(1);
  });
});

describe('a release', () => {
  it('is taken back while no note holds it, and is never said then', async () => {
    const ticketId = nextId();
    const row = await entry(ticketId, 'released');
    expect(await inside((db) => notes.cancelOpenRelease(db, row.itemId))).toBe(true);
    expect(await openOn(ticketId)).toEqual([]);
    expect(await inside((db) => notes.hasUnfinishedRelease(db, row.itemId))).toBe(false);
  });

  it('cannot be taken back once it is frozen into a note', async () => {
    const ticketId = nextId();
    const row = await entry(ticketId, 'released');
    const batchId = await freeze(ticketId);
    expect(await inside((db) => notes.cancelOpenRelease(db, row.itemId))).toBe(false);
    expect(await inside((db) => notes.hasUnfinishedRelease(db, row.itemId))).toBe(true);
    await inside((db) => notes.finishNoteBatch(db, batchId, { state: 'written' }));
    expect(await inside((db) => notes.hasUnfinishedRelease(db, row.itemId))).toBe(false);
  });

  it('is not confused with other news of the same file', async () => {
    const row = await entry(nextId(), 'contained');
    expect(await inside((db) => notes.cancelOpenRelease(db, row.itemId))).toBe(false);
  });
});

describe('a batch', () => {
  it('freezes entries and text, and is found again as long as it is unfinished', async () => {
    const ticketId = nextId();
    await entry(ticketId);
    const batchId = await freeze(ticketId);
    await entry(ticketId);
    expect(await openOn(ticketId)).toHaveLength(1);
    expect(await inside((db) => notes.readBatchEntries(db, batchId))).toHaveLength(1);
    const found = () => inside((db) => notes.findFrozenBatch(db, one.connectionId, ticketId));
    expect(await found()).toMatchObject({ id: batchId, state: 'frozen', html: '<p>said</p>', attempts: 0 });
    await inside((db) => notes.finishNoteBatch(db, batchId, { state: 'refused', refusal: 'ticket_closed' }));
    expect(await found()).toBeUndefined();
  });

  it('ends once: the second end changes nothing', async () => {
    const ticketId = nextId();
    await entry(ticketId);
    const batchId = await freeze(ticketId);
    const written = { state: 'written' as const, auditId: '1', commentId: nextId(), attachmentIds: ['7', '8'] };
    const ends = await Promise.all([
      inside((db) => notes.finishNoteBatch(db, batchId, written)),
      inside((db) => notes.finishNoteBatch(db, batchId, written)),
      inside((db) => notes.finishNoteBatch(db, batchId, written)),
    ]);
    expect(ends.filter(Boolean)).toHaveLength(1);
    const late = { state: 'refused' as const, refusal: 'ticket_gone' as const };
    expect(await inside((db) => notes.finishNoteBatch(db, batchId, late))).toBe(false);
    expect(await inside((db) => notes.readNoteBatch(db, batchId))).toMatchObject({
      state: 'written',
      refusal: null,
      comment_id: written.commentId,
      attachment_ids: ['7', '8'],
    });
    expect(await inside((db) => notes.findBatchOfComment(db, one.connectionId, written.commentId))).toMatchObject({
      id: batchId,
    });
  });

  it('counts attempts before they are made, and is in flight only then, on the ticket that it goes to', async () => {
    const [ticketId, target] = [nextId(), nextId()];
    await entry(ticketId);
    const batchId = await freeze(ticketId);
    const inFlight = async (id: string) =>
      (await inside((db) => notes.findBatchesInFlight(db, one.connectionId, id))).map((row) => row.id);
    expect(await inFlight(ticketId)).toEqual([]);
    expect(await inside((db) => notes.countNoteAttempt(db, batchId))).toBe(1);
    expect(await inside((db) => notes.countNoteAttempt(db, batchId))).toBe(2);
    expect(await inFlight(ticketId)).toEqual([batchId]);
    await inside((db) => notes.retargetNoteBatch(db, batchId, target));
    expect([await inFlight(ticketId), await inFlight(target)]).toEqual([[], [batchId]]);
    await inside((db) => notes.finishNoteBatch(db, batchId, { state: 'written' }));
    expect(await inFlight(target)).toEqual([]);
  });
});

describe('tickets with something to say', () => {
  beforeEach(() => service((db) => db.query('update note_entries set deadline_at = null')));
  const claim = () => service((db) => notes.claimDueNoteTickets(db, 100, 60));

  it('are claimed once, however many entries they have, and again only after the lease', async () => {
    const ticketId = nextId();
    await entry(ticketId);
    await entry(ticketId);
    const claims = await Promise.all([claim(), claim(), claim()]);
    expect(claims.flat().filter((row) => row.ticket_id === ticketId).length).toBeGreaterThanOrEqual(1);
    expect(await claim()).toEqual([]);
  });

  it('stay due while a note is frozen and unfinished, and rest when it has ended', async () => {
    const ticketId = nextId();
    await entry(ticketId);
    const batchId = await freeze(ticketId);
    expect(await claim()).toHaveLength(1);
    await service((db) => db.query('update note_entries set deadline_at = now() where batch_id = $1', [batchId]));
    expect(await claim()).toHaveLength(1);
    await inside((db) => notes.finishNoteBatch(db, batchId, { state: 'written' }));
    await service((db) => db.query(`update note_entries set deadline_at = deadline_at - interval '1 hour'`));
    expect(await claim()).toEqual([]);
  });

  it('have work under way while a file is being looked into or taken out', async () => {
    const ticketId = nextId();
    const busy = () => inside((db) => notes.hasWorkUnderWay(db, one.connectionId, ticketId));
    expect(await busy()).toBe(false);
    const itemId = await tenants.item(one, { ticketId });
    const states: [string, string | null, boolean][] = [
      ['pending', null, true],
      ['scanning', null, true],
      ['waiting', 'containing', true],
      ['waiting', 'reconnect_needed', false],
      ['held', null, false],
      ['clean', null, false],
    ];
    for (const [state, reason, expected] of states) {
      const sql = 'update items set state = $2, state_reason = $3 where id = $1';
      await inside((db) => db.query(sql, [itemId, state, reason]));
      expect([state, reason, await busy()]).toEqual([state, reason, expected]);
    }
  });
});
