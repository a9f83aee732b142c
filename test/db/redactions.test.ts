import { LAZARET } from '../../db/audit-events';
import { recordDecision } from '../../db/decisions';
import { updateItem } from '../../db/items';
import { lockObject } from '../../db/objects';
import { beginOperation, finishOperation } from '../../db/operations';
import type { Queryable } from '../../db/pool';
import { readReadyRedactions } from '../../db/redactions';
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
const place = () => ({ ticketId: nextId(), commentId: nextId() });
const ready = async (at: { ticketId: string; commentId: string }) =>
  (await inside((db) => readReadyRedactions(db, one.connectionId, at.ticketId, at.commentId))).map((row) => row.id);

/** An item whose sealed copy was verified and whose redaction is written down. */
async function announced(at: { ticketId: string; commentId: string }, sha256 = 'a'.repeat(64)): Promise<string> {
  const itemId = await tenants.item(one, at);
  await inside(async (db) => {
    await lockObject(db, one.organisationId, sha256, 3);
    await updateItem(db, itemId, { state: 'waiting', state_reason: 'containing', sha256, length: 3 });
    const operation = { key: `redact:${itemId}`, organisationId: one.organisationId, itemId, kind: 'redact' };
    await beginOperation(db, operation);
  });
  return itemId;
}

const decide = (itemId: string, verdict: 'clean' | 'suspicious' | 'malicious') =>
  inside((db) => {
    const person = { actorId: LAZARET.id, actorRole: 'analyst' as const, reason: 'looked at it' };
    return recordDecision(db, { organisationId: one.organisationId, itemId, verdict, ...person });
  });

describe('redactions that are ready', () => {
  it('are those of one comment whose operation is written down and not finished', async () => {
    const at = place();
    const mine = [await announced(at), await announced(at)];
    await announced({ ...at, commentId: nextId() });
    await announced({ ...at, ticketId: nextId() });
    await tenants.item(one, at);
    expect((await ready(at)).sort()).toEqual(mine.sort());
    const [first = '', second] = mine;
    await inside((db) => finishOperation(db, `redact:${first}`, { byUs: true }));
    expect(await ready(at)).toEqual([second]);
  });

  it('leave out what no longer waits', async () => {
    const at = place();
    const itemId = await announced(at);
    await inside((db) => updateItem(db, itemId, { state: 'refused' }));
    expect(await ready(at)).toEqual([]);
  });

  it('leave out what an analyst has spared since, and hold it again when one orders it out', async () => {
    const at = place();
    const itemId = await announced(at, 'b'.repeat(64));
    await decide(itemId, 'clean');
    expect(await ready(at)).toEqual([]);
    await decide(itemId, 'suspicious');
    expect(await ready(at)).toEqual([]);
    await decide(itemId, 'malicious');
    expect(await ready(at)).toEqual([itemId]);
  });
});
