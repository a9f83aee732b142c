import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { createSevenZipRunner } from '../../scanners/embedded/seven-zip';
import { createStructureViewer } from '../../scanners/embedded/structure/viewer';
import { zip } from '../scanners/samples';
import { auditOf, openStation, randomSha, seedInspection, seedItem } from './support';
import type { Station } from './support';

const structures = createStructureViewer();
const note = Buffer.from('open the letter at once');
const original = zip([{ name: 'inv\u202ecod.exe', data: note }]);
const sha256 = createHash('sha256').update(original).digest('hex');
const part = createHash('sha256').update(note).digest('hex');

let station: Station;
let scan: string;
beforeAll(async () => {
  station = await openStation({
    structures,
    openSealed: async (item) =>
      item.sha256 === sha256
        ? { length: original.length, body: Readable.from([original], { objectMode: false }) }
        : undefined,
  });
  scan = await seedItem(station.database, station.a, { sha256, fileName: 'outer.zip' });
  await seedInspection(station.database, station.a, scan, ['MacroStartsPowerShell']);
});
afterAll(async () => {
  await station.close();
  await structures.close();
});

const look = (path: string) => station.call('GET', `/api/v1/scans/${scan}/${path}`, station.analyst);
const events = async () =>
  (await auditOf(station.database, station.a.id)).filter(({ kind }) => kind.startsWith('sealed_copy.'));

it('shows the parts with what was found in each, names made harmless, and writes the look down', async () => {
  const { status, body } = await look('structure');
  expect(status).toBe(200);
  expect(body).toMatchObject({ more: false, reason: null });
  expect(body.nodes).toHaveLength(2);
  expect(body.nodes[0]).toMatchObject({ parent: null, displayName: 'outer.zip', sha256, findings: [] });
  expect(body.nodes[1]).toMatchObject({ parent: 0, displayName: 'inv⟨RLO⟩cod.exe', size: note.length, sha256: part });
  expect(body.nodes[1].findings).toMatchObject([{ rule: 'MacroStartsPowerShell', inside: [] }]);
  expect((await events()).at(-1)).toMatchObject({
    kind: 'sealed_copy.structure_seen',
    item_id: scan,
    actor: await station.keyId(station.analyst),
    detail: { sha256 },
  });
});

it('gives bytes, strings and facts of a part, each with its audit event', async () => {
  const bytes = await look(`parts/${part}/bytes?offset=5&length=3`);
  expect(bytes.body).toEqual({ offset: 5, size: note.length, hex: note.subarray(5, 8).toString('hex') });
  const strings = await look(`parts/${part}/strings`);
  expect(strings.body).toEqual({ strings: [{ at: 0, encoding: 'ascii', text: note.toString() }], next: null });
  const facts = await look(`parts/${part}/facts`);
  expect(facts.body.facts).toContainEqual({ group: 'general', name: 'sha256', value: part });
  expect((await events()).slice(-3).map(({ kind, detail }) => [kind, detail['part']])).toEqual([
    ['sealed_copy.bytes_seen', part],
    ['sealed_copy.strings_seen', part],
    ['sealed_copy.facts_seen', part],
  ]);
});

it('draws nothing of what is no picture, and knows no part that is not there', async () => {
  const picture = await look(`parts/${part}/picture`);
  expect([picture.status, picture.body.type]).toEqual([409, 'urn:lazaret:problem:no_picture']);
  expect((await look(`parts/${randomSha()}/facts`)).status).toBe(404);
  expect((await look('parts/short/facts')).status).toBe(404);
  expect((await look(`parts/${part}/bytes?length=99999`)).status).toBe(400);
});

it.each([
  [{ sha256: null, state: 'pending', verdict: 'pending' } as const, 'never read'],
  [{ state: 'clean', verdict: 'clean' } as const, 'Clean files are not kept'],
])('says of a file without a copy why there is none', async (seed, why) => {
  const id = await seedItem(station.database, station.a, seed);
  await station.database.withService((db) =>
    db.query('update objects set seal_key = null where sha256 = (select sha256 from items where id = $1)', [id]),
  );
  const before = (await events()).length;
  const answer = await station.call('GET', `/api/v1/scans/${id}/structure`, station.analyst);
  expect([answer.status, answer.body.type]).toEqual([409, 'urn:lazaret:problem:copy_not_kept']);
  expect(answer.body.detail).toContain(why);
  expect((await events()).length).toBe(before);
});

describe('the sealed copy', () => {
  const download = async (id: string, password: unknown) =>
    fetch(`${station.url}/api/v1/scans/${id}/sealed-copy`, {
      method: 'POST',
      headers: { authorization: `Bearer ${station.analyst}`, 'content-type': 'application/json' },
      body: JSON.stringify({ password }),
    });

  it('comes as an archive that 7-Zip opens with the password alone, byte for byte', async () => {
    const answer = await download(scan, 'a-long-word-1');
    expect(answer.headers.get('content-type')).toBe('application/zip');
    expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="${sha256.slice(0, 16)}.zip"`);
    const archive = Buffer.from(await answer.arrayBuffer());
    expect(archive.includes(note)).toBe(false);
    expect(archive.includes(original.subarray(0, 30))).toBe(false);
    const opened: [string, string][] = [];
    const budget = { totalBytes: 1e6, memberBytes: 1e6, members: 10 };
    for (const password of ['another-word', 'a-long-word-1']) {
      await createSevenZipRunner().extract(archive, [password], budget, (run) => {
        for (const { name, data } of run.members) opened.push([name, createHash('sha256').update(data).digest('hex')]);
        return true;
      });
    }
    expect(opened.filter(([, digest]) => digest === sha256)).toEqual([[`${sha256}.bin`, sha256]]);
    expect((await events()).slice(-2).map(({ kind }) => kind)).toEqual([
      'sealed_copy.download_started',
      'sealed_copy.downloaded',
    ]);
  });

  it.each([['short'], ['with a space'], ['päßwörter'], [undefined]])('refuses the password %j', async (password) => {
    const answer = await download(scan, password);
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ errors: [{ field: 'password' }] });
  });

  it('is refused where none is kept', async () => {
    const id = await seedItem(station.database, station.a);
    expect((await download(id, 'a-long-word-1')).status).toBe(409);
  });
});
