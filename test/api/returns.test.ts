import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { contentDisposition } from '../../api/routes/scan-file';
import { auditOf, openStation, seedItem } from './support';
import type { Station } from './support';

const bytes = randomBytes(300_000);
const store = new Map<string, () => Readable>();
let station: Station;
beforeAll(async () => {
  station = await openStation({
    openSealed: async ({ itemId }) => {
      const open = store.get(itemId);
      return open && { length: bytes.length, body: open() };
    },
  });
});
afterAll(() => station.close());

const refused = (seed: object = {}) =>
  seedItem(station.database, station.a, {
    verdict: 'clean',
    state: 'release_refused',
    stateReason: 'ticket_closed',
    ...seed,
  });

const post = (id: string, act: string) => station.call('POST', `/api/v1/scans/${id}/${act}`, station.a.admin);
const kindsOf = async (id: string) =>
  (await auditOf(station.database, station.a.id)).filter((event) => event.item_id === id).map((event) => event.kind);

async function rowOf(id: string) {
  const { rows } = await station.database.withService((db) =>
    db.query<{ state: string; state_reason: string; settled: boolean; due: boolean }>(
      `select state, state_reason, return_settled_at is not null as settled, deadline_at is not null as due
       from items where id = $1`,
      [id],
    ),
  );
  return rows[0];
}

const download = (id: string, key = station.a.admin) =>
  fetch(`${station.url}/api/v1/scans/${id}/file`, { headers: { authorization: `Bearer ${key}` } });

describe('download', () => {
  it('gives the original bytes, as a file that nothing runs, and settles the return', async () => {
    const id = await refused({ fileName: '../we"ird\r\nSet-Cookie: a=b; \u202efdp.html' });
    store.set(id, () => Readable.from([bytes.subarray(0, 1000), bytes.subarray(1000)]));
    const response = await download(id);
    expect(response.status).toBe(200);
    const got = Buffer.from(await response.arrayBuffer());
    expect(createHash('sha256').update(got).digest()).toEqual(createHash('sha256').update(bytes).digest());
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('content-security-policy')).toContain('sandbox');
    expect(response.headers.get('set-cookie')).toBeNull();
    expect(response.headers.get('content-disposition')).toMatch(
      /^attachment; filename="[\w .-]+"; filename\*=UTF-8''\S+$/u,
    );
    expect(await kindsOf(id)).toEqual(['clean_file.download_started', 'clean_file.delivered']);
    expect((await rowOf(id))?.settled).toBe(true);
  });

  it('breaks off, and does not count, when the seal does not hold', async () => {
    const id = await refused();
    store.set(id, () =>
      Readable.from(
        (function* () {
          yield bytes.subarray(0, 100_000);
          throw new Error('the seal does not hold');
        })(),
      ),
    );
    await expect(download(id).then((response) => response.arrayBuffer())).rejects.toThrow();
    expect(await kindsOf(id)).toEqual(['clean_file.download_started']);
    expect((await rowOf(id))?.settled).toBe(false);
  });

  it('refuses HEAD, which would count as a download without bytes', async () => {
    const id = await refused();
    store.set(id, () => Readable.from([bytes]));
    const headers = { authorization: `Bearer ${station.a.admin}` };
    expect((await fetch(`${station.url}/api/v1/scans/${id}/file`, { method: 'HEAD', headers })).status).toBe(405);
    expect((await rowOf(id))?.settled).toBe(false);
  });

  it.each([
    { verdict: 'malicious', state: 'held' },
    { verdict: 'malicious', state: 'release_refused' },
    { verdict: 'clean', state: 'released' },
    { verdict: 'clean', state: 'clean' },
    { verdict: 'unscannable', state: 'release_refused' },
  ])('refuses a file with %j', async (seed) => {
    const id = await refused(seed);
    store.set(id, () => Readable.from([bytes]));
    const response = await download(id);
    expect(response.status).toBe(409);
    expect(await kindsOf(id)).toEqual([]);
  });

  it('says that the sealed copy is not kept', async () => {
    const response = await download(await refused());
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ type: 'urn:lazaret:problem:sealed_copy_missing' });
  });
});

describe('follow-up', () => {
  it('sends the item back to work, once', async () => {
    const id = await refused();
    const first = await post(id, 'follow-up');
    expect(first.status).toBe(202);
    expect(first.body).toMatchObject({ state: 'releasing', stateReason: 'follow_up' });
    expect((await post(id, 'follow-up')).status).toBe(202);
    expect(await kindsOf(id)).toEqual(['follow_up.requested']);
    expect(await rowOf(id)).toMatchObject({ state: 'releasing', due: true });
  });

  it('is refused for a ticket that is not closed', async () => {
    const { status, body } = await post(await refused({ stateReason: 'uploads_restricted' }), 'follow-up');
    expect(status).toBe(409);
    expect(body.type).toBe('urn:lazaret:problem:ticket_not_closed');
    expect(body.detail).toContain('uploads_restricted');
  });

  it('is refused for a file that was decided malicious since', async () => {
    const id = await refused({ verdict: 'malicious' });
    expect((await post(id, 'follow-up')).status).toBe(409);
    expect(await rowOf(id)).toMatchObject({ state: 'release_refused', due: false });
  });
});

describe('decline', () => {
  it('settles the return, once', async () => {
    const id = await refused();
    const first = await post(id, 'decline');
    const again = await post(id, 'decline');
    expect([first.status, again.status]).toEqual([200, 200]);
    expect(again.body.settledAt).toBe(first.body.settledAt);
    expect(await kindsOf(id)).toEqual(['return.declined']);
  });

  it('is refused where nothing waits', async () => {
    expect((await post(await refused({ state: 'held', verdict: 'malicious' }), 'decline')).status).toBe(409);
  });
});

describe('name of a downloaded file', () => {
  it.each([
    ['plain.pdf', `attachment; filename="plain.pdf"; filename*=UTF-8''plain.pdf`],
    ['übersicht (1).pdf', `attachment; filename="_bersicht _1_.pdf"; filename*=UTF-8''%C3%BCbersicht%20%281%29.pdf`],
    ['..\\..\\evil.bat', `attachment; filename="__.._evil.bat"; filename*=UTF-8''__.._evil.bat`],
    ['', `attachment; filename="file"; filename*=UTF-8''file`],
  ])('%p becomes %p', (name, header) => expect(contentDisposition(name)).toBe(header));

  it('holds no character that ends a header, and not more than fits one', () => {
    const header = contentDisposition(`a\r\nX: y"; filename=b\0\ud800${'é'.repeat(10_000)}.exe`);
    expect(header).toMatch(/^[\x20-\x7e]+$/u);
    expect(header.length).toBeLessThan(1500);
    expect(header).toMatch(/\.exe$/u);
  });
});
